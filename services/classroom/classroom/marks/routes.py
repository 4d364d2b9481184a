"""`/classrooms/{id}/marks`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor
from chassis.errors import Conflict, PreconditionFailed
from chassis.identity import Identity
from classroom.access import STAFF, managed
from classroom.grades.routes import mark_stale
from classroom.marks import commands
from classroom.marks.models import MarkedSheet, MarksOutcome, MarksQuery

api = Api("classroom", "Classroom")


@api.post(
    "/classrooms/{classroom_id}/marks",
    roles=STAFF,
    summary="Take over the marks of an exported gradebook",
    errors=(Conflict, PreconditionFailed),
)
async def import_marks(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, query: MarksQuery, body: MarkedSheet
) -> MarksOutcome:
    """All or nothing. With `dry_run` it says what it would do; sending its `state` back does exactly that."""
    await managed(db, identity, classroom_id)
    if query.dry_run:
        plan = await commands.plan_marks(db, identity, classroom_id, body.csv)
        return plan.outcome(applied=False)
    plan = await commands.apply_marks(db, identity, classroom_id, body)
    if plan.steps:
        mark_stale(request, classroom_id, {step.change.student_id for step in plan.steps})
    return plan.outcome(applied=True)
