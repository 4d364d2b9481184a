"""What the API takes and shows of assignments."""

from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.model import Body, NewMoment
from classroom.domain import AssignmentStatus, Counts, Kind, Line, Moment, Points, Text, kept


class NewAssignment(Body):
    """An assignment to add, as a draft unless it says `published`."""

    kind: Kind
    title: Line
    description: Text = ""
    topic_id: UUID | None = None
    due_at: NewMoment | None = None
    points_possible: Points | None = None
    status: AssignmentStatus = AssignmentStatus.DRAFT
    counts: Counts | None = Field(None, description="Which attempt of a quiz counts; `best` unless said otherwise")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.counts is not None and self.kind is not Kind.QUIZ:
            raise ValueError("counts is for quizzes only")
        if self.points_possible is not None and self.kind is Kind.MATERIAL:
            raise ValueError("material has no points_possible")
        return self


class AssignmentPatch(Body):
    """What to change; null clears, an absent field stays. A published assignment stays published."""

    title: Line = kept()
    description: Text = kept()
    topic_id: UUID | None = kept()
    due_at: NewMoment | None = kept()
    points_possible: Points | None = kept()
    status: AssignmentStatus = kept()
    counts: Counts = kept()


class Assignment(Body):
    """An assignment; the counts of grades are shown to those who may grade."""

    id: UUID
    classroom_id: UUID
    topic_id: UUID | None
    kind: Kind
    title: str
    description: str
    due_at: Moment | None
    points_possible: Decimal | None
    status: AssignmentStatus
    counts: Counts | None
    grade_count: int | None = None
    released_count: int | None = None
    revision: int
