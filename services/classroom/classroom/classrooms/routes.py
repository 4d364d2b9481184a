"""`/classrooms`, `/classrooms/{id}` and its join code."""

from typing import Any
from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Invalid, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page, PageQuery
from classroom import fragments
from classroom.access import STAFF, managed, readable, require_owner
from classroom.classrooms import commands, views
from classroom.classrooms.models import (
    Classroom,
    ClassroomPatch,
    ClassroomQuery,
    ClassroomSummary,
    DeletedClassroom,
    JoinCode,
    NewClassroom,
    NewJoinCode,
)

api = Api("classroom", "Classroom")


@api.get("/classrooms", summary="List classrooms", response=Page[ClassroomSummary])
async def list_classrooms(identity: Identity, db: Executor, query: ClassroomQuery) -> Page[ClassroomSummary]:
    """Teachers and admins list all classrooms of their school, students their own."""
    return await views.list_classrooms(db, identity, query)


@api.post("/classrooms", roles=STAFF, status=201, summary="Open a classroom", idempotent=True)
async def open_classroom(
    request: web.Request, identity: Identity, db: Executor, body: NewClassroom
) -> Reply[Classroom]:
    """A teacher who opens a classroom teaches it."""
    stale = fragments.mark_stale(request, [fragments.person_key(identity.school_id, identity.account_id)])
    classroom_id = await commands.open_classroom(db, identity, body, stale)
    reply = await _shown(db, identity, classroom_id)
    return Reply(reply.body, {**reply.headers, "Location": f"{request.path}/{classroom_id}"})


async def _shown(db: Executor, identity: Identity, classroom_id: UUID) -> Reply[Classroom]:
    row = await readable(db, identity, classroom_id)
    return Reply(views.classroom_shown(identity, row), etag(row["version"]))


@api.get(
    "/deleted-classrooms",
    roles=STAFF,
    summary="List classrooms that may be restored",
    response=Page[DeletedClassroom],
)
async def list_deleted_classrooms(identity: Identity, db: Executor, query: PageQuery) -> Page[DeletedClassroom]:
    """What was deleted in the last 30 days: what a teacher owns, for an admin all."""
    return await views.list_deleted(db, identity, query)


@api.post("/classrooms/{classroom_id}/restore", roles=STAFF, summary="Restore a deleted classroom")
async def restore_classroom(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID
) -> Reply[Classroom]:
    """Within 30 days, with all that was in it; a new join code is made when one is wanted."""
    stale = fragments.mark_stale(request, [fragments.school_key(identity.school_id)])
    await commands.restore_classroom(db, identity, classroom_id, stale)
    return await _shown(db, identity, classroom_id)


@api.get("/classrooms/{classroom_id}", summary="Read a classroom")
async def read_classroom(identity: Identity, db: Executor, classroom_id: UUID) -> Reply[Classroom]:
    """Its join code is shown to its teachers and to admins."""
    return await _shown(db, identity, classroom_id)


@api.patch(
    "/classrooms/{classroom_id}", roles=STAFF, summary="Change a classroom", errors=(Conflict, PreconditionFailed)
)
async def change_classroom(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: ClassroomPatch
) -> Reply[Classroom]:
    """An archived classroom is read-only until its status is `active` again."""
    row = await managed(db, identity, classroom_id, archived=True)
    patch = body.model_dump(mode="json", exclude_unset=True)
    if row["status"] == "archived" and "status" not in patch:
        raise Conflict("classroom_archived", "The classroom is archived; make it active again first.")
    stale = fragments.mark_stale(request, fragments.views(classroom_id))
    if not await commands.change_classroom(db, identity, classroom_id, patch, expected(request), stale):
        await _refuse(db, identity, classroom_id, patch)
    return await _shown(db, identity, classroom_id)


async def _refuse(db: Executor, identity: Identity, classroom_id: UUID, yours: dict[str, Any] | None) -> None:
    current = views.classroom_shown(identity, await readable(db, identity, classroom_id))
    raise PreconditionFailed(current.model_dump(mode="json"), yours)


@api.delete(
    "/classrooms/{classroom_id}", roles=STAFF, summary="Delete a classroom", errors=(Invalid, PreconditionFailed)
)
async def delete_classroom(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> None:
    """For its owner and admins. Nobody sees it any more; nothing is lost, and for 30 days it may be restored."""
    require_owner(identity, await managed(db, identity, classroom_id, archived=True))
    stale = fragments.mark_stale(request, [fragments.school_key(identity.school_id)])
    if not await commands.delete_classroom(db, identity, classroom_id, expected(request), stale):
        await _refuse(db, identity, classroom_id, None)


@api.post("/classrooms/{classroom_id}/join-code", roles=STAFF, summary="Make a new join code", errors=(Conflict,))
async def rotate_join_code(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewJoinCode
) -> JoinCode:
    """The code before stops working."""
    await managed(db, identity, classroom_id)
    stale = fragments.mark_stale(request, [fragments.teacher_view(classroom_id)])
    return await commands.rotate_join_code(db, identity, classroom_id, body, stale)


@api.delete("/classrooms/{classroom_id}/join-code", roles=STAFF, summary="Disable joining by code")
async def disable_join_code(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> None:
    """Students join by code again once a new one is made."""
    await managed(db, identity, classroom_id, archived=True)
    stale = fragments.mark_stale(request, [fragments.teacher_view(classroom_id)])
    await commands.disable_join_code(db, identity, classroom_id, stale)
