"""What the API takes and shows of groups."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chassis.model import Body
from classroom.domain import Line, Moment
from classroom.submissions.models import WorkStatus

MOST_GROUPS = 1000
Places = Annotated[int, Field(ge=1, le=500)]


class Mode(StrEnum):
    """How students come into groups; a draw is one by hand that chance made."""

    BY_HAND = "by_hand"
    SELF_SIGN_UP = "self_sign_up"


class NewGroup(Body):
    """A group as it is to be; without an id it is a new one."""

    id: UUID | None = None
    name: Line
    student_ids: Annotated[list[UUID], Field(max_length=500)] = Field(default_factory=list)


class NewGrouping(Body):
    """All groups of an assignment, in their order; whoever is named in none is in none."""

    mode: Mode = Mode.BY_HAND
    limit: Places | None = Field(None, description="How many each group takes; null: any number")
    groups: Annotated[list[NewGroup], Field(max_length=MOST_GROUPS)]


class Draw(Body):
    """Groups at random, as even as can be: of at most `size` students each, or `count` of them."""

    size: Places | None = None
    count: Annotated[int, Field(ge=1, le=MOST_GROUPS)] | None = None
    seed: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = Field(
        None, description="Kept, so that the draw can be made again with the same students; null: chance alone"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.size is None) == (self.count is None):
            raise ValueError("send size or count")
        return self


class GroupMember(Body):
    """A student; who does not attend the classroom now keeps their place."""

    student_id: UUID
    name: str
    attends: bool


class Group(Body):
    """A group; to students, who is in another than their own and how its work stands is null."""

    id: UUID
    name: str
    student_count: int
    submission_id: UUID | None
    work: WorkStatus | None
    students: list[GroupMember] | None


class Grouping(Body):
    """The groups of an assignment: a student's own, and those they may choose; `seed` and `ungrouped` for teachers."""

    mode: Mode
    limit: int | None
    seed: str | None
    groups: list[Group]
    ungrouped: list[GroupMember] | None
    revision: int


class NewMove(Body):
    """Whom to move where (null: into no group), and what becomes of their work and grade for the assignment."""

    student_id: UUID
    group_id: UUID | None
    work: Literal["keep", "follow"] = Field(
        description="`keep`: what they have stays theirs. `follow`: they have what the new group has"
    )


class Standing(Body):
    """Where a student stands with the assignment."""

    group_id: UUID | None
    group_name: str | None
    submission_id: UUID | None
    work: WorkStatus
    number: int
    turned_in_at: Moment | None
    score: Decimal | None
    excused: bool
    released: bool
    grade_version: int | None


class Move(Body):
    """What a move changes, or did change."""

    student_id: UUID
    before: Standing
    after: Standing


class MoveQuery(Body):
    """Whether only to ask what would happen."""

    dry_run: bool = Field(False, description="True: nothing is changed")
