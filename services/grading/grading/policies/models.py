"""A classroom's policy, as it is sent, stored and shown."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from chassis.model import Body
from grading.models import Exact, Signed

Weight = Annotated[Exact, Field(ge=0, le=10_000, max_digits=12, decimal_places=4)]
Percent = Annotated[Exact, Field(ge=0, le=1_000, max_digits=12, decimal_places=4)]
NO_TOPIC = "none"
EVERYTHING = "all"


class Weighting(StrEnum):
    """What a classroom's work is grouped by."""

    NONE = "none"
    TOPICS = "topics"
    KINDS = "kinds"


class Combine(StrEnum):
    """How the works of one group come together: each alike, or each by its points."""

    PERCENTS = "percents"
    POINTS = "points"


class Interval(StrEnum):
    """What a late policy counts in."""

    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """Its length."""
        return 3600 if self is Interval.HOUR else 86_400


class Group(Body):
    """A topic or a kind with its weight, and how many of its lowest and highest works are left out."""

    key: str = Field(
        max_length=40,
        description=f"A topic's id or `{NO_TOPIC}`; a kind; `{EVERYTHING}` where nothing is grouped",
        examples=["quiz"],
    )
    weight: Weight = Decimal(1)
    drop_lowest: int = Field(0, ge=0, le=100)
    drop_highest: int = Field(0, ge=0, le=100)


class Late(Body):
    """What is taken off late work: percents of the possible score for each started interval, never below the floor."""

    deduction: Percent
    interval: Interval
    floor: Percent = Decimal(0)


class Letter(Body):
    """A letter for totals from a percent on."""

    letter: str = Field(min_length=1, max_length=20, examples=["A"])
    at_least: Percent


class Policy(Body):
    """How totals are made. Groups that are not named have no weight; without weighting there is one group."""

    weighting: Weighting = Weighting.NONE
    groups: Sequence[Group] = Field((), max_length=500)
    combine: Combine = Combine.PERCENTS
    late: Late | None = None
    missing: Percent | None = Field(None, description="What overdue work without a result counts as; null: nothing yet")
    letters: Sequence[Letter] = Field((), max_length=50, description="From the highest down")

    @model_validator(mode="after")
    def _consistent(self) -> "Policy":
        keys = [group.key for group in self.groups]
        if len(set(keys)) < len(keys):
            raise ValueError("groups: name each group once")
        if self.weighting is Weighting.NONE and keys not in ([], [EVERYTHING]):
            raise ValueError(f"groups: without weighting there is only the group `{EVERYTHING}`")
        if self.weighting is not Weighting.NONE and not any(group.weight for group in self.groups):
            raise ValueError("groups: give at least one group a weight above 0")
        starts = [letter.at_least for letter in self.letters]
        if any(lower >= higher for higher, lower in pairwise(starts)):
            raise ValueError("letters: name them from the highest percent down, each once")
        return self


class ClassroomPolicy(Body):
    """The policy that stands; version 0: nobody has set one."""

    classroom_id: UUID
    policy: Policy
    version: int
    changed_by: UUID | None
    changed_by_name: str | None
    changed_at: datetime | None


class Standing(Body):
    """What a student's total is under one policy."""

    current: Exact | None
    final: Exact | None
    letter: str | None


class PreviewedStudent(Body):
    """What saving would do to one student; a null delta: there is no total on one of the sides."""

    student_id: UUID
    name: str | None
    before: Standing
    after: Standing
    delta: Signed | None = Field(description="Of the current total; negative: it falls")
