"""`/classrooms/{id}/students/{id}/override`."""

from uuid import UUID

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from grading.access import ERRORS, STAFF, require_active, staff_classroom, staff_student
from grading.overrides import commands, views
from grading.overrides.models import NewOverride, Override

api = Api("grading", "Grading")
PATH = "/classrooms/{classroom_id}/students/{student_id}/override"


@api.get(PATH, summary="A student's total set by hand", roles=STAFF, errors=ERRORS)
async def read_override(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, student_id: UUID
) -> Reply[Override]:
    """With its history; the ETag is its version."""
    await staff_student(request, identity, db, classroom_id, student_id)
    found = await views.find_override(db, classroom_id, student_id)
    return Reply(found, etag(found.version))


@api.put(PATH, summary="Set a student's total by hand", roles=STAFF, errors=(*ERRORS, Conflict, PreconditionFailed))
async def put_override(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, student_id: UUID, body: NewOverride
) -> Reply[Override]:
    """`If-Match` names the override that is replaced; without it there must be none yet."""
    require_active(await staff_classroom(request, identity, db, classroom_id))
    await staff_student(request, identity, db, classroom_id, student_id)
    seen = expected(request) if hdrs.IF_MATCH in request.headers else 0
    stored = await commands.put_override(db, identity, classroom_id, student_id, body, seen)
    found = await views.find_override(db, classroom_id, student_id)
    if not stored:
        raise PreconditionFailed(found.model_dump(mode="json"), body.model_dump(mode="json"))
    return Reply(found, etag(found.version))
