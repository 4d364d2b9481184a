"""Adding, changing and deleting topics."""

from typing import Any
from uuid import UUID

from chassis.db import Executor
from chassis.errors import Conflict
from chassis.identity import Identity
from classroom.access import require_known
from classroom.topics.models import NewTopic
from classroom.violations import violates


def _title_taken() -> Conflict:
    return Conflict("title_taken", "A topic of the classroom has this title already.")


async def add_topic(db: Executor, identity: Identity, classroom_id: UUID, body: NewTopic, stale: list[str]) -> UUID:
    """Add a topic; raises Conflict for a title that another topic has."""
    with violates("topics_title"):
        topic_id: UUID = await db.value(
            "create_topic",
            school_id=identity.school_id,
            classroom_id=classroom_id,
            stale=stale,
            **body.model_dump(),
        )
        return topic_id
    raise _title_taken()


async def change_topic(
    db: Executor, identity: Identity, topic_id: UUID, patch: dict[str, Any], expected: int | None, stale: list[str]
) -> bool:
    """Apply a patch; False when the topic is not at the expected version. Raises as `add_topic`."""
    with violates("topics_title"):
        changed = await db.execute(
            "change_topic",
            id=topic_id,
            school_id=identity.school_id,
            patch=patch,
            expected=expected,
            stale=stale,
        )
        return changed > 0
    raise _title_taken()


async def order_topics(
    db: Executor, identity: Identity, classroom_id: UUID, topic_ids: list[UUID], stale: list[str]
) -> None:
    """Put topics into an order; raises Invalid for what is not there."""
    scope = {"school_id": identity.school_id, "classroom_id": classroom_id}
    async with db.transaction() as tx:
        living = {row["id"] for row in await tx.rows("living_topics", **scope)}
        require_known(topic_ids, living, "topic")
        await tx.execute("order_topics", ids=topic_ids, stale=stale, **scope)


async def delete_topic(
    db: Executor, identity: Identity, topic_id: UUID, expected: int | None, stale: list[str]
) -> bool:
    """Delete a topic; False when it is not at the expected version."""
    deleted = await db.execute(
        "delete_topic", id=topic_id, school_id=identity.school_id, expected=expected, stale=stale
    )
    return deleted > 0
