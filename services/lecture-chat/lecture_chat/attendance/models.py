"""What is asked and told of a lecture that is over, or as it is now."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.model import Body


class Attendance(Body):
    """One student's time in a lecture."""

    student_id: UUID
    name: str
    seconds: int = Field(description="In the room, times of several devices counted once")
    first_joined_at: datetime | None
    messages: int
    present: bool = Field(description="There for at least half of it, or as a teacher says; while open: there now")
    set_by: UUID | None = Field(description="The teacher who said so")


class AttendanceChange(Body):
    """A teacher's word."""

    present: bool


class Statistics(Body):
    """Figures of one lecture."""

    messages: int = Field(description="Without deleted ones")
    authors: int = Field(description="Who wrote, teachers too")
    students: int = Field(description="Of the classroom, who were there at some time; teachers are not counted")
    polls: int
    votes: int
    reactions: int
    seconds: int = Field(description="How long it has lasted")
    per_minute: tuple[tuple[int, int], ...] = Field(description="(minute since the opening, messages sent in it)")


class TranscriptQuery(Body):
    """In which form."""

    format: Literal["json", "text"] = "json"
