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
    """JSON as the models would write it: times with Z. Decimals come from SQL as texts."""
    return orjson.dumps(members, option=orjson.OPT_UTC_Z)


# How far somebody has been told: the quiz's count of changes, and when that was read.
Told = tuple[int, datetime]


class Room:
    """The sockets of one quiz."""

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
        self.watchers: dict[AnySocket, Told] = {}
        self.users = 0
        # What all takers have been told; None while there are none.
        self._since: int | None = None
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

    def admit(self, attempt_id: UUID, socket: AnySocket, progress: int) -> None:
        """Have somebody who takes the quiz told what came after `progress`; others may hear some of it again."""
        self.takers[attempt_id].add(socket)
        if self._since is None or progress < self._since:
            self._since = progress
            self._poked.set()

    def dismiss(self, attempt_id: UUID, socket: AnySocket) -> None:
        """One who took the quiz has left."""
        self.takers[attempt_id].discard(socket)
        if not self.takers[attempt_id]:
            del self.takers[attempt_id]

    def show(self, socket: AnySocket, told: Told) -> None:
        """Have somebody who watches told what came after what was shown."""
        self.watchers[socket] = told
        self._poked.set()

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
        if found is None:
            return
        progress, now = found["progress"], found["now"]
        await self._tell_takers(progress)
        await self._tell_watchers(progress, now, beat=beat)
        if beat:
            takers = [socket for sockets in self.takers.values() for socket in sockets]
            watchers = [socket for socket in self.watchers if not socket.is_behind]
            broadcast([*takers, *watchers], pack(Head(progress=progress, now=now)))

    async def _tell_takers(self, progress: int) -> None:
        since = self._since
        if not self.takers or since is None:
            self._since = None
            return
        if progress <= since:
            return
        # Set before the queries: who is admitted meanwhile may set it back.
        self._since = progress
        try:
            await self._tell_standings(since)
            await self._tell_messages(since)
        except BaseException:
            self._since = since
            raise

    async def _tell_standings(self, since: int) -> None:
        for row in await self._db.rows("list_standings_since", since=since, **self._where):
            sockets = self.takers.get(row.pop("id"), ())
            broadcast(sockets, pack(NewStanding(**row)))
            if row["status"] == "submitted":
                for socket in tuple(sockets):
                    socket.close(Close.ENDED)

    async def _tell_messages(self, since: int) -> None:
        for row in await self._db.rows("list_messages_since", since=since, **self._where):
            attempt_id = row.pop("attempt_id")
            heard = self.takers.values() if attempt_id is None else [self.takers.get(attempt_id, set())]
            said = pack(Said(**row, to_all=attempt_id is None))
            broadcast([socket for sockets in heard for socket in sockets], said)

    async def _tell_watchers(self, progress: int, now: datetime, *, beat: bool) -> None:
        """Who still reads what came before is left out, and gets all of it later in one frame."""
        equals: defaultdict[Told, list[AnySocket]] = defaultdict(list)
        for socket, told in self.watchers.items():
            if (beat or told[0] < progress) and not socket.is_behind:
                equals[told].append(socket)
        for (since, looked_at), sockets in equals.items():
            rows = await self._db.rows("list_progress_since", since=since, looked_at=looked_at, **self._where)
            here = [socket for socket in sockets if socket in self.watchers]
            self.watchers.update(dict.fromkeys(here, (progress, now)))
            if rows:
                broadcast(here, frame_of("delta", progress, now, rows))

    async def _keep(self) -> None:
        if self.takers:
            await self._db.execute("keep_connected", ids=list(self.takers), **self._where)
