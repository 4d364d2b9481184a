"""What the API takes and shows of notes."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.model import Body
from classroom.domain import Moment

Written = Annotated[str, StringConstraints(max_length=100_000)]


class NewNote(Body):
    """What is written now. `rev` is counted up by the editor at each save; an older one is refused."""

    rev: int = Field(ge=1, le=2**53)
    body: Written
    seq: int | None = Field(None, ge=0, le=2**53, description="The chat message it was written at")


class OwnNote(Body):
    """A student's own note on a lecture."""

    assignment_id: UUID
    body: str
    rev: int
    seq: int | None
    updated_at: Moment


class Note(OwnNote):
    """A student's note, with whose it is."""

    student_id: UUID
    name: str


class Coverage(Body):
    """How many of the students whom the lecture is for have written something."""

    students: int
    written: int


class Notes(Body):
    """A page of notes; `coverage` is for the classroom's teachers."""

    items: list[Note]
    next_cursor: str | None
    coverage: Coverage | None
