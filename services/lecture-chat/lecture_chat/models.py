"""What lecture-chat is asked with and answers with."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from chassis.paging import PageQuery

CloseReason = Literal["closed_by_teacher", "abandoned", "classroom_closed"]


class NewLecture(Body):
    """Which lecture to open."""

    assignment_id: UUID = Field(description="An assignment of kind lecture in a classroom you teach")


class Lecture(Body):
    """One live lecture."""

    lecture_id: UUID
    classroom_id: UUID
    assignment_id: UUID
    title: str = Field(description="The assignment's")
    opened_by: UUID
    opened_at: datetime
    closed_at: datetime | None = Field(description="Null while it is open")
    close_reason: CloseReason | None = None
    head_seq: int = Field(description="The number of its newest entry; 0: none")
    message_count: int


class LectureQuery(PageQuery):
    """Which lectures."""

    classroom_id: UUID
    only_open: bool = False
