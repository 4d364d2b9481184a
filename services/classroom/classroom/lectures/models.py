"""What the API shows of lectures that were held."""

from typing import Literal
from uuid import UUID

from chassis.model import Body
from classroom.domain import Moment


class Attendance(Body):
    """How long one student was there and how much they said."""

    student_id: UUID
    name: str
    seconds: int
    first_joined_at: Moment | None
    present: bool
    messages: int


class HeldLecture(Body):
    """One time that a lecture was held; attendance is whole once it is closed."""

    lecture_id: UUID
    opened_by: UUID
    opened_at: Moment
    closed_at: Moment | None
    status: Literal["open", "closed"]
    message_count: int
    attendance: list[Attendance]
