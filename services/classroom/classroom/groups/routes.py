"""`/assignments/{id}/groups` and `/groups/{id}/members/me`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Forbidden, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity, Role
from classroom import fragments
from classroom.access import STAFF, may_manage
from classroom.assignments.models import Assignment
from classroom.assignments.views import managed_assignment, reach_assignment
from classroom.groups import commands, moves, views
from classroom.groups.models import Draw, Grouping, Move, MoveQuery, NewGrouping, NewMove

api = Api("classroom", "Classroom")
STUDENT = {Role.STUDENT}


async def _shown(db: Executor, identity: Identity, assignment_id: UUID) -> Reply[Grouping]:
    grouping = await views.find_grouping(db, identity, assignment_id)
    return Reply(grouping, etag(grouping.revision))


@api.get("/assignments/{assignment_id}/groups", summary="List the groups of an assignment", errors=(Conflict,))
async def read_groups(identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Grouping]:
    """The classroom's teachers see all; a student sees their own, and those they may choose."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    if identity.role is not Role.STUDENT and not may_manage(identity, classroom):
        raise Forbidden("not_your_classroom", "Only the classroom's own teachers and admins may do this.")
    commands.require_groups(assignment)
    return await _shown(db, identity, assignment_id)


@api.put(
    "/assignments/{assignment_id}/groups",
    roles=STAFF,
    summary="Make groups by hand, or for signing up",
    errors=(Conflict, PreconditionFailed),
)
async def put_groups(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: NewGrouping
) -> Reply[Grouping]:
    """All groups at once. Who has work already is moved by `…/groups/moves`; a group that has work stays."""
    _, assignment = await managed_assignment(db, identity, assignment_id)
    stale = await commands.put_groups(db, identity, assignment, body, expected(request))
    if stale is None:
        current = await views.find_grouping(db, identity, assignment_id)
        raise PreconditionFailed(current.model_dump(mode="json"), body.model_dump(mode="json"))
    fragments.mark_stale(request, stale)
    return await _shown(db, identity, assignment_id)


@api.post(
    "/assignments/{assignment_id}/groups/random", roles=STAFF, summary="Make groups at random", errors=(Conflict,)
)
async def draw_groups(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: Draw
) -> Reply[Grouping]:
    """Everybody it is for is put into new groups; those before go. Not once work has begun."""
    _, assignment = await managed_assignment(db, identity, assignment_id)
    fragments.mark_stale(request, await commands.draw_groups(db, identity, assignment, body))
    return await _shown(db, identity, assignment_id)


@api.post(
    "/assignments/{assignment_id}/groups/moves",
    roles=STAFF,
    summary="Move a student to another group",
    errors=(Conflict,),
)
async def move_student(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, query: MoveQuery, body: NewMove
) -> Move:
    """With `work=keep` their work and grade stay theirs; with `follow` they have those of the new group, or none.
    `dry_run` shows exactly what would change."""
    _, assignment = await managed_assignment(db, identity, assignment_id)
    moved, stale = await moves.move(db, identity, assignment, body, dry_run=query.dry_run)
    fragments.mark_stale(request, stale)
    return moved


async def _open(db: Executor, identity: Identity, group_id: UUID) -> Assignment:
    """The assignment of a group that the student may come into or leave."""
    status, assignment = await views.reach_group(db, identity, group_id)
    if status == "archived":
        raise Conflict("classroom_archived", "The classroom is archived; its groups stay as they are.")
    return assignment


@api.post("/groups/{group_id}/members/me", roles=STUDENT, summary="Sign up for a group", errors=(Conflict,))
async def sign_up(request: web.Request, identity: Identity, db: Executor, group_id: UUID) -> Reply[Grouping]:
    """Where students choose themselves; the last place is given once."""
    assignment = await _open(db, identity, group_id)
    fragments.mark_stale(request, await commands.sign_up(db, identity, assignment, group_id))
    return await _shown(db, identity, assignment.id)


@api.delete("/groups/{group_id}/members/me", roles=STUDENT, summary="Leave a group", errors=(Conflict,))
async def leave(request: web.Request, identity: Identity, db: Executor, group_id: UUID) -> None:
    """Until its work has begun."""
    assignment = await _open(db, identity, group_id)
    fragments.mark_stale(request, await commands.leave(db, identity, assignment, group_id))
