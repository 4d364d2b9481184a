"""What the gradebook shows. Percents and scores are decimal strings; null means that there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from chassis.paging import PageQuery
from grading.gradebook.totals import Dropped
from grading.gradebook.works import State
from grading.models import Exact, OwnTotal
from grading.policies.models import Policy, PreviewedStudent


class GradebookQuery(PageQuery):
    """Which students."""

    limit: int = Field(50, ge=1, le=100, description="How many students at most")
    search: str | None = Field(None, min_length=1, max_length=100, description="A part of the name")


class Column(Body):
    """One assignment."""

    assignment_id: UUID
    title: str
    kind: str
    topic_id: UUID | None
    due_at: datetime | None
    points: Exact | None
    group: str = Field(description="Key of its group")


class ColumnGroup(Body):
    """A group of the policy; weight 0: the policy does not name it, so it enters no total."""

    key: str
    title: str
    weight: Exact
    drop_lowest: int
    drop_highest: int


# No model: a page has ten thousand, and checking what was just computed would take longer than computing it.
@dataclass(slots=True)
class BookCell:
    """One student's part of one assignment."""

    __pydantic_config__ = Body.model_config

    state: State
    score: Exact | None
    max_score: Exact | None
    percent: Annotated[Exact | None, Field(description="As it was scored")]
    counted: Annotated[Exact | None, Field(description="What enters the total, late policy applied")]
    late: bool
    dropped: Annotated[Dropped | None, Field(description="Left out of the current total by a drop rule")]


class BookTotal(OwnTotal):
    """The same for staff."""

    reason: str | None = Field(description="Why it was set by hand")


class BookStudent(Body):
    """A row: the cells stand in the order of `assignments`."""

    student_id: UUID
    name: str | None
    total: BookTotal
    cells: tuple[BookCell, ...]


class Gradebook(Body):
    """A page of a classroom's gradebook."""

    classroom_id: UUID
    title: str
    policy_version: int
    students: int = Field(description="All that are enrolled, on whatever page")
    groups: Sequence[ColumnGroup]
    assignments: Sequence[Column]
    items: tuple[BookStudent, ...]
    next_cursor: str | None


class Preview(Body):
    """What a policy would do to a page of students, by name."""

    items: Sequence[PreviewedStudent]
    changed: int = Field(description="Students of this page whose total or letter would be another")
    next_cursor: str | None


class ExplainedTry(Body):
    """A graded submission: counted = percent − deduction."""

    number: int
    percent: Exact
    late_seconds: int
    deduction: Exact
    counted: Exact


class ExplainedWork(Body):
    """One assignment with all its graded submissions; `counts` chooses among them (null: the best)."""

    assignment_id: UUID
    title: str
    kind: str
    group: str
    state: State
    score: Exact | None
    max_score: Exact | None
    points: Exact | None
    counts: str | None
    submissions: Sequence[ExplainedTry]
    counted: Exact | None


class ExplainedItem(Body):
    """A work that counts in its group, with its weight there; `dropped`: a rule leaves it out."""

    assignment_id: UUID
    percent: Exact
    points: Exact
    dropped: Dropped | None


class ExplainedGroup(Body):
    """percent = Σ(percent·points) / Σ points over the items that no rule leaves out, to ten digits."""

    key: str
    title: str
    weight: Exact
    percent: Exact | None
    items: Sequence[ExplainedItem]


class ExplainedTotal(Body):
    """percent = Σ(percent·weight) / Σ weight over the groups that have a percent, to ten digits."""

    percent: Exact | None
    groups: Sequence[ExplainedGroup]


class Explanation(Body):
    """How a student's total came about: following the steps gives the same numbers."""

    classroom_id: UUID
    student_id: UUID
    name: str | None
    policy_version: int
    policy: Policy
    total: OwnTotal
    works: Sequence[ExplainedWork]
    current: ExplainedTotal
    final: ExplainedTotal
