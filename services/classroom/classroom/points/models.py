"""Shapes of points."""

from enum import StrEnum
from uuid import UUID

from chassis.model import Body
from classroom.domain import Moment


class Reason(StrEnum):
    """What points are for."""

    ON_TIME = "on_time"
    QUIZ = "quiz"
    TOPIC = "topic"


class Entry(Body):
    """An entry of the ledger; what was taken back is an entry with a minus."""

    id: UUID
    classroom_id: UUID
    reason: Reason
    assignment_id: UUID | None
    topic_id: UUID | None
    title: str
    points: int
    created_at: Moment


class ClassroomPoints(Body):
    """What somebody has in one of their classrooms."""

    classroom_id: UUID
    title: str
    points: int
    badges: int


class OwnPoints(Body):
    """One's own points: the totals of all classrooms attended, and a page of the entries, newest first."""

    classrooms: list[ClassroomPoints]
    items: list[Entry]
    next_cursor: str | None


class Standing(Body):
    """What somebody has, and their place; equal points share a place."""

    rank: int
    points: int
    badges: int


class Ranked(Standing):
    """A row of the leaderboard."""

    student_id: UUID
    name: str


class Leaderboard(Body):
    """A page of a classroom's leaderboard: no rows for students where it is not shown; `own` is there for students."""

    shown: bool
    rows: list[Ranked]
    own: Standing | None
    next_cursor: str | None
