"""What the API takes and shows of grades."""

from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.model import Body
from classroom.domain import Moment, Score, Text


class NewGrade(Body):
    """A grade: a draft that no student sees, unless it is `released`. Without a score it is withdrawn."""

    score: Score | None
    late: bool | None = Field(None, description="Null: as the newest turn-in says")
    excused: bool = Field(False, description="Counts nowhere: neither as a score nor as missing work")
    feedback: Text = ""
    released: bool = False

    @model_validator(mode="after")
    def _excused_is_unscored(self) -> Self:
        if self.excused and self.score is not None:
            raise ValueError("who is excused has no score: send null")
        return self


class Grade(Body):
    """A student's grade as its teachers see it; `number` is the turn-in or attempt that it is of."""

    student_id: UUID
    name: str
    score: Decimal | None
    max_score: Decimal
    late: bool
    late_seconds: int | None
    excused: bool
    number: int | None
    feedback: str
    released_at: Moment | None
    graded_at: Moment
    graded_by: UUID | None
    version: int


class PastGrade(Body):
    """What a grade was at one of its versions."""

    version: int
    score: Decimal | None
    max_score: Decimal
    late: bool
    late_seconds: int | None
    excused: bool
    number: int | None
    feedback: str
    released_at: Moment | None
    graded_by: UUID | None
    graded_by_name: str
    recorded_at: Moment


class Release(Body):
    """Whose drafts to release; null: all of them."""

    student_ids: list[UUID] | None = Field(None, min_length=1, max_length=5000)


class Released(Body):
    """How many drafts were released."""

    released: int
