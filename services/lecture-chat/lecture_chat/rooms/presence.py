"""Who is in the rooms: told to the table once a second, so that thousands who come at once cost one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Executor, json_rows, utc_now
from chassis.errors import Unavailable
from lecture_chat import wire

SHOWN = 500


@dataclass(slots=True)
class Stay:
    """One socket's time in a room."""

    presence_id: UUID
    lecture_id: UUID
    account_id: UUID
    role: str
    joined_at: datetime
    left_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """For `store_presences`."""
        return {name: getattr(self, name) for name in self.__slots__}


class Stays:
    """The stays of this process, and which of them the table does not know yet."""

    def __init__(self, db: Executor) -> None:
        self._db = db
        self._here: dict[UUID, Stay] = {}
        self._news: dict[UUID, Stay] = {}

    def begin(self, stay: Stay) -> None:
        """Somebody came."""
        self._here[stay.presence_id] = self._news[stay.presence_id] = stay

    def end(self, stay: Stay) -> None:
        """Somebody went."""
        stay.left_at = max(utc_now(), stay.joined_at)
        self._here.pop(stay.presence_id, None)
        self._news[stay.presence_id] = stay

    async def store(self) -> set[UUID]:
        """Tell the table what is new; the lectures concerned. What cannot be stored stays new."""
        news, self._news = self._news, {}
        if not news:
            return set()
        try:
            await self._db.execute("store_presences", rows=json_rows([stay.row() for stay in news.values()]))
        except Unavailable:
            self._news = news | self._news
            raise
        return {stay.lecture_id for stay in news.values()}

    async def touch(self) -> None:
        """Say that everybody here is still here."""
        here = tuple(self._here.values())
        if here:
            await self._db.execute("touch_presences", presence_ids=[stay.presence_id for stay in here])
            # Who went in between may have been taken for present again.
            self._news |= {stay.presence_id: stay for stay in here if stay.left_at is not None}


def difference(
    before: dict[UUID, wire.Present], after: dict[UUID, wire.Present]
) -> tuple[tuple[wire.Present, ...], tuple[UUID, ...]]:
    """Who came and who went."""
    joined = tuple(person for account_id, person in after.items() if account_id not in before)
    return joined, tuple(account_id for account_id in before if account_id not in after)
