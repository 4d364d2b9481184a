"""Reading a marked gradebook: what its cells say, or every cell that says nothing a grade can be made of."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from chassis.errors import FieldError, Invalid

EXCUSED = "EX"
STUDENT = "student_id"
_ASSIGNMENT = re.compile(r"\[([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\]\s*$", re.IGNORECASE)
_DELIMITERS = (",", ";", "\t")
_SCORE = re.compile(r"[0-9]{1,8}(\.[0-9]{1,4})?")
_NAMED_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Mark:
    """What one cell says; a null score: excused. `line` and `column` are where it stands."""

    student_id: UUID
    assignment_id: UUID
    score: Decimal | None
    line: int
    column: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells that say something, and the columns that are not of an assignment."""

    marks: Sequence[Mark]
    ignored: Sequence[str]


def problem(line: int, column: str, message: str) -> FieldError:
    """What is wrong with a cell; the heading is line 1."""
    return FieldError("body.csv", f"Line {line}, {column}: {message}", "bad_cell")


def refuse(problems: Sequence[FieldError]) -> None:
    """Raises Invalid with the first of the problems, if there are any."""
    if problems:
        raise Invalid.many(list(problems[:_NAMED_PROBLEMS]), len(problems))


def read(text: str) -> Sheet:
    """The marks of a CSV with a comma, a semicolon or a tab between its cells; raises Invalid with every bad cell."""
    heading, *lines = _rows(text)
    columns = {place: UUID(found[1]) for place, title in enumerate(heading) if (found := _ASSIGNMENT.search(title))}
    if len(set(columns.values())) < len(columns):
        raise Invalid("body.csv", "Two columns are of the same assignment; leave one.")
    reading = _Reading(heading, columns)
    for line, row in enumerate(lines, 2):
        if any(cell.strip() for cell in row):
            reading.take(line, row)
    refuse(reading.problems)
    ignored = [title for place, title in enumerate(heading) if place not in columns and title != STUDENT]
    return Sheet(reading.marks, ignored)


class _Reading:
    """What is read so far, line by line."""

    def __init__(self, heading: Sequence[str], columns: Mapping[int, UUID]) -> None:
        self._heading = heading
        self._columns = columns
        self._known: set[UUID] = set()
        self.marks: list[Mark] = []
        self.problems: list[FieldError] = []

    def take(self, line: int, row: Sequence[str]) -> None:
        """One student's line."""
        try:
            student_id = _student(row, self._heading.index(STUDENT), self._known)
        except ValueError as error:
            self.problems.append(problem(line, STUDENT, str(error)))
            return
        self._known.add(student_id)
        for place, assignment_id in self._columns.items():
            cell = row[place].strip() if place < len(row) else ""
            try:
                if cell:
                    self.marks.append(Mark(student_id, assignment_id, _score(cell), line, self._heading[place]))
            except ValueError as error:
                self.problems.append(problem(line, self._heading[place], str(error)))


def _rows(text: str) -> list[list[str]]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Invalid("body.csv", f"This is no CSV: {error}.") from None
    if not rows or STUDENT not in rows[0]:
        raise Invalid("body.csv", f"The first line needs a column {STUDENT}, as the exported gradebook has it.")
    return rows


def _student(row: Sequence[str], place: int, known: set[UUID]) -> UUID:
    try:
        student_id = UUID(row[place].strip())
    except (ValueError, IndexError):
        raise ValueError("leave the student's id as it was exported.") from None
    if student_id in known:
        raise ValueError("this student stands in a line above.")
    return student_id


def _score(cell: str) -> Decimal | None:
    if cell.upper() == EXCUSED:
        return None
    # A spreadsheet of another language writes a comma.
    number = cell.replace(",", ".")
    if not _SCORE.fullmatch(number):
        raise ValueError(f"write a score of 0 or more with at most 4 decimals, {EXCUSED}, or nothing.")
    return Decimal(number)
