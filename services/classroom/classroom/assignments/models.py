"""What the API takes and shows of assignments."""

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, HttpUrl, NaiveDatetime, StringConstraints, model_validator

from chassis.model import Body, NewMoment
from classroom.attachments.models import AttachedFile, FileIds
from classroom.domain import AssignmentStatus, Counts, Kind, Line, Moment, Points, Text, kept, named_once


@cache
def _zones() -> set[str]:
    # `localtime` is whatever the machine at hand says, `Factory` is none.
    return available_timezones() - {"localtime", "Factory"}


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("use the name of an IANA time zone, such as Europe/Berlin")
    return name


def _each_once(ids: list[UUID]) -> list[UUID]:
    return sorted(set(ids))


Zone = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_known_zone)]
WallTime = Annotated[NaiveDatetime, Field(ge=datetime(1900, 1, 2), lt=datetime(2999, 12, 31))]
Students = Annotated[list[UUID], Field(min_length=1, max_length=5000), AfterValidator(_each_once)]
Ordered = Annotated[list[UUID], Field(min_length=1, max_length=1000), AfterValidator(named_once)]
TurnInLimit = Annotated[int, Field(ge=1, le=100)]


class Link(Body):
    """A page elsewhere."""

    url: Annotated[HttpUrl, Field(max_length=2000)]
    title: Line | None = None


class LinkShown(Body):
    """A page elsewhere."""

    url: str
    title: str | None


Links = Annotated[list[Link], Field(max_length=50)]


class _Due(Body):
    """When it is due: a moment, or what the clock shows where it is due. Moved by a week, it stays at the same hour."""

    due_at: NewMoment | None = Field(None, description="A moment; or send due_local")
    due_local: WallTime | None = Field(None, description="What the clock shows in due_zone: 2026-03-27T18:00:00")
    due_zone: Zone = "UTC"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.due_at is not None and self.due_local is not None:
            raise ValueError("send due_at or due_local, not both")
        return self


class NewAssignment(_Due):
    """An assignment to add, as a draft unless it says `published`, or `scheduled` with its `publish_at`."""

    kind: Kind
    title: Line
    description: Text = ""
    topic_id: UUID | None = None
    points_possible: Points | None = None
    status: AssignmentStatus = AssignmentStatus.DRAFT
    publish_at: NewMoment | None = None
    assigned_to: Students | None = Field(None, description="Whom it is for; null: everybody in the classroom")
    file_ids: FileIds = Field(default_factory=list)
    links: Links = Field(default_factory=list)
    turn_in_limit: TurnInLimit | None = Field(None, description="How often work may be turned in; null: 100 times")
    accepts_late: bool = True
    counts: Counts | None = Field(None, description="Which attempt of a quiz counts; `best` unless said otherwise")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.counts is not None and self.kind is not Kind.QUIZ:
            raise ValueError("counts is for quizzes only")
        if self.points_possible is not None and self.kind is Kind.MATERIAL:
            raise ValueError("material has no points_possible")
        if (self.status is AssignmentStatus.SCHEDULED) != (self.publish_at is not None):
            raise ValueError("a scheduled assignment has a publish_at, and no other has")
        return self


class AssignmentPatch(Body):
    """What to change; null clears, an absent field stays. A published assignment stays published."""

    title: Line = kept()
    description: Text = kept()
    topic_id: UUID | None = kept()
    due_at: NewMoment | None = kept()
    due_local: WallTime | None = kept()
    due_zone: Zone = kept()
    points_possible: Points | None = kept()
    status: AssignmentStatus = kept()
    publish_at: NewMoment = kept()
    assigned_to: Students | None = kept()
    file_ids: FileIds = kept()
    links: Links = kept()
    turn_in_limit: TurnInLimit | None = kept()
    accepts_late: bool = kept()
    counts: Counts = kept()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.due_at is not None and self.due_local is not None:
            raise ValueError("send due_at or due_local, not both")
        return self


class Copy(Body):
    """Where to put a copy, as a draft."""

    classroom_id: UUID
    topic_id: UUID | None = None


class AssignmentOrder(Body):
    """Which assignments come first in a topic, from wherever they are now; those there and not named come after."""

    topic_id: UUID | None = Field(description="Null: those without a topic")
    assignment_ids: Ordered


class Assignment(Body):
    """An assignment; counts, `publish_at` and `assigned_to` are shown to those who may change it."""

    id: UUID
    classroom_id: UUID
    topic_id: UUID | None
    position: int
    kind: Kind
    title: str
    description: str
    due_at: Moment | None
    due_local: NaiveDatetime | None
    due_zone: str
    points_possible: Decimal | None
    status: AssignmentStatus
    publish_at: Moment | None = None
    assigned_to: list[UUID] | None = None
    files: list[AttachedFile]
    links: list[LinkShown]
    turn_in_limit: int | None
    accepts_late: bool
    counts: Counts | None
    grade_count: int | None = None
    released_count: int | None = None
    turned_in_count: int | None = None
    revision: int
