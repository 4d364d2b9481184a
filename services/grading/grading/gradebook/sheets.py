"""The gradebook as CSV and as XLSX, written while its students are read.

A column's title ends with the assignment's id in brackets, so that a marked copy finds its way back. What a
spreadsheet would take for a formula is made text.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from chassis.db import Executor
from chassis.spreadsheets import csv_bytes, harmless
from grading.gradebook.book import Book, Entry, entry_of, read_students
from grading.gradebook.models import GradebookQuery
from grading.gradebook.works import Cell, State
from grading.models import plain

PAGE = GradebookQuery(limit=100, cursor=None, search=None)
EXCUSED = "EX"
_CHUNK = 64 * 1024
Value = str | Decimal | None


@dataclass(frozen=True)
class Sheet:
    """A gradebook's columns."""

    book: Book

    def heading(self) -> list[str]:
        """The first row."""
        titles = [f"{work.title} [{work.assignment_id}]" for work in self.book.works]
        return ["student_id", "name", *titles, "current", "final", "total", "letter"]

    def row(self, entry: Entry) -> list[Value]:
        """A student's: raw scores, as they are marked."""
        total = entry.total(self.book.policy)
        scores = [_score(cell) for cell in entry.cells]
        return [str(entry.student_id), entry.name, *scores, total.current, total.final, total.total, total.letter]


def _score(cell: Cell) -> Value:
    return EXCUSED if cell.state is State.EXCUSED else cell.score


async def entries(db: Executor, book: Book) -> AsyncIterator[list[Entry]]:
    """All students, a page at a time."""
    query = PAGE
    while True:
        rows, cursor = await read_students(db, book, query)
        yield [entry_of(book, row) for row in rows]
        if cursor is None:
            return
        query = PAGE.model_copy(update={"cursor": cursor})


async def csv_chunks(db: Executor, book: Book) -> AsyncIterator[bytes]:
    """The CSV, a page of students a chunk. The mark at the start tells spreadsheets that it is UTF-8."""
    sheet = Sheet(book)
    yield "\ufeff".encode() + _csv([sheet.heading()])
    async for page in entries(db, book):
        yield _csv([sheet.row(entry) for entry in page])


def _csv(rows: Sequence[Sequence[Value]]) -> bytes:
    return csv_bytes([_text(value) for value in row] for row in rows)


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else harmless(value)


async def xlsx_chunks(db: Executor, book: Book) -> AsyncIterator[bytes]:
    """The XLSX. Its zip is made at the end, so rows wait in a file, never in memory."""
    sheet = Sheet(book)
    with tempfile.TemporaryFile() as file:
        workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
        worksheet = workbook.add_worksheet("Gradebook")
        _write(worksheet, 0, sheet.heading())
        place = 1
        async for page in entries(db, book):
            for entry in page:
                _write(worksheet, place, sheet.row(entry))
                place += 1
        await asyncio.to_thread(workbook.close)
        for chunk in _read(file):
            yield chunk


def _write(worksheet: Any, place: int, row: Sequence[Value]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, Decimal):
            worksheet.write_number(place, column, value)
        elif value is not None:
            worksheet.write_string(place, column, value)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
