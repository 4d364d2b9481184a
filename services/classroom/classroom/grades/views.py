"""Reading grades: for the classroom's teachers and the school's admins alone."""

from uuid import UUID

from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, encode_cursor
from classroom.grades.models import Grade


async def find_grade(db: Executor, identity: Identity, assignment_id: UUID, student_id: UUID) -> Grade | None:
    """One student's grade, drafts included; None when there is none."""
    row = await db.row("find_grade", id=assignment_id, school_id=identity.school_id, student_id=student_id)
    return Grade(**row) if row else None


async def list_grades(db: Executor, identity: Identity, assignment_id: UUID, query: PageQuery) -> Page[Grade]:
    """A page of an assignment's grades, drafts included."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    rows = await db.rows(
        "list_grades", id=assignment_id, school_id=identity.school_id, after_id=after, limit=query.limit + 1
    )
    shown = [Grade(**row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].student_id) if more else None)
