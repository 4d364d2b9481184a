"""What the API takes and shows of submissions."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from chassis.paging import PageQuery
from classroom.attachments.models import AttachedFile, FileIds
from classroom.domain import Moment, Text


class SubmissionStatus(StrEnum):
    """Where a student's work stands."""

    CREATED = "created"
    TURNED_IN = "turned_in"
    RECLAIMED = "reclaimed"
    RETURNED = "returned"


class WorkStatus(StrEnum):
    """The same, and that there is none."""

    MISSING = "missing"
    CREATED = "created"
    TURNED_IN = "turned_in"
    RECLAIMED = "reclaimed"
    RETURNED = "returned"


class Draft(Body):
    """What is written so far: a text and files of one's own."""

    body: Text = ""
    file_ids: FileIds = Field(default_factory=list)


class TurnIn(Body):
    """What was turned in at one time; it never changes."""

    number: int
    body: str
    files: list[AttachedFile]
    student_ids: list[UUID]
    turned_in_by: UUID
    turned_in_at: Moment
    late_seconds: int | None


class OwnSubmission(Body):
    """A student's or a group's work; `late_seconds` by the server's clock, null when there is no due date."""

    id: UUID
    assignment_id: UUID
    group_id: UUID | None
    student_ids: list[UUID]
    status: SubmissionStatus
    body: str
    files: list[AttachedFile]
    number: int
    turned_in_at: Moment | None
    late_seconds: int | None
    revision: int


class Submission(OwnSubmission):
    """The same with all that was turned in, newest first; what is not turned in is shown to its students alone."""

    turn_ins: list[TurnIn]


class StudentWork(Body):
    """A student of an assignment: what they turned in and how it was graded."""

    student_id: UUID
    name: str
    status: WorkStatus
    submission_id: UUID | None
    group_id: UUID | None
    number: int
    turned_in_at: Moment | None
    late_seconds: int | None
    score: Decimal | None
    excused: bool
    released_at: Moment | None
    grade_version: int | None


class WorkQuery(PageQuery):
    """Whose work to list."""

    status: WorkStatus | None = Field(None, description="Only those whose work stands so")
