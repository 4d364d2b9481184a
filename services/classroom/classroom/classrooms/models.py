"""What the API takes and shows of classrooms."""

from datetime import date
from uuid import UUID

from pydantic import Field

from chassis.model import Body, NewMoment
from chassis.paging import PageQuery
from classroom.domain import ClassroomStatus, Colour, Line, Moment, kept


class Term(Body):
    """An academic session."""

    title: str
    starts_on: date
    ends_on: date


class NewClassroom(Body):
    """A classroom to open; a teacher who opens it teaches it."""

    title: Line
    subject: Line | None = None
    colour: Colour | None = None


class ClassroomPatch(Body):
    """What to change; null clears, an absent field stays."""

    title: Line = kept()
    subject: Line | None = kept()
    colour: Colour | None = kept()
    status: ClassroomStatus = kept()
    leaderboard_shown: bool = kept()


class ClassroomSummary(Body):
    """A classroom in a list."""

    id: UUID
    title: str
    subject: str | None
    colour: str | None
    term: Term | None
    status: ClassroomStatus
    student_count: int
    version: int


class DeletedClassroom(Body):
    """A classroom that is deleted and may be restored until `restorable_until`."""

    id: UUID
    title: str
    subject: str | None
    colour: str | None
    term: Term | None
    student_count: int
    restorable_until: Moment


class Classroom(ClassroomSummary):
    """A classroom; its join code is shown to its teachers and the school's admins."""

    join_code: str | None = None
    join_code_expires_at: Moment | None = None
    join_code_uses_left: int | None = None


class ClassroomQuery(PageQuery):
    """Which classrooms to list."""

    mine: bool = Field(False, description="Only those the caller teaches; a student sees only their own anyway")


class NewJoinCode(Body):
    """How long the new code is to work, and for how many."""

    expires_at: NewMoment | None = None
    max_uses: int | None = Field(None, ge=1, le=10_000, description="How many may join by it; null: any number")


class JoinCode(Body):
    """A join code; `uses_left` is null when any number may join by it."""

    join_code: str
    expires_at: Moment | None
    uses_left: int | None
