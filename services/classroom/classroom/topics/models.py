"""What the API takes and shows of topics."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from classroom.domain import Line, kept

Position = Annotated[int, Field(ge=0, le=1_000_000)]


class NewTopic(Body):
    """A topic to add; without a position it comes last."""

    title: Line
    position: Position | None = None


class TopicPatch(Body):
    """What to change; an absent field stays."""

    title: Line = kept()
    position: Position = kept()


class Topic(Body):
    """A part of a classroom."""

    id: UUID
    classroom_id: UUID
    title: str
    position: int
    version: int
