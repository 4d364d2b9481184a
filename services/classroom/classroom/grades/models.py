"""What the API takes and shows of grades."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from chassis.model import Body
from classroom.domain import Moment, Score, Text


def _several(given: object) -> object:
    """A parameter that is named once arrives alone."""
    return [given] if isinstance(given, str) else given


class NewGrade(Body):
    """A grade: a draft that no student sees, unless it is `released`. Without a score it is withdrawn."""

    score: Score | None
    late: bool | None = Field(None, description="Null: as the newest turn-in says. A late policy goes by what is said")
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


class GradesQuery(Body):
    """Whose grades."""

    student_id: Annotated[list[UUID], BeforeValidator(_several)] = Field(
        min_length=1, max_length=50, description="Several may be named"
    )


class GradeInClassroom(Body):
    """A cell of the gradebook as its teachers see it, drafts included."""

    student_id: UUID
    assignment_id: UUID
    score: Decimal | None
    max_score: Decimal
    late: bool
    excused: bool
    feedback: str
    released_at: Moment | None
    version: int


class GradesOfStudents(Body):
    """All grades of the students that were asked for."""

    items: Sequence[GradeInClassroom]


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


class Grades(Body):
    """Several students' grades."""

    items: list[Grade]
