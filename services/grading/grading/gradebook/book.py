"""A classroom's gradebook while it is made: its policy, its works, and each student's cells and totals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row, utc_now
from chassis.paging import PageQuery, decode_cursor, page_of
from grading.gradebook.models import BookTotal, ColumnGroup
from grading.gradebook.totals import Total, current_total, final_total, groups_of, letter_of
from grading.gradebook.works import Cell, Work, cell_of, group_of, work_of
from grading.policies.models import EVERYTHING, NO_TOPIC, ClassroomPolicy, Policy
from grading.policies.views import shown_policy
from grading.views import containing


@dataclass(frozen=True)
class Book:
    """What all students of a classroom have in common."""

    classroom_id: UUID
    title: str
    standing: ClassroomPolicy
    policy: Policy
    works: Sequence[Work]
    topics: dict[UUID, str]
    now: datetime

    def groups(self) -> list[ColumnGroup]:
        """The policy's groups, then those of works that it does not name, which weigh nothing."""
        named = [ColumnGroup(title=self._title(group.key), **group.model_dump()) for group in groups_of(self.policy)]
        others = {work.group for work in self.works} - {group.key for group in named}
        nothing = {"weight": Decimal(0), "drop_lowest": 0, "drop_highest": 0}
        return named + [ColumnGroup(key=key, title=self._title(key), **nothing) for key in sorted(others)]

    def _title(self, key: str) -> str:
        names = {EVERYTHING: "All work", NO_TOPIC: "No topic"} | {str(key): title for key, title in self.topics.items()}
        return names.get(key, key.capitalize())


@dataclass(frozen=True)
class Entry:
    """One student's row."""

    student_id: UUID
    name: str | None
    cells: Sequence[Cell]
    current: Total
    final: Total
    override: Decimal | None
    reason: str | None

    def total(self, policy: Policy) -> BookTotal:
        """What the row comes to."""
        overridden = self.override is not None
        stands = self.override if overridden else self.current.percent
        return BookTotal(
            total=stands,
            current=self.current.percent,
            final=self.final.percent,
            letter=letter_of(policy, stands),
            overridden=overridden,
            reason=self.reason if overridden else None,
        )


async def open_book(db: Executor, school_id: UUID, found: Row) -> Book:
    """The book of a classroom that was found."""
    classroom_id = found["classroom_id"]
    frame = await db.row("gradebook_frame", classroom_id=classroom_id, school_id=school_id) or {}
    standing = shown_policy(classroom_id, frame["standing"])
    topics = {UUID(row["topic_id"]): row["title"] for row in frame["topics"]}
    known, weighting = frozenset(topics), standing.policy.weighting
    works = [work_of(row, weighting, known) for row in frame["works"]]
    return Book(classroom_id, found["title"], standing, standing.policy, works, topics, utc_now())


def regrouped(book: Book, policy: Policy) -> Book:
    """The same book by another policy."""
    works = [replace(work, group=group_of(work.kind, work.topic_id, policy.weighting)) for work in book.works]
    return replace(book, policy=policy, works=works)


async def read_students(
    db: Executor, book: Book, query: PageQuery, search: str | None = None
) -> tuple[list[Row], str | None]:
    """A page of students with what they have, and the cursor of the next."""
    position = decode_cursor(query.cursor, str, UUID) or (None, None)
    rows = await _students(
        db, book, search=containing(search), after_name=position[0], after_id=position[1], limit=query.limit + 1
    )
    return page_of(rows, query.limit, "name", "student_id")


async def read_student(db: Executor, book: Book, student_id: UUID) -> Row | None:
    """One student of the classroom, as `read_students` gives them."""
    rows = await _students(db, book, student_id=student_id)
    return rows[0] if rows else None


async def _students(db: Executor, book: Book, **which: Any) -> list[Row]:
    anyone = {"student_id": None, "search": None, "after_name": None, "after_id": None, "limit": 1}
    return await db.rows("gradebook_students", classroom_id=book.classroom_id, **anyone | which)


def entry_of(book: Book, row: Row) -> Entry:
    """A student's row by the book's policy."""
    facts, handed_in, student_id = row["facts"] or {}, set(row["handed_in"] or ()), str(row["student_id"])
    cells = [
        cell_of(work, student_id, facts.get(work.key), work.key in handed_in, book.policy, book.now)
        for work in book.works
    ]
    return Entry(
        student_id=row["student_id"],
        name=row["name"] or None,
        cells=cells,
        current=current_total(book.works, cells, book.policy),
        final=final_total(book.works, cells, book.policy),
        override=row["override"],
        reason=row["reason"],
    )
