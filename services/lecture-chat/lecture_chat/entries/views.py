"""Reading entries back."""

from uuid import UUID

from chassis.db import Executor
from lecture_chat.entries.encoding import Numbered, numbered

PAGE = 200


async def entries_after(db: Executor, lecture_id: UUID, since: int, limit: int = PAGE) -> list[Numbered]:
    """In order."""
    rows = await db.rows("list_entries", lecture_id=lecture_id, since=since, limit=limit)
    return [numbered(row) for row in rows]


async def entries_before(db: Executor, lecture_id: UUID, before: int, limit: int = PAGE) -> list[Numbered]:
    """The newest ones before a number, in order."""
    rows = await db.rows("list_entries_before", lecture_id=lecture_id, before=before, limit=limit)
    return [numbered(row) for row in reversed(rows)]
