"""Reading topics."""

from uuid import UUID

from chassis.db import Executor
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of
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
    shown, cursor = page_of(rows, query.limit, "position", "id")
    return Page(items=[Topic(**row) for row in shown], next_cursor=cursor)
