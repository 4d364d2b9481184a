"""Attendance, statistics and transcript of a lecture."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from lecture_chat.access import ERRORS, MEMBERS, TEACHERS, find_lecture
from lecture_chat.attendance import transcript
from lecture_chat.attendance.models import Attendance, AttendanceChange, Statistics, TranscriptQuery
from lecture_chat.entries.models import History

api = Api("lecture-chat", title="Attendance")


@api.get("/lectures/{lecture_id}/attendance", summary="Who was there", roles=TEACHERS, errors=ERRORS)
async def list_attendance(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, query: PageQuery
) -> Page[Attendance]:
    """Every student of the classroom, by name: as it is now, or as it was written down at the closing."""
    await find_lecture(request, identity, db, lecture_id, teaching=True)
    name, id_ = decode_cursor(query.cursor, str, UUID) or ("", UUID(int=0))
    rows = await db.rows("list_attendance", lecture_id=lecture_id, after_name=name, after_id=id_, limit=query.limit + 1)
    shown, cursor = page_of(rows, query.limit, "name", "student_id")
    return Page(items=[Attendance(**row) for row in shown], next_cursor=cursor)


@api.put(
    "/lectures/{lecture_id}/attendance/{student_id}",
    summary="Say whether a student was there",
    roles=TEACHERS,
    errors=(*ERRORS, Conflict),
)
async def set_attendance(
    request: web.Request,
    identity: Identity,
    db: Executor,
    lecture_id: UUID,
    student_id: UUID,
    body: AttendanceChange,
) -> Attendance:
    """Once the lecture is closed; the teacher's word stands against the measured time."""
    lecture = await find_lecture(request, identity, db, lecture_id, teaching=True)
    row = await _set(db, lecture, student_id, body, identity)
    if row is None:
        raise NotFound("student")
    return Attendance(**row)


async def _set(db: Executor, lecture: Row, student_id: UUID, body: AttendanceChange, identity: Identity) -> Row | None:
    if lecture["closed_at"] is None:
        raise Conflict("still_open", "Attendance is written down when the lecture is closed. Close it first.")
    return await db.row(
        "set_attendance",
        lecture_id=lecture["lecture_id"],
        account_id=student_id,
        present=body.present,
        set_by=identity.account_id,
    )


@api.get("/lectures/{lecture_id}/statistics", summary="Figures of a lecture", roles=TEACHERS, errors=ERRORS)
async def read_statistics(request: web.Request, identity: Identity, db: Executor, lecture_id: UUID) -> Statistics:
    """As of now."""
    await find_lecture(request, identity, db, lecture_id, teaching=True)
    return Statistics.model_validate(await db.row("read_statistics", lecture_id=lecture_id))


@api.get(
    "/lectures/{lecture_id}/transcript", summary="All that was said", roles=MEMBERS, errors=ERRORS, response=History
)
async def read_transcript(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, query: TranscriptQuery
) -> web.StreamResponse:
    """All entries as JSON, or the messages as text (`format=text`), sent as they are read."""
    lecture = await find_lecture(request, identity, db, lecture_id)
    write = transcript.write_text if query.format == "text" else transcript.write_json
    return await write(request, db, lecture)
