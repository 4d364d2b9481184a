"""The gradebook, a policy's preview, and how a total came about."""

from decimal import Decimal
from uuid import UUID

from chassis.db import Executor, Row
from grading.gradebook.book import Book, Entry, entry_of, open_book, read_student, read_students, regrouped
from grading.gradebook.models import (
    BookCell,
    BookStudent,
    Column,
    ExplainedGroup,
    ExplainedItem,
    ExplainedTotal,
    ExplainedTry,
    ExplainedWork,
    Explanation,
    Gradebook,
    GradebookQuery,
    Preview,
)
from grading.gradebook.totals import Dropped, GroupTotal, Total
from grading.gradebook.works import Cell, Work
from grading.models import OwnTotal
from grading.policies.models import Policy, PreviewedStudent, Standing


async def gradebook(db: Executor, school_id: UUID, found: Row, query: GradebookQuery) -> Gradebook:
    """A page of the gradebook of a classroom that was found."""
    book = await open_book(db, school_id, found)
    rows, next_cursor = await read_students(db, book, query, query.search)
    return Gradebook(
        classroom_id=book.classroom_id,
        title=book.title,
        policy_version=book.standing.version,
        students=found["students"],
        groups=book.groups(),
        assignments=[_column(work) for work in book.works],
        items=tuple(_student(book, entry_of(book, row)) for row in rows),
        next_cursor=next_cursor,
    )


def _column(work: Work) -> Column:
    return Column(**{name: getattr(work, name) for name in Column.model_fields})


def _student(book: Book, entry: Entry) -> BookStudent:
    dropped = {item.place: item.dropped for group in entry.current.groups for item in group.items if item.dropped}
    return BookStudent(
        student_id=entry.student_id,
        name=entry.name,
        total=entry.total(book.policy),
        cells=tuple(_cell(cell, dropped.get(place)) for place, cell in enumerate(entry.cells)),
    )


def _cell(cell: Cell, dropped: Dropped | None) -> BookCell:
    return BookCell(cell.state, cell.score, cell.max_score, cell.percent, cell.counted, cell.late, dropped)


# --- Preview -------------------------------------------------------------------------------------------


async def preview(db: Executor, school_id: UUID, found: Row, policy: Policy, query: GradebookQuery) -> Preview:
    """What the policy would do to a page of students, compared with the one that stands."""
    before = await open_book(db, school_id, found)
    after = regrouped(before, policy)
    rows, next_cursor = await read_students(db, before, query, query.search)
    items = [_previewed(row, _standing(before, row), _standing(after, row)) for row in rows]
    changed = sum(item.before != item.after for item in items)
    return Preview(items=items, changed=changed, next_cursor=next_cursor)


def _standing(book: Book, row: Row) -> Standing:
    total = entry_of(book, row).total(book.policy)
    return Standing(current=total.current, final=total.final, letter=total.letter)


def _previewed(row: Row, before: Standing, after: Standing) -> PreviewedStudent:
    both = before.current is not None and after.current is not None
    delta = (after.current or Decimal(0)) - (before.current or Decimal(0)) if both else None
    return PreviewedStudent(
        student_id=row["student_id"], name=row["name"] or None, before=before, after=after, delta=delta
    )


# --- Explanation ---------------------------------------------------------------------------------------


async def own_total(db: Executor, book: Book, student_id: UUID) -> OwnTotal:
    """A student's total, as they may see it."""
    row = await read_student(db, book, student_id)
    if row is None:
        return OwnTotal(total=None, current=None, final=None, letter=None, overridden=False)
    return _own(entry_of(book, row), book.policy)


def _own(entry: Entry, policy: Policy) -> OwnTotal:
    return OwnTotal(**entry.total(policy).model_dump(mode="python", exclude={"reason"}))


async def explanation(db: Executor, school_id: UUID, found: Row, student_id: UUID) -> Explanation | None:
    """How the student's total came about; None when they are no longer in the classroom."""
    book = await open_book(db, school_id, found)
    row = await read_student(db, book, student_id)
    if row is None:
        return None
    entry = entry_of(book, row)
    return Explanation(
        classroom_id=book.classroom_id,
        student_id=student_id,
        name=entry.name,
        policy_version=book.standing.version,
        policy=book.policy,
        total=_own(entry, book.policy),
        works=[
            _explained_work(work, cell)
            for work, cell in zip(book.works, entry.cells, strict=True)
            if cell.state != "not_assigned"
        ],
        current=_explained_total(book, entry.current),
        final=_explained_total(book, entry.final),
    )


def _explained_work(work: Work, cell: Cell) -> ExplainedWork:
    return ExplainedWork(
        **{name: getattr(work, name) for name in ("assignment_id", "title", "kind", "group", "points", "counts")},
        **{name: getattr(cell, name) for name in ("state", "score", "max_score", "counted")},
        submissions=[
            ExplainedTry(**{name: getattr(tried, name) for name in ExplainedTry.model_fields}) for tried in cell.tried
        ],
    )


def _explained_total(book: Book, total: Total) -> ExplainedTotal:
    titles = {group.key: group.title for group in book.groups()}
    groups = [_explained_group(book, group, titles[group.key]) for group in total.groups]
    return ExplainedTotal(percent=total.percent, groups=groups)


def _explained_group(book: Book, group: GroupTotal, title: str) -> ExplainedGroup:
    return ExplainedGroup(
        key=group.key,
        title=title,
        weight=group.weight,
        percent=group.percent,
        items=[
            ExplainedItem(
                assignment_id=book.works[item.place].assignment_id,
                percent=item.percent,
                points=item.points,
                dropped=item.dropped,
            )
            for item in group.items
        ],
    )
