"""One quiz in one process: the sockets of those who take it and those who watch, told from the table."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.db import Database, Row
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.realtime.codes import Close
from chassis.realtime.frames import pack
from chassis.realtime.sockets import Socket, broadcast
from classroom.quizzes.live.wire import Head, NewStanding, Said
from classroom.quizzes.live.writer import QuizWriter

log = get_logger(__name__)

# Watchers are told at most this often; a heartbeat goes out, and the table is looked at, at least that often (seconds).
BATCH_SECONDS = 0.5
HEAD_SECONDS = 5.0
KEEP_SECONDS = 20.0
_RETRY_SECONDS = 1.0

AnySocket = Socket[Any]


def frame_of(kind: str, progress: int, now: datetime, rows: list[Row], **more: Any) -> bytes:
    """A `snapshot` or `delta` frame, ready for every socket."""
    return pack(document(type=kind, progress=progress, now=now, rows=rows, **more))


def document(**members: Any) -> bytes:
    """JSON as the models would write it: decimals as strings, times with Z."""
    return orjson.dumps(members, default=str, option=orjson.OPT_UTC_Z)


class Room:
    """The sockets of one quiz. `since` is the count of changes that all of them have been told of."""

    def __init__(
        self,
        db: Database,
        school_id: UUID,
        assignment_id: UUID,
        on_commit: Callable[[UUID], None],
        tasks: set[asyncio.Task[None]],
    ) -> None:
        self._db = db
        self._where = {"id": assignment_id, "school_id": school_id}
        self.writer = QuizWriter(db, school_id, assignment_id, lambda: on_commit(assignment_id), tasks)
        self.takers: defaultdict[UUID, set[AnySocket]] = defaultdict(set)
        self.watchers: set[AnySocket] = set()
        self.since: int | None = None
        self.users = 0
        self._looked_at: datetime | None = None
        self._poked = asyncio.Event()
        self._loaded: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Wait until answers can be judged; read once for all who come."""
        if self._loaded is None or (self._loaded.done() and (self._loaded.cancelled() or self._loaded.exception())):
            self._loaded = asyncio.create_task(self.writer.load())
        await asyncio.shield(self._loaded)

    def start(self) -> None:
        """Look after the sockets from now on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="quiz-room")

    def stop(self) -> None:
        """Nobody is here any more."""
        if self._task is not None:
            self._task.cancel()

    def poke(self, *, urgent: bool) -> None:
        """Something changed. Only watchers care for all of it; who takes the quiz hears what is urgent."""
        if urgent or self.watchers:
            self._poked.set()

    def is_current(self, progress: int) -> bool:
        """Whether who has been told up to `progress` may join without missing a change."""
        if self.since is None:
            self.since = progress
        return self.since <= progress

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        kept = loop.time()
        head = loop.time() + HEAD_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(head):
                    await self._poked.wait()
            except TimeoutError:
                pass
            self._poked.clear()
            beat = loop.time() >= head
            head = loop.time() + HEAD_SECONDS if beat else head
            try:
                await self._tell(beat=beat)
                if loop.time() - kept > KEEP_SECONDS:
                    kept = loop.time()
                    await self._keep()
            except Unavailable:
                self._poked.set()
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception:
                log.exception("quiz_room_failed", assignment_id=str(self._where["id"]))
                await asyncio.sleep(_RETRY_SECONDS)
            await asyncio.sleep(BATCH_SECONDS)

    async def _tell(self, *, beat: bool) -> None:
        found = await self._db.row("find_progress", **self._where)
        if found is None or self.since is None:
            return
        since, progress, now = self.since, found["progress"], found["now"]
        if progress > since:
            await self._tell_takers(since)
        if self.watchers and (progress > since or beat):
            await self._tell_watchers(since, progress, now)
        self.since = progress
        if beat:
            everybody = [socket for sockets in self.takers.values() for socket in sockets]
            broadcast([*everybody, *self.watchers], pack(Head(progress=progress, now=now)))

    async def _tell_takers(self, since: int) -> None:
        if not self.takers:
            return
        for row in await self._db.rows("list_standings_since", since=since, **self._where):
            sockets = self.takers.get(row.pop("id"), ())
            broadcast(sockets, pack(NewStanding(**row)))
            if row["status"] == "submitted":
                for socket in tuple(sockets):
                    socket.close(Close.ENDED)
        for row in await self._db.rows("list_messages_since", since=since, **self._where):
            attempt_id = row.pop("attempt_id")
            heard = self.takers.values() if attempt_id is None else [self.takers.get(attempt_id, set())]
            said = pack(Said(**row, to_all=attempt_id is None))
            broadcast([socket for sockets in heard for socket in sockets], said)

    async def _tell_watchers(self, since: int, progress: int, now: datetime) -> None:
        looked_at = self._looked_at or now
        rows = await self._db.rows("list_progress_since", since=since, looked_at=looked_at, **self._where)
        self._looked_at = now
        if rows:
            broadcast(tuple(self.watchers), frame_of("delta", progress, now, rows))

    async def _keep(self) -> None:
        if self.takers:
            await self._db.execute("keep_connected", ids=list(self.takers), **self._where)
