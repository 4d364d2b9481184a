"""Whom a lecture is for, read for many rooms at once."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.db import Executor


class Audience(NamedTuple):
    """Who teaches, and which students it is for (None: all of the classroom)."""

    teachers: frozenset[UUID]
    students: frozenset[UUID] | None

    def refuses(self, account_id: UUID) -> bool:
        """Whether the lecture does not exist for this member of its classroom."""
        return self.students is not None and account_id not in self.students and account_id not in self.teachers


async def read_audiences(db: Executor, lecture_ids: Sequence[UUID]) -> dict[UUID, Audience]:
    """The audience of each of the lectures."""
    rows = await db.rows("read_audiences", lecture_ids=list(lecture_ids))
    return {
        row["lecture_id"]: Audience(
            frozenset(row["teachers"]), None if row["assigned_to"] is None else frozenset(row["assigned_to"])
        )
        for row in rows
    }
