"""What the API takes and shows of comments."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.model import Body
from chassis.paging import PageQuery
from classroom.domain import Moment

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class NewComment(Body):
    """A comment to everybody, or a private one between a student and the teachers."""

    body: Said
    student_id: UUID | None = Field(None, description="The student it is between; students name themselves")


class CommentPatch(Body):
    """Other words."""

    body: Said


class Comment(Body):
    """What somebody said; `student_id` is null for everybody's eyes."""

    id: UUID
    assignment_id: UUID
    student_id: UUID | None
    author_id: UUID
    author_name: str
    body: str
    created_at: Moment
    edited_at: Moment | None


class CommentQuery(PageQuery):
    """Which comments to list."""

    student_id: UUID | None = Field(None, description="The private ones with this student; null: those to everybody")
