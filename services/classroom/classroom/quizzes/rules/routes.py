"""`/assignments/{id}/quiz` and `/assignments/{id}/extra-time`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor, Row
from chassis.errors import Conflict, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from classroom.access import STAFF
from classroom.quizzes.rules import commands, views
from classroom.quizzes.rules.models import ExtraTime, ExtraTimes, Quiz, RulesPatch

api = Api("classroom", "Classroom")


@api.get("/assignments/{assignment_id}/quiz", summary="Read the rules of a quiz")
async def read_quiz(identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Quiz]:
    """When it is open, how long it takes, what shows when; to a student also where they stand."""
    classroom, _, rules = await views.reach_quiz(db, identity, assignment_id)
    return await _shown(db, identity, classroom, rules)


async def _shown(db: Executor, identity: Identity, classroom: Row, rules: Row) -> Reply[Quiz]:
    quiz = await views.show_quiz(db, identity, classroom, rules)
    return Reply(quiz, etag(quiz.revision))


@api.patch(
    "/assignments/{assignment_id}/quiz",
    roles=STAFF,
    summary="Change the rules of a quiz",
    errors=(Conflict, PreconditionFailed),
)
async def change_rules(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: RulesPatch
) -> Reply[Quiz]:
    """Attempts under way keep their deadline; extend them where that is meant."""
    await views.managed_quiz(db, identity, assignment_id)
    patch = body.model_dump(mode="json", exclude_unset=True)
    changed = await commands.change_rules(db, identity, assignment_id, patch, expected(request))
    classroom, _, rules = await views.managed_quiz(db, identity, assignment_id)
    if not changed:
        quiz = await views.show_quiz(db, identity, classroom, rules)
        raise PreconditionFailed(quiz.model_dump(mode="json"), patch)
    return await _shown(db, identity, classroom, rules)


@api.get("/assignments/{assignment_id}/extra-time", roles=STAFF, summary="List who has more time")
async def list_extra_times(identity: Identity, db: Executor, assignment_id: UUID) -> ExtraTimes:
    """By name."""
    await views.managed_quiz(db, identity, assignment_id, archived=True)
    return ExtraTimes(items=await views.list_extra_times(db, identity, assignment_id))


@api.put(
    "/assignments/{assignment_id}/extra-time/{student_id}",
    roles=STAFF,
    summary="Give a student more time",
    errors=(Conflict,),
)
async def give_extra_time(
    identity: Identity, db: Executor, assignment_id: UUID, student_id: UUID, body: ExtraTime
) -> None:
    """In every attempt that starts from now on; one under way is extended by itself."""
    await views.managed_quiz(db, identity, assignment_id)
    await commands.give_extra_time(db, identity, assignment_id, student_id, body.seconds)


@api.delete(
    "/assignments/{assignment_id}/extra-time/{student_id}",
    roles=STAFF,
    summary="Take a student's additional time back",
    errors=(Conflict,),
)
async def take_extra_time(identity: Identity, db: Executor, assignment_id: UUID, student_id: UUID) -> None:
    """Attempts under way keep what they have."""
    await views.managed_quiz(db, identity, assignment_id)
    await commands.take_extra_time(db, identity, assignment_id, student_id)
