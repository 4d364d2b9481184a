"""Who may see a classroom and who may change it; every path to a child goes through here.

Any teacher of a school sees all its classrooms; only a classroom's own teachers and the school's admins change
it or see its grades. A student sees the classrooms they attend.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from chassis.identity import Identity, Role

STAFF = frozenset({Role.ADMIN, Role.TEACHER})


def may_manage(identity: Identity, classroom: Row) -> bool:
    """Whether the caller may change the classroom and see its drafts and grades."""
    if identity.role is Role.ADMIN:
        return True
    return identity.role is Role.TEACHER and bool(classroom["teaches"])


def may_read(identity: Identity, classroom: Row) -> bool:
    """Whether the caller may know of the classroom."""
    return identity.role in STAFF or bool(classroom["attends"])


async def readable(db: Executor, identity: Identity, classroom_id: UUID, what: str = "classroom") -> Row:
    """The classroom as its caller stands to it; raises NotFound for a child `what` of it."""
    row = await db.row("find_classroom", id=classroom_id, school_id=identity.school_id, account_id=identity.account_id)
    if row is None or not may_read(identity, row):
        raise NotFound(what)
    return row


async def managed(
    db: Executor, identity: Identity, classroom_id: UUID, what: str = "classroom", *, archived: bool = False
) -> Row:
    """The classroom, for its teachers and the school's admins; raises Forbidden, or Conflict when archived."""
    row = await readable(db, identity, classroom_id, what)
    require_manager(identity, row, archived=archived)
    return row


def require_manager(identity: Identity, classroom: Row, *, archived: bool) -> None:
    """Raises Forbidden for who may not change the classroom; Conflict when it is archived and must not be."""
    if not may_manage(identity, classroom):
        raise Forbidden("not_your_classroom", "Only the classroom's own teachers and admins may do this.")
    if classroom["status"] == "archived" and not archived:
        raise Conflict("classroom_archived", "The classroom is archived; make it active again first.")


def require_owner(identity: Identity, classroom: Row) -> None:
    """Raises Forbidden for who neither owns the classroom nor is an admin."""
    if identity.role is not Role.ADMIN and classroom["owner_id"] != identity.account_id:
        raise Forbidden("not_the_owner", "Only the classroom's owner and admins may do this.")


def require_known(ids: Sequence[UUID], known: Collection[UUID], what: str) -> None:
    """Raises Invalid that names each id of the body's `<what>_ids` that the classroom does not have."""
    unknown = [number for number, id_ in enumerate(ids) if id_ not in known]
    if unknown:
        message, code = f"The classroom has no such {what}.", f"unknown_{what}"
        errors = [FieldError(f"body.{what}_ids.{number}", message, code) for number in unknown[:20]]
        raise Invalid.many(errors, len(unknown))


async def classroom_of(db: Executor, identity: Identity, query: str, what: str, child_id: UUID) -> UUID:
    """The classroom that a child hangs under, in the caller's school; raises NotFound."""
    found: UUID | None = await db.value(query, id=child_id, school_id=identity.school_id)
    if found is None:
        raise NotFound(what)
    return found
