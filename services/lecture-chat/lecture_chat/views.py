"""Reading: straight from SQL to answers."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity, Role
from chassis.paging import Page, decode_cursor, page_of
from lecture_chat.models import Lecture, LectureQuery


async def find_membership(db: Executor, identity: Identity, classroom_id: UUID) -> Row | None:
    """A classroom that the caller teaches or attends."""
    return await db.row("find_membership", classroom_id=classroom_id, **_caller(identity))


async def find_taught_assignment(db: Executor, identity: Identity, assignment_id: UUID) -> Row | None:
    """An assignment of a classroom that the caller teaches."""
    return await db.row("find_taught_assignment", assignment_id=assignment_id, **_caller(identity))


async def find_lecture(db: Executor, identity: Identity, lecture_id: UUID, *, teaching: bool = False) -> Row | None:
    """A live lecture of a classroom that the caller teaches or attends; `teaching`: only that they teach."""
    return await db.row("find_lecture", lecture_id=lecture_id, teaching=teaching, **_caller(identity))


async def lectures(db: Executor, identity: Identity, query: LectureQuery) -> Page[Lecture]:
    """A page of a classroom's live lectures that are for the caller, newest first."""
    (before,) = decode_cursor(query.cursor, UUID) or (None,)
    rows = await db.rows(
        "list_lectures",
        classroom_id=query.classroom_id,
        account_id=identity.account_id,
        may_teach=identity.role is Role.TEACHER,
        only_open=query.only_open,
        before=before,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "lecture_id")
    return Page(items=[Lecture(**row) for row in shown], next_cursor=cursor)


def lecture_of(row: Row) -> Lecture:
    """The lecture that `find_lecture` found, without what it was found for."""
    return Lecture(**{name: row[name] for name in Lecture.model_fields})


def _caller(identity: Identity) -> dict[str, object]:
    """Who teaches a classroom does so only as long as the school lets them teach."""
    may_teach = identity.role is Role.TEACHER
    return {"school_id": identity.school_id, "account_id": identity.account_id, "may_teach": may_teach}
