"""Whom a lecture is for, read for many rooms at once."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.db import Executor
from chassis.identity import Identity, Role


class Audience(NamedTuple):
    """Who teaches, and which students it is for (None: all of the classroom)."""

    teachers: frozenset[UUID]
    students: frozenset[UUID] | None

    def role_of(self, identity: Identity) -> str | None:
        """As what this member of the classroom is in the lecture; None: it is not for them."""
        if identity.role is Role.TEACHER and identity.account_id in self.teachers:
            return "teacher"
        return "student" if self.students is None or identity.account_id in self.students else None


async def read_audiences(db: Executor, lecture_ids: Sequence[UUID]) -> dict[UUID, Audience]:
    """The audience of each of the lectures."""
    rows = await db.rows("read_audiences", lecture_ids=list(lecture_ids))
    return {
        row["lecture_id"]: Audience(
            frozenset(row["teachers"]), None if row["assigned_to"] is None else frozenset(row["assigned_to"])
        )
        for row in rows
    }
