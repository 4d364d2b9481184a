"""What a classroom set, and what one student has for each of it: the cells of a gradebook.

A cell's `counted` is the percent that enters totals: the late policy is applied to each submission, then the one
that counts is chosen, so that handing in again never lowers what is kept. A page has ten thousand cells: what is made
for each is a named tuple, which costs a quarter of a frozen dataclass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from chassis.db import Row
from grading.domain import percent_of, rounded
from grading.policies.models import EVERYTHING, NO_TOPIC, Late, Policy, Weighting

_ZERO = Decimal(0)


class State(StrEnum):
    """How a student stands to one work."""

    GRADED = "graded"
    EXCUSED = "excused"
    HANDED_IN = "handed_in"
    MISSING = "missing"
    OPEN = "open"
    NOT_ASSIGNED = "not_assigned"


@dataclass(frozen=True, slots=True)
class Work:
    """An assignment that is or may be graded; `key` is its id as facts name it, `group` its key in the policy."""

    assignment_id: UUID
    title: str
    kind: str
    topic_id: UUID | None
    due_at: datetime | None
    points: Decimal | None
    counts: str | None
    assigned_to: frozenset[str] | None
    key: str
    group: str


class Tried(NamedTuple):
    """One graded submission: its raw percent, what lateness takes off, and what is left."""

    number: int
    percent: Decimal
    late_seconds: int
    deduction: Decimal
    counted: Decimal


class Cell(NamedTuple):
    """One student's part of one work; percents are null without a result."""

    state: State
    score: Decimal | None = None
    max_score: Decimal | None = None
    percent: Decimal | None = None
    late: bool = False
    tried: Sequence[Tried] = ()
    counted: Decimal | None = None


def work_of(row: Row, weighting: Weighting, topics: frozenset[UUID]) -> Work:
    """An assignment, as JSON, with its group; a topic that is not among `topics` is none."""
    topic_id = row["topic_id"] and UUID(row["topic_id"])
    known = topic_id if topic_id in topics else None
    return Work(
        **{name: row[name] for name in ("title", "kind", "counts")},
        assignment_id=UUID(row["assignment_id"]),
        topic_id=known,
        due_at=row["due_at"] and datetime.fromisoformat(row["due_at"]),
        points=row["points"] and Decimal(row["points"]),
        assigned_to=None if row["assigned_to"] is None else frozenset(row["assigned_to"]),
        key=row["assignment_id"],
        group=group_of(row["kind"], known, weighting),
    )


def group_of(kind: str, topic_id: UUID | None, weighting: Weighting) -> str:
    """The key in a policy of what has that kind and topic."""
    keys = {Weighting.TOPICS: str(topic_id or NO_TOPIC), Weighting.KINDS: kind, Weighting.NONE: EVERYTHING}
    return keys[weighting]


def deduction(late: Late | None, late_seconds: int) -> Decimal:
    """What lateness costs, in percents of the possible score: so much for each interval that has begun."""
    return late.deduction * -(-late_seconds // late.interval.seconds) if late and late_seconds > 0 else Decimal(0)


def after_deduction(late: Late | None, percent: Decimal, late_seconds: int) -> Decimal:
    """The percent that is left; the floor raises nothing that was below it already."""
    if late is None:
        return percent
    return max(percent - deduction(late, late_seconds), min(percent, late.floor))


def cell_of(
    work: Work, student_id: str, fact: Sequence[Any] | None, handed_in: bool, policy: Policy, now: datetime
) -> Cell:
    """The cell of a student. `fact`: score, max_score, late, late_seconds, excused, submissions; decimals as text."""
    if fact is not None and fact[4]:
        return Cell(State.EXCUSED)
    if fact is not None and fact[0] is not None and Decimal(fact[1]):
        return _graded(work, fact, policy.late)
    if work.assigned_to is not None and student_id not in work.assigned_to:
        return Cell(State.NOT_ASSIGNED)
    if handed_in:
        return Cell(State.HANDED_IN)
    overdue = work.due_at is not None and work.due_at < now
    return Cell(State.MISSING if overdue and work.points is not None else State.OPEN)


def _graded(work: Work, fact: Sequence[Any], late: Late | None) -> Cell:
    score, max_score = Decimal(fact[0]), Decimal(fact[1])
    percent = percent_of(score, max_score)
    # Late by nobody knows how much is late by one interval.
    seconds = fact[3] if fact[3] is not None else int(fact[2])
    tried = [_tried(late, given) for given in fact[5] or ()] or [_judged(late, 1, percent, seconds)]
    return Cell(State.GRADED, score, max_score, percent, fact[2], tried, chosen(work.counts, tried))


def _tried(late: Late | None, given: dict[str, Any]) -> Tried:
    percent = percent_of(Decimal(given["score"]), Decimal(given["max_score"]))
    return _judged(late, given["number"], percent, given["late_seconds"] or 0)


def _judged(late: Late | None, number: int, percent: Decimal, seconds: int) -> Tried:
    left = after_deduction(late, percent, seconds)
    return Tried(number, percent, seconds, percent - left, left)


def chosen(counts: str | None, tried: Sequence[Tried]) -> Decimal:
    """The percent of the submission that counts: the best, unless a quiz says otherwise."""
    if counts == "average":
        return rounded(sum((one.counted for one in tried), _ZERO) / len(tried))
    if counts == "latest":
        return max(tried, key=lambda one: one.number).counted
    if counts == "first":
        return min(tried, key=lambda one: one.number).counted
    return max(one.counted for one in tried)
