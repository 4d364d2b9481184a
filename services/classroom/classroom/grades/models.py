"""What the API takes and shows of grades."""

from decimal import Decimal
from uuid import UUID

from chassis.model import Body
from classroom.domain import Moment, Score, Text


class NewGrade(Body):
    """A grade: a draft that no student sees, unless it is `released`. Without a score it is withdrawn."""

    score: Score | None
    late: bool = False
    feedback: Text = ""
    released: bool = False


class Grade(Body):
    """A student's grade as its teachers see it."""

    student_id: UUID
    name: str
    score: Decimal | None
    max_score: Decimal
    late: bool
    feedback: str
    released_at: Moment | None
    graded_at: Moment
    graded_by: UUID | None
    version: int


class Released(Body):
    """How many drafts were released."""

    released: int
