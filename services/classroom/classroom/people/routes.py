"""Joining by code, and `/classrooms/{id}/students` and `/teachers`."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.api import Api, Reply
from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound, TooMany
from chassis.etags import etag
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery
from classroom import fragments
from classroom.access import STAFF, managed, readable, require_owner
from classroom.classrooms.models import Classroom
from classroom.classrooms.views import classroom_shown
from classroom.people import commands, views
from classroom.people.guesses import guess
from classroom.people.models import Member, NewEnrolment, NewMember, NewOwner

api = Api("classroom", "Classroom")


def _teacher_stale(request: web.Request, identity: Identity, classroom_id: UUID, teacher_id: UUID) -> list[str]:
    person = fragments.person_key(identity.school_id, teacher_id)
    return fragments.mark_stale(request, [person, *fragments.views(classroom_id)])


async def _account(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> Row:
    """An active account of the school; one that auth has just made may still be on its way. Raises NotFound."""

    async def look() -> Row | None:
        return await db.row("find_person", school_id=identity.school_id, account_id=account_id)

    return await existing(request, identity, "account", look)


# Joining twice is joining once, whatever the key; and a try is counted outside of any transaction.
@api.post(
    "/enrollments",
    roles={Role.STUDENT},
    status=201,
    summary="Join a classroom by its code",
    errors=(NotFound, TooMany),
)
async def join_classroom(
    request: web.Request, identity: Identity, db: Executor, body: NewEnrolment
) -> Reply[Classroom]:
    """An unknown, an expired, a used up and a disabled code answer alike, and few may be tried a minute."""
    async with guess(request, identity):
        classroom_id = await commands.joinable(db, identity, body.join_code)
    fragments.mark_stale(request, await commands.join(db, identity, classroom_id, body.join_code))
    row = await readable(db, identity, classroom_id)
    return Reply(classroom_shown(identity, row), etag(row["version"]))


@api.delete("/classrooms/{classroom_id}/students/me", roles={Role.STUDENT}, summary="Leave a classroom")
async def leave_classroom(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> None:
    """What the student did there is kept, and comes back with them."""
    await readable(db, identity, classroom_id)
    fragments.mark_stale(request, await commands.remove_student(db, identity, classroom_id, identity.account_id))


@api.get("/classrooms/{classroom_id}/students", roles=STAFF, summary="List students", response=Page[Member])
async def list_students(identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery) -> Page[Member]:
    """By name; any teacher of the school may."""
    await readable(db, identity, classroom_id)
    return await views.members(db, identity, classroom_id, query, "list_students")


@api.post(
    "/classrooms/{classroom_id}/students",
    roles=STAFF,
    status=204,
    summary="Enrol a student",
    idempotent=True,
    errors=(Conflict,),
)
async def enrol_student(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewMember
) -> None:
    """A student who was here before finds their work again."""
    await managed(db, identity, classroom_id)
    person = await _account(request, identity, db, body.account_id)
    fragments.mark_stale(request, await commands.enrol(db, identity, classroom_id, person))


@api.delete(
    "/classrooms/{classroom_id}/students/{account_id}", roles=STAFF, summary="Remove a student", errors=(Conflict,)
)
async def remove_student(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, account_id: UUID
) -> None:
    """Their results leave every figure until they are enrolled again."""
    await managed(db, identity, classroom_id)
    fragments.mark_stale(request, await commands.remove_student(db, identity, classroom_id, account_id))


@api.get("/classrooms/{classroom_id}/teachers", summary="List teachers", response=Page[Member])
async def list_teachers(identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery) -> Page[Member]:
    """By name."""
    await readable(db, identity, classroom_id)
    return await views.members(db, identity, classroom_id, query, "list_teachers")


@api.post(
    "/classrooms/{classroom_id}/teachers",
    roles=STAFF,
    status=204,
    summary="Add a co-teacher",
    idempotent=True,
    errors=(Conflict,),
)
async def add_teacher(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewMember
) -> None:
    """A teacher or admin of the school."""
    await managed(db, identity, classroom_id)
    person = await _account(request, identity, db, body.account_id)
    stale = _teacher_stale(request, identity, classroom_id, body.account_id)
    await commands.add_teacher(db, identity, classroom_id, person, stale)


@api.delete(
    "/classrooms/{classroom_id}/teachers/{account_id}",
    roles=STAFF,
    summary="Take a teacher off a classroom",
    errors=(Conflict,),
)
async def remove_teacher(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, account_id: UUID
) -> None:
    """Oneself, or, for its owner and admins, another; never the last one, and not the owner."""
    row = await managed(db, identity, classroom_id)
    if account_id != identity.account_id:
        require_owner(identity, row)
    stale = _teacher_stale(request, identity, classroom_id, account_id)
    await commands.remove_teacher(db, identity, classroom_id, account_id, stale)


@api.put(
    "/classrooms/{classroom_id}/owner", roles=STAFF, status=204, summary="Hand a classroom over", errors=(Conflict,)
)
async def hand_over(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewOwner) -> None:
    """To another of its teachers, by its owner or an admin."""
    require_owner(identity, await managed(db, identity, classroom_id))
    stale = fragments.mark_stale(request, fragments.views(classroom_id))
    await commands.hand_over(db, identity, classroom_id, body.account_id, stale)
