"""Reading comments, and who may."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, decode_cursor, page_of
from classroom.access import may_manage
from classroom.assignments.models import Assignment
from classroom.assignments.views import reach_assignment
from classroom.comments.models import Comment, CommentQuery


def may_join(identity: Identity, classroom: Row, student_id: UUID | None) -> bool:
    """A private conversation is its student's and the classroom's teachers'."""
    return student_id is None or student_id == identity.account_id or may_manage(identity, classroom)


async def require_student(
    db: Executor, identity: Identity, classroom: Row, assignment: Assignment, student_id: UUID | None
) -> None:
    """A private conversation is with a student of the assignment; raises NotFound for others and for who may not."""
    known = student_id is None or await db.value(
        "are_assigned", assignment_id=assignment.id, school_id=identity.school_id, students=[student_id]
    )
    if not known or not may_join(identity, classroom, student_id):
        raise NotFound("student")


async def reach_comment(db: Executor, identity: Identity, comment_id: UUID) -> tuple[Row, Comment]:
    """A comment that the caller may read, and its classroom; raises NotFound."""
    row = await db.row("find_comment", id=comment_id, school_id=identity.school_id)
    if row is None:
        raise NotFound("comment")
    try:
        classroom, _ = await reach_assignment(db, identity, row["assignment_id"])
    except NotFound:
        raise NotFound("comment") from None
    if not may_join(identity, classroom, row["student_id"]):
        raise NotFound("comment")
    return classroom, Comment(**row)


async def list_comments(db: Executor, identity: Identity, assignment_id: UUID, query: CommentQuery) -> Page[Comment]:
    """A page of one conversation, oldest first."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    rows = await db.rows(
        "list_comments",
        assignment_id=assignment_id,
        school_id=identity.school_id,
        student_id=query.student_id,
        after_id=after,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[Comment(**row) for row in shown], next_cursor=cursor)
