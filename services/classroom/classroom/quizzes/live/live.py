"""What is live of a process's quizzes: a room each, and the hints between processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import web

from chassis.db import Database
from chassis.keys import CONFIG, DB
from chassis.tasks import end
from classroom.quizzes.live.hints import Hints
from classroom.quizzes.live.keys import LIVE
from classroom.quizzes.live.room import Room

_LAST_SECONDS = 5.0


class Live:
    """The rooms of this process."""

    def __init__(self, db: Database, redis_url: str) -> None:
        self._db = db
        self._rooms: dict[UUID, Room] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self.hints = Hints(redis_url, self._heard)

    @asynccontextmanager
    async def room(self, school_id: UUID, assignment_id: UUID) -> AsyncIterator[Room]:
        """The quiz's room; it is there as long as somebody is in it."""
        room = self._rooms.get(assignment_id)
        if room is None:
            room = self._rooms[assignment_id] = Room(self._db, school_id, assignment_id, self._saved, self._writing)
        room.users += 1
        try:
            await room.ready()
            yield room
        finally:
            room.users -= 1
            if not room.users:
                del self._rooms[assignment_id]
                room.stop()

    def changed(self, assignment_id: UUID, *, urgent: bool) -> None:
        """A quiz changed: tell this process's room and all others."""
        self._heard(assignment_id, urgent)
        self.hints.tell(assignment_id, urgent=urgent)

    def _saved(self, assignment_id: UUID) -> None:
        self.changed(assignment_id, urgent=False)

    def _heard(self, assignment_id: UUID, urgent: bool) -> None:
        if room := self._rooms.get(assignment_id):
            room.poke(urgent=urgent)

    async def settle(self) -> None:
        """Before the process ends: what was taken is committed."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=_LAST_SECONDS)


async def live_quizzes(app: web.Application) -> AsyncIterator[None]:
    """The rooms of the process, from its start to its end."""
    live = app[LIVE] = Live(app[DB], app[CONFIG].redis_url.get_secret_value())
    tasks = [asyncio.create_task(live.hints.send()), asyncio.create_task(live.hints.hear())]
    yield
    await live.settle()
    await end(tasks)
    await live.hints.aclose()
