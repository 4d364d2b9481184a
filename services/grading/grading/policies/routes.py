"""`/classrooms/{id}/policy`."""

from uuid import UUID

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page, PageQuery
from grading.access import ERRORS, STAFF, require_active, staff_classroom
from grading.gradebook.models import GradebookQuery, Preview
from grading.gradebook.views import preview
from grading.policies import commands, views
from grading.policies.models import ClassroomPolicy, Policy

api = Api("grading", "Grading")


@api.get("/classrooms/{classroom_id}/policy", summary="A classroom's policy", roles=STAFF, errors=ERRORS)
async def read_policy(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID
) -> Reply[ClassroomPolicy]:
    """How its totals are made; the ETag is its version."""
    await staff_classroom(request, identity, db, classroom_id)
    found = await views.find_policy(db, identity.school_id, classroom_id)
    return Reply(found, etag(found.version))


@api.put(
    "/classrooms/{classroom_id}/policy",
    summary="Set a classroom's policy",
    roles=STAFF,
    errors=(*ERRORS, Conflict, PreconditionFailed),
)
async def put_policy(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: Policy
) -> Reply[ClassroomPolicy]:
    """`If-Match` names the policy that is replaced; without it there must be none yet."""
    require_active(await staff_classroom(request, identity, db, classroom_id))
    seen = expected(request) if hdrs.IF_MATCH in request.headers else 0
    stored = await commands.put_policy(db, identity, classroom_id, body, seen)
    found = await views.find_policy(db, identity.school_id, classroom_id)
    if stored is None:
        raise PreconditionFailed(found.model_dump(mode="json"), body.model_dump(mode="json"))
    return Reply(found, etag(found.version))


@api.post("/classrooms/{classroom_id}/policy/preview", summary="Try a policy", roles=STAFF, errors=ERRORS)
async def preview_policy(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, query: GradebookQuery, body: Policy
) -> Preview:
    """What it would do to each student, by name; nothing is stored."""
    found = await staff_classroom(request, identity, db, classroom_id)
    await commands.check_groups(db, classroom_id, body)
    return await preview(db, identity.school_id, found, body, query)


@api.get("/classrooms/{classroom_id}/policy/history", summary="A classroom's past policies", roles=STAFF, errors=ERRORS)
async def list_policies(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery
) -> Page[ClassroomPolicy]:
    """The newest first."""
    await staff_classroom(request, identity, db, classroom_id)
    return await views.policy_history(db, identity.school_id, classroom_id, query)
