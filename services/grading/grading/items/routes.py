"""`/quizzes/{id}/statistics`."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity
from grading.access import ERRORS, STAFF
from grading.items import views
from grading.items.models import QuizStatistics

api = Api("grading", "Grading")


@api.get("/quizzes/{assignment_id}/statistics", summary="A quiz's item analysis", roles=STAFF, errors=ERRORS)
async def read_quiz_statistics(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID
) -> QuizStatistics:
    """How each question did, and the quiz as a whole; nothing before results and answers may be shown."""
    found = await existing(request, identity, "quiz", lambda: views.find_quiz(db, identity, assignment_id))
    return views.quiz_statistics(found)
