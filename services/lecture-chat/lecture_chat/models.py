"""What lecture-chat is asked with and answers with."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from chassis.paging import PageQuery


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


class LectureQuery(PageQuery):
    """Which lectures."""

    classroom_id: UUID
    only_open: bool = False
