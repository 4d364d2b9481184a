"""`/classrooms/{id}/assignments` and `/assignments/{id}`."""

from typing import Any
from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor, Row
from chassis.errors import Conflict, Invalid, NotFound, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page, PageQuery
from classroom import fragments
from classroom.access import STAFF, managed, readable
from classroom.assignments import commands, views
from classroom.assignments.models import Assignment, AssignmentOrder, AssignmentPatch, Copy, NewAssignment
from classroom.attachments.commands import require_files

api = Api("classroom", "Classroom")


@api.get("/classrooms/{classroom_id}/assignments", summary="List assignments", response=Page[Assignment])
async def list_assignments(identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery) -> Page[Assignment]:
    """Oldest first; drafts are shown to the classroom's teachers and to admins."""
    return await views.list_assignments(db, identity, await readable(db, identity, classroom_id), query)


@api.post(
    "/classrooms/{classroom_id}/assignments",
    roles=STAFF,
    status=201,
    summary="Add an assignment",
    idempotent=True,
    errors=(Conflict,),
)
async def add_assignment(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewAssignment
) -> Reply[Assignment]:
    """A draft until it is published."""
    classroom = await managed(db, identity, classroom_id)
    await require_files(request, identity, db, body.file_ids)
    made = await commands.add_assignment(db, identity, classroom_id, body)
    fragments.mark_stale(request, made["stale"])
    return await _shown(db, identity, classroom, made["id"])


async def _shown(db: Executor, identity: Identity, classroom: Row, assignment_id: UUID) -> Reply[Assignment]:
    assignment = await views.find_assignment(db, identity, classroom, assignment_id)
    return Reply(assignment, etag(assignment.revision))


@api.get("/assignments/{assignment_id}", summary="Read an assignment")
async def read_assignment(identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Assignment]:
    """A draft is there for the classroom's teachers and for admins alone."""
    _, assignment = await views.reach_assignment(db, identity, assignment_id)
    return Reply(assignment, etag(assignment.revision))


async def _refuse(
    db: Executor, identity: Identity, classroom: Row, assignment_id: UUID, yours: dict[str, Any] | None
) -> None:
    current = await views.find_assignment(db, identity, classroom, assignment_id)
    raise PreconditionFailed(current.model_dump(mode="json"), yours)


@api.patch(
    "/assignments/{assignment_id}", roles=STAFF, summary="Change an assignment", errors=(Conflict, PreconditionFailed)
)
async def change_assignment(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: AssignmentPatch
) -> Reply[Assignment]:
    """Publishing is a change of `status`; what is published stays so."""
    classroom, current = await views.managed_assignment(db, identity, assignment_id)
    await require_files(request, identity, db, body.file_ids or (), assignment_id)
    changed = await commands.change_assignment(db, identity, current, body, expected(request))
    if changed is None:
        await _refuse(db, identity, classroom, assignment_id, body.model_dump(mode="json", exclude_unset=True))
    else:
        fragments.mark_stale(request, changed["stale"])
    return await _shown(db, identity, classroom, assignment_id)


@api.put(
    "/classrooms/{classroom_id}/assignments/order",
    roles=STAFF,
    status=204,
    summary="Order the assignments of a topic",
    errors=(Conflict,),
)
async def order_assignments(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: AssignmentOrder
) -> None:
    """What is named is put into the topic, from wherever it is, in this order; the rest of the topic comes after."""
    await managed(db, identity, classroom_id)
    fragments.mark_stale(request, await commands.order_assignments(db, identity, classroom_id, body))


@api.post(
    "/assignments/{assignment_id}/copy",
    roles=STAFF,
    status=201,
    summary="Copy an assignment to a classroom",
    idempotent=True,
    errors=(Conflict, NotFound),
)
async def copy_assignment(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: Copy
) -> Reply[Assignment]:
    """As a draft for everybody there; both classrooms must be the caller's to change."""
    await views.managed_assignment(db, identity, assignment_id, archived=True)
    classroom = await managed(db, identity, body.classroom_id)
    copied = await commands.copy_assignment(db, identity, assignment_id, body)
    fragments.mark_stale(request, copied["stale"])
    return await _shown(db, identity, classroom, copied["id"])


@api.delete(
    "/assignments/{assignment_id}",
    roles=STAFF,
    summary="Delete an assignment",
    errors=(Conflict, Invalid, PreconditionFailed),
)
async def delete_assignment(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> None:
    """Nobody sees it or its grades any more."""
    classroom, _ = await views.managed_assignment(db, identity, assignment_id)
    keys = [*fragments.views(classroom["id"]), fragments.school_key(identity.school_id)]
    stale = fragments.mark_stale(request, keys)
    if not await commands.delete_assignment(db, identity, assignment_id, expected(request), stale):
        await _refuse(db, identity, classroom, assignment_id, None)
