"""Reading topics."""

from uuid import UUID

from chassis.db import Executor
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, encode_cursor
from classroom.topics.models import Topic

_FIRST = (-1, UUID(int=0))


async def find_topic(db: Executor, identity: Identity, topic_id: UUID) -> Topic:
    """A living topic; raises NotFound."""
    row = await db.row("find_topic", id=topic_id, school_id=identity.school_id)
    if row is None:
        raise NotFound("topic")
    return Topic(**row)


async def list_topics(db: Executor, identity: Identity, classroom_id: UUID, query: PageQuery) -> Page[Topic]:
    """A page of a classroom's topics by position."""
    position, id_ = decode_cursor(query.cursor, int, UUID) or _FIRST
    rows = await db.rows(
        "list_topics",
        school_id=identity.school_id,
        classroom_id=classroom_id,
        after_position=position,
        after_id=id_,
        limit=query.limit + 1,
    )
    shown = [Topic(**row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].position, shown[-1].id) if more else None)
