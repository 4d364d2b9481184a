"""What the API takes and shows of topics."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.model import Body
from classroom.domain import Line, kept, named_once

Position = Annotated[int, Field(ge=0, le=1_000_000)]


class NewTopic(Body):
    """A topic to add; without a position it comes last."""

    title: Line
    position: Position | None = None


class TopicPatch(Body):
    """What to change; an absent field stays."""

    title: Line = kept()
    position: Position = kept()


class TopicOrder(Body):
    """Which topics come first; those not named come after, in the order they have."""

    topic_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000), AfterValidator(named_once)]


class Topic(Body):
    """A part of a classroom."""

    id: UUID
    classroom_id: UUID
    title: str
    position: int
    version: int
