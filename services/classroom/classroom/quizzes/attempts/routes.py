"""`/assignments/{id}/attempts` and `/attempts/{id}`: taking a quiz."""

from uuid import UUID

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery
from classroom.access import require_manager
from classroom.quizzes.attempts import commands, views
from classroom.quizzes.attempts.models import (
    Attempt,
    AttemptSummary,
    NewAnswer,
    Receipt,
    SavedAnswer,
    Signs,
    SubmittedBy,
)
from classroom.quizzes.live.hints import hint
from classroom.quizzes.live.keys import LIVE
from classroom.quizzes.rules.views import reach_quiz

api = Api("classroom", "Classroom")
STUDENTS = frozenset({Role.STUDENT})


@api.post(
    "/assignments/{assignment_id}/attempts",
    roles=STUDENTS,
    summary="Start an attempt, or go on with the unfinished one",
    errors=(Conflict,),
)
async def start(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Attempt:
    """Starting twice is starting once."""
    attempt_id, is_new = await commands.start(db, identity, assignment_id)
    _, _, rules, row = await views.reach_attempt(db, identity, attempt_id)
    if is_new:
        hint(request.app, assignment_id)
    return await views.show_attempt(db, identity, rules, row)


@api.get("/assignments/{assignment_id}/attempts", summary="List attempts", response=Page[AttemptSummary])
async def list_attempts(
    identity: Identity, db: Executor, assignment_id: UUID, query: PageQuery
) -> Page[AttemptSummary]:
    """A student's own, the quiz's teachers all; scores only as far as they show to the caller."""
    classroom, _, _ = await reach_quiz(db, identity, assignment_id)
    if identity.role is not Role.STUDENT:
        require_manager(identity, classroom, archived=True)
    return await views.list_attempts(db, identity, assignment_id, query)


@api.get("/attempts/{attempt_id}", summary="Read an attempt")
async def read_attempt(identity: Identity, db: Executor, attempt_id: UUID) -> Attempt:
    """One's own, or any as the quiz's teacher. Marks and keys are in it only as far as they show to the caller."""
    _, _, rules, row = await views.reach_attempt(db, identity, attempt_id)
    return await views.show_attempt(db, identity, rules, row)


@api.put(
    "/attempts/{attempt_id}/answers/{question_id}",
    roles=STUDENTS,
    summary="Save an answer",
    errors=(Conflict,),
)
async def save_answer(
    request: web.Request, identity: Identity, db: Executor, attempt_id: UUID, question_id: UUID, body: NewAnswer
) -> SavedAnswer:
    """As over the socket: answered once it is committed; an older `rev` never overwrites a newer one (409 `stale`)."""
    _, assignment, _, _ = await views.reach_attempt(db, identity, attempt_id)
    async with request.app[LIVE].room(identity.school_id, assignment.id) as room:
        return await commands.save(room, attempt_id, question_id, body.rev, body.value)


@api.post("/attempts/{attempt_id}/signs", roles=STUDENTS, summary="Tell signs of progress", errors=(Conflict,))
async def tell_signs(request: web.Request, identity: Identity, db: Executor, attempt_id: UUID, body: Signs) -> None:
    """Where one is, what to look at again, whether the page is looked at: as over the socket."""
    _, assignment, _, row = await views.reach_attempt(db, identity, attempt_id)
    if row["status"] == "submitted":
        raise Conflict("submitted", commands.REFUSALS["submitted"])
    async with request.app[LIVE].room(identity.school_id, assignment.id) as room:
        commands.sign(room.writer, attempt_id, body)


@api.post("/attempts/{attempt_id}/submit", roles=STUDENTS, summary="Hand an attempt in")
async def submit(request: web.Request, identity: Identity, db: Executor, attempt_id: UUID) -> Attempt:
    """All that was saved is marked. Handing in twice is handing in once."""
    _, assignment, rules, row = await views.reach_attempt(db, identity, attempt_id)
    await commands.submit(db, row, identity.school_id, SubmittedBy.STUDENT)
    hint(request.app, assignment.id)
    _, _, rules, row = await views.reach_attempt(db, identity, attempt_id)
    return await views.show_attempt(db, identity, rules, row)


@api.get("/attempts/{attempt_id}/receipt", summary="Download the receipt of an attempt", response=Receipt)
async def read_receipt(identity: Identity, db: Executor, attempt_id: UUID) -> Reply[Receipt]:
    """Every answer with its revision, hash and time; no marks."""
    _, assignment, _, row = await views.reach_attempt(db, identity, attempt_id)
    name = f'attachment; filename="receipt-{attempt_id}.json"'
    return Reply(await views.receipt(db, identity, assignment, row), {hdrs.CONTENT_DISPOSITION: name})
