"""Marking by hand, correcting keys and item analysis: for the quiz's teachers."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, NotFound, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page
from classroom.access import STAFF
from classroom.quizzes.attempts.views import managed_attempt
from classroom.quizzes.live.hints import hint
from classroom.quizzes.marking import commands, views
from classroom.quizzes.marking.models import (
    AnswersQuery,
    AnswerToMark,
    Corrected,
    Correction,
    Mark,
    MarkingQueue,
    NewMark,
    PastKeys,
    QuizAnalysis,
)
from classroom.quizzes.rules.views import managed_quiz

api = Api("classroom", "Classroom")


@api.get("/assignments/{assignment_id}/marking", roles=STAFF, summary="List what waits to be marked")
async def marking_queue(identity: Identity, db: Executor, assignment_id: UUID) -> MarkingQueue:
    """By question."""
    _, _, rules = await managed_quiz(db, identity, assignment_id, archived=True)
    return await views.marking_queue(db, identity, rules)


@api.get(
    "/assignments/{assignment_id}/marking/{question_id}",
    roles=STAFF,
    summary="List the answers to one question",
    response=Page[AnswerToMark],
)
async def answers_to(
    identity: Identity, db: Executor, assignment_id: UUID, question_id: UUID, query: AnswersQuery
) -> Page[AnswerToMark]:
    """Of submitted attempts; without names while the quiz is marked anonymously."""
    _, _, rules = await managed_quiz(db, identity, assignment_id, archived=True)
    await _require_question(db, identity, assignment_id, question_id)
    return await views.answers_to(db, identity, rules, question_id, query)


async def _require_question(db: Executor, identity: Identity, assignment_id: UUID, question_id: UUID) -> None:
    rows = await db.rows("list_drawable_questions", id=assignment_id, school_id=identity.school_id)
    if question_id not in {row["id"] for row in rows}:
        raise NotFound("question")


@api.put(
    "/attempts/{attempt_id}/marks/{question_id}",
    roles=STAFF,
    summary="Mark an answer by hand",
    errors=(Conflict, PreconditionFailed),
)
async def give_mark(
    request: web.Request, identity: Identity, db: Executor, attempt_id: UUID, question_id: UUID, body: NewMark
) -> Reply[Mark]:
    """`If-Match` names the `mark_version` that is replaced. The student's result follows at once."""
    _, _, attempt = await managed_attempt(db, identity, attempt_id)
    given = await commands.give_mark(db, identity, attempt, question_id, body, expected(request))
    mark = await views.find_mark(db, identity, attempt_id, question_id)
    if not given:
        raise PreconditionFailed(mark.model_dump(mode="json"), body.model_dump(mode="json"))
    hint(request.app, attempt["assignment_id"])
    return Reply(mark, etag(mark.mark_version))


@api.post(
    "/assignments/{assignment_id}/questions/{question_id}/correction",
    roles=STAFF,
    summary="Correct a question's key and mark its answers anew",
    errors=(Conflict,),
)
async def correct(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, question_id: UUID, body: Correction
) -> Corrected:
    """With `preview` nothing changes. Marks given by hand stay; results follow, released ones are told again."""
    await managed_quiz(db, identity, assignment_id)
    report = await commands.correct(db, identity, assignment_id, question_id, body)
    hint(request.app, assignment_id)
    return report


@api.get(
    "/assignments/{assignment_id}/questions/{question_id}/corrections",
    roles=STAFF,
    summary="List the keys that stood before",
)
async def list_corrections(identity: Identity, db: Executor, assignment_id: UUID, question_id: UUID) -> PastKeys:
    """Newest first, with who corrected them and why."""
    await managed_quiz(db, identity, assignment_id, archived=True)
    await _require_question(db, identity, assignment_id, question_id)
    return await views.list_corrections(db, identity, assignment_id, question_id)


@api.get("/assignments/{assignment_id}/item-analysis", roles=STAFF, summary="Analyse the questions of a quiz")
async def analyse(identity: Identity, db: Executor, assignment_id: UUID) -> QuizAnalysis:
    """Over the attempts that count, before the release too; nothing below five of them."""
    await managed_quiz(db, identity, assignment_id, archived=True)
    return await views.analyse(db, identity, assignment_id)
