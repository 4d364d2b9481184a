"""Who needs attention and why. Percents are decimal strings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from chassis.paging import Page
from grading.models import Exact


class Reason(StrEnum):
    """Why a student is at risk."""

    LOW_AVERAGE = "low_average"
    FALLING = "falling"
    MISSING_WORK = "missing_work"
    NOTHING_YET = "nothing_yet"


class Rules(Body):
    """When a reason holds."""

    LOW_AVERAGE: ClassVar[Decimal] = Decimal(50)
    FALLING_BY: ClassVar[Decimal] = Decimal(15)
    MISSING_WORKS: ClassVar[int] = 2
    MISSING_SHARE: ClassVar[Decimal] = Decimal(25)
    RECENT: ClassVar[int] = 3

    low_average: Exact = Field(LOW_AVERAGE, description="low_average: a mean below this")
    falling_by: Exact = Field(
        FALLING_BY, description="falling: the mean of the last three results is this much below that of those before"
    )
    missing_works: int = Field(MISSING_WORKS, description="missing_work: at least so many overdue works are missing")
    missing_share: Exact = Field(MISSING_SHARE, description="… and at least this percent of what was due")


class StudentAtRisk(Body):
    """A student with what the reasons rest on."""

    student_id: UUID
    name: str | None
    reasons: Sequence[Reason]
    results: int
    average: Exact | None = Field(description="Mean percent of all results")
    recent: Exact | None = Field(description="Of the last three by due date")
    earlier: Exact | None = Field(description="Of those before")
    due: int = Field(description="Graded works that were due for the student")
    missing: int = Field(description="Of these, neither handed in nor graded nor excused")


class AtRisk(Page[StudentAtRisk]):
    """A classroom's students at risk: those with most reasons first, then the lowest average."""

    classroom_id: UUID
    title: str
    students: int = Field(description="All that are enrolled")
    at_risk: int = Field(description="Of these, on all pages together")
    rules: Rules
    judged_at: datetime | None = Field(description="Null while the classroom is too new to be judged")
    up_to_date: bool = Field(description="False: something has changed since; it is judged again within seconds")
