"""Reading assignments."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom.access import STAFF, classroom_of, may_manage, readable, require_manager
from classroom.assignments.models import Assignment
from classroom.domain import AssignmentStatus

_UNSEEN = dict.fromkeys(("grade_count", "released_count", "turned_in_count", "publish_at", "assigned_to"))


async def find_assignment(db: Executor, identity: Identity, classroom: Row, assignment_id: UUID) -> Assignment:
    """An assignment as the caller may see it; raises NotFound, also for another's draft."""
    row = await db.row("find_assignment", id=assignment_id, school_id=identity.school_id)
    manages = may_manage(identity, classroom)
    if row is None or not (manages or _is_for(identity, row)):
        raise NotFound("assignment")
    return Assignment(**(row if manages else row | _UNSEEN))


def _is_for(identity: Identity, row: Row) -> bool:
    """What is published is there for those it is assigned to, and for every teacher of the school."""
    if row["status"] != AssignmentStatus.PUBLISHED:
        return False
    return identity.role in STAFF or row["assigned_to"] is None or identity.account_id in row["assigned_to"]


async def reach_assignment(db: Executor, identity: Identity, assignment_id: UUID) -> tuple[Row, Assignment]:
    """An assignment and its classroom, as the caller may see them; raises NotFound."""
    classroom_id = await classroom_of(db, identity, "classroom_of_assignment", "assignment", assignment_id)
    classroom = await readable(db, identity, classroom_id, "assignment")
    return classroom, await find_assignment(db, identity, classroom, assignment_id)


async def managed_assignment(
    db: Executor, identity: Identity, assignment_id: UUID, *, archived: bool = False
) -> tuple[Row, Assignment]:
    """The same for who may change it. Another's draft is not found before anybody is refused."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    require_manager(identity, classroom, archived=archived)
    return classroom, assignment


async def list_assignments(db: Executor, identity: Identity, classroom: Row, query: PageQuery) -> Page[Assignment]:
    """A page of a classroom's assignments, oldest first; drafts only for who may change them."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    manages = may_manage(identity, classroom)
    rows = await db.rows(
        "list_assignments",
        school_id=identity.school_id,
        classroom_id=classroom["id"],
        drafts=manages,
        student_id=None if identity.role in STAFF else identity.account_id,
        after_id=after,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[Assignment(**(row if manages else row | _UNSEEN)) for row in shown], next_cursor=cursor)
