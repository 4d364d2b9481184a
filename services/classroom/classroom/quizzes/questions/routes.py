"""`/assignments/{id}/questions`: with their keys, for the quiz's teachers."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from classroom import fragments
from classroom.access import STAFF
from classroom.attachments.commands import questions_of, require_files
from classroom.quizzes.questions import commands, views
from classroom.quizzes.questions.models import NewQuestions, Questions
from classroom.quizzes.rules.views import managed_quiz

api = Api("classroom", "Classroom")


@api.get("/assignments/{assignment_id}/questions", roles=STAFF, summary="Read the questions of a quiz")
async def read_questions(identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Questions]:
    """With their keys; for the classroom's own teachers and admins."""
    _, _, rules = await managed_quiz(db, identity, assignment_id, archived=True)
    return Reply(await views.show_questions(db, identity, rules), etag(rules["revision"]))


@api.put(
    "/assignments/{assignment_id}/questions",
    roles=STAFF,
    summary="Replace the questions of a quiz",
    errors=(Conflict, PreconditionFailed),
)
async def replace_questions(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: NewQuestions
) -> Reply[Questions]:
    """As long as nobody has started. A question with its `id` is changed, one without is new, one left out is gone."""
    _, assignment, before = await managed_quiz(db, identity, assignment_id)
    fragments.mark_stale(request, fragments.views(assignment.classroom_id))
    await require_files(request, identity, db, commands.pictures(body), questions_of(assignment_id))
    replaced = await commands.replace_questions(db, identity, assignment, before, body, expected(request))
    _, _, rules = await managed_quiz(db, identity, assignment_id)
    shown = await views.show_questions(db, identity, rules)
    if not replaced:
        raise PreconditionFailed(shown.model_dump(mode="json"), body.model_dump(mode="json"))
    return Reply(shown, etag(shown.revision))
