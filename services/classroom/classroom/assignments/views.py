"""Reading assignments."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, encode_cursor
from classroom.access import may_manage
from classroom.assignments.models import Assignment
from classroom.domain import AssignmentStatus

_UNSEEN = {"grade_count": None, "released_count": None}


async def find_assignment(db: Executor, identity: Identity, classroom: Row, assignment_id: UUID) -> Assignment:
    """An assignment as the caller may see it; raises NotFound, also for another's draft."""
    row = await db.row("find_assignment", id=assignment_id, school_id=identity.school_id)
    manages = may_manage(identity, classroom)
    if row is None or (row["status"] == AssignmentStatus.DRAFT and not manages):
        raise NotFound("assignment")
    return Assignment(**(row if manages else row | _UNSEEN))


async def list_assignments(db: Executor, identity: Identity, classroom: Row, query: PageQuery) -> Page[Assignment]:
    """A page of a classroom's assignments, oldest first; drafts only for who may change them."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    manages = may_manage(identity, classroom)
    rows = await db.rows(
        "list_assignments",
        school_id=identity.school_id,
        classroom_id=classroom["id"],
        drafts=manages,
        after_id=after,
        limit=query.limit + 1,
    )
    shown = [Assignment(**(row if manages else row | _UNSEEN)) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if more else None)
