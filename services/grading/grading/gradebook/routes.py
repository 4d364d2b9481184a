"""`/classrooms/{id}/gradebook`, its exports, and how totals came about."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import hdrs, web

from chassis.api import Api
from chassis.db import Executor
from chassis.errors import NotFound
from chassis.identity import Identity
from grading.access import ERRORS, STAFF, STUDENT, own_classroom, staff_classroom, staff_student
from grading.gradebook import sheets, views
from grading.gradebook.book import open_book
from grading.gradebook.models import Explanation, Gradebook, GradebookQuery

api = Api("grading", "Grading")
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@api.get("/classrooms/{classroom_id}/gradebook", summary="A classroom's gradebook", roles=STAFF, errors=ERRORS)
async def read_gradebook(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, query: GradebookQuery
) -> Gradebook:
    """Students × assignments with totals, a page of students by name."""
    found = await staff_classroom(request, identity, db, classroom_id)
    return await views.gradebook(db, identity.school_id, found, query)


@api.get(
    "/classrooms/{classroom_id}/gradebook.csv",
    summary="A classroom's gradebook as CSV",
    roles=STAFF,
    errors=ERRORS,
    media_type=CSV,
)
async def export_csv(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> web.StreamResponse:
    """All students with raw scores, UTF-8; a column's title ends with the assignment's id."""
    book = await open_book(db, identity.school_id, await staff_classroom(request, identity, db, classroom_id))
    return await _stream(request, CSV, "csv", sheets.csv_chunks(db, book))


@api.get(
    "/classrooms/{classroom_id}/gradebook.xlsx",
    summary="A classroom's gradebook as XLSX",
    roles=STAFF,
    errors=ERRORS,
    media_type=XLSX,
)
async def export_xlsx(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> web.StreamResponse:
    """The same as a spreadsheet."""
    book = await open_book(db, identity.school_id, await staff_classroom(request, identity, db, classroom_id))
    return await _stream(request, XLSX, "xlsx", sheets.xlsx_chunks(db, book))


async def _stream(
    request: web.Request, media_type: str, ending: str, chunks: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Answer with what comes. The first chunk is made before the answer begins, so that a fault is still a problem."""
    first = await anext(chunks)
    name = f"gradebook-{datetime.now(UTC):%Y-%m-%d}.{ending}"
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"', hdrs.CACHE_CONTROL: "private, no-store"}
    response = web.StreamResponse(headers=headers)
    response.content_type = media_type
    if media_type == CSV:
        response.charset = "utf-8"
    await response.prepare(request)
    await response.write(first)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


@api.get(
    "/classrooms/{classroom_id}/students/{student_id}/explain",
    summary="How a student's total came about",
    roles=STAFF,
    errors=ERRORS,
)
async def explain_student(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, student_id: UUID
) -> Explanation:
    """Every step, so that it can be computed again."""
    found = await staff_classroom(request, identity, db, classroom_id)
    await staff_student(request, identity, db, classroom_id, student_id)
    return _found(await views.explanation(db, identity.school_id, found, student_id))


@api.get("/me/classrooms/{classroom_id}/explain", summary="How my total came about", roles=STUDENT, errors=ERRORS)
async def explain_own(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> Explanation:
    """Every step, so that it can be computed again."""
    found = await own_classroom(request, identity, db, classroom_id)
    return _found(await views.explanation(db, identity.school_id, found, identity.account_id))


def _found(explanation: Explanation | None) -> Explanation:
    if explanation is None:
        raise NotFound("student")
    return explanation
