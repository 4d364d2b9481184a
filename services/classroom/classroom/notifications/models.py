"""Shapes of notifications."""

from enum import StrEnum
from uuid import UUID

from chassis.model import Body, NewMoment
from classroom.domain import Moment


class NotificationKind(StrEnum):
    """What happened."""

    DUE_SOON = "due_soon"
    QUIZ_OPENED = "quiz_opened"
    GRADED = "graded"
    RETURNED = "returned"
    COMMENTED = "commented"
    ANNOUNCED = "announced"
    LECTURE_OPENED = "lecture_opened"


class Notification(Body):
    """Something to know of; `id` is the same each time it is read."""

    id: str
    kind: NotificationKind
    classroom_id: UUID
    assignment_id: UUID | None
    title: str
    actor_name: str | None
    at: Moment
    seen: bool


class Notifications(Body):
    """A page of those of the last 30 days, newest first; `unseen` counts all of them, 100 at most."""

    notifications: list[Notification]
    unseen: int
    next_cursor: str | None


class Seen(Body):
    """Everything until then is seen."""

    until: NewMoment
