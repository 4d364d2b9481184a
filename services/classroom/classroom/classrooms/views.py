"""Reading classrooms."""

from typing import Any
from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom.access import may_manage
from classroom.classrooms.models import Classroom, ClassroomQuery, ClassroomSummary, DeletedClassroom

_SUMMARY = tuple(ClassroomSummary.model_fields)
_OF_TEACHERS = ("join_code", "join_code_expires_at", "join_code_uses_left")
_FIRST = ("", UUID(int=0))


def classroom_shown(identity: Identity, row: Row) -> Classroom:
    """A classroom as the caller may see it."""
    shown: dict[str, Any] = {name: row[name] for name in _SUMMARY}
    if may_manage(identity, row):
        shown |= {name: row[name] for name in _OF_TEACHERS}
    return Classroom(**shown)


async def list_classrooms(db: Executor, identity: Identity, query: ClassroomQuery) -> Page[ClassroomSummary]:
    """A student's own classrooms; a teacher's own or all; for an admin all."""
    student = identity.role is Role.STUDENT
    title, id_ = decode_cursor(query.cursor, str, UUID) or _FIRST
    rows = await db.rows(
        "list_own_classrooms" if student or query.mine else "list_classrooms",
        school_id=identity.school_id,
        account_id=identity.account_id,
        student=student,
        after_title=title,
        after_id=id_,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "title", "id")
    return Page(items=[ClassroomSummary(**row) for row in shown], next_cursor=cursor)


async def list_deleted(db: Executor, identity: Identity, query: PageQuery) -> Page[DeletedClassroom]:
    """What the caller may restore."""
    title, id_ = decode_cursor(query.cursor, str, UUID) or _FIRST
    rows = await db.rows(
        "list_deleted_classrooms",
        school_id=identity.school_id,
        account_id=identity.account_id,
        admin=identity.role is Role.ADMIN,
        after_title=title,
        after_id=id_,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "title", "id")
    return Page(items=[DeletedClassroom(**row) for row in shown], next_cursor=cursor)
