"""All sockets of one process: who they belong to, when they must end, and how they leave when the process stops."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web
from prometheus_client import Gauge

from chassis import broadcast
from chassis.db import utc_now
from chassis.errors import TooMany, Unavailable
from chassis.events import Event
from chassis.identity import Identity, Revocations, Role
from chassis.keys import BUS, CONFIG, DB, SOCKETS, VERIFIER
from chassis.realtime.codes import Close
from chassis.realtime.connection import CLOSE_SECONDS
from chassis.realtime.frames import Moving
from chassis.realtime.sockets import Socket
from chassis.tasks import end

OPEN = Gauge("homeroom_sockets_open", "Open sockets of this process")

SOCKETS_PER_ACCOUNT = 40
SWEEP_SECONDS = 1.0
PING_SECONDS = 25.0
SILENT_SECONDS = 60.0
# At a stop: how long answers are waited for, and how many sockets come back elsewhere in one second.
ANSWER_SECONDS = 5.0
MOVES_PER_SECOND = 500
LONGEST_MOVE_SECONDS = 10.0

# As what somebody is removed: who may teach may still teach where they attend no more, which the table tells.
_REMOVALS = {
    "classroom.student-removed.v1": Role.STUDENT,
    "classroom.teacher-removed.v1": Role.TEACHER,
}
_DEACTIVATED = "auth.account-deactivated.v1"

AnySocket = Socket[Any]


class Sockets:
    """The open sockets of a process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: dict[AnySocket, asyncio.Task[None]] = {}
        self._places: Counter[UUID] = Counter()
        self.draining = False

    def __iter__(self) -> Iterator[AnySocket]:
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def check_place(self, identity: Identity) -> None:
        """Raises Unavailable when the process is full or stops, TooMany when the account has too many sockets."""
        if self.draining or len(self._open) >= self._limit:
            raise Unavailable("This server takes no more sockets; connect again.", retry_after=1)
        if self._places[identity.account_id] >= SOCKETS_PER_ACCOUNT:
            raise TooMany(5, "too_many_sockets", "You have too many live connections open; close some.")

    def keep(self, socket: AnySocket, work: Coroutine[Any, Any, None]) -> None:
        """Watch over the socket while its work runs, in a task of its own."""
        self._places[socket.identity.account_id] += 1
        task = self._open[socket] = asyncio.create_task(work, name="socket")
        task.add_done_callback(partial(self._forget, socket))
        OPEN.set(len(self._open))

    def _forget(self, socket: AnySocket, _: "asyncio.Task[None]") -> None:
        del self._open[socket]
        account_id = socket.identity.account_id
        self._places[account_id] -= 1
        if not self._places[account_id]:
            del self._places[account_id]
        OPEN.set(len(self._open))

    def close_where(self, condition: Callable[[AnySocket], bool], code: Close) -> None:
        """Close every socket of which the condition holds."""
        for socket in self:
            if condition(socket):
                socket.close(code)

    def sweep(self, revocations: Revocations, now: float, wall_clock: float) -> None:
        """End what has expired, was revoked or is silent; ask the quiet whether they are there."""
        for socket in self:
            identity, quiet = socket.identity, now - socket.heard_at
            if identity.expires_at <= wall_clock:
                socket.close(Close.TOKEN_EXPIRED)
            elif identity.session_id in revocations:
                socket.close(Close.SIGNED_OUT)
            elif quiet > SILENT_SECONDS:
                socket.close(Close.TOO_SLOW)
            elif quiet > PING_SECONDS and not socket.pinged:
                socket.ping()

    async def drain(self) -> None:
        """Answer what was taken, tell every client when to come back elsewhere, and close."""
        self.draining = True
        deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
        while (  # noqa: ASYNC110 - counters have no event
            any(socket.in_flight for socket in self._open) and asyncio.get_running_loop().time() < deadline
        ):
            await asyncio.sleep(0.01)
        spread = min(LONGEST_MOVE_SECONDS, len(self) / MOVES_PER_SECOND)
        for socket in self:
            socket.send(Moving(after_ms=round(random.uniform(0, spread) * 1000)))
            socket.close(Close.MOVING)
        if self._open:
            await asyncio.wait(self._open.values(), timeout=CLOSE_SECONDS + 1)
        await end(tuple(self._open.values()))


def install(app: web.Application, lost_members: str) -> None:
    """Give a service its sockets.

    `lost_members` names its query that tells which of the pairs (`%(classroom_ids)s`, `%(account_ids)s`) are no active
    members; it answers rows of `classroom_id, account_id`.
    """
    app[SOCKETS] = Sockets(app[CONFIG].max_sockets)
    app.cleanup_ctx.append(_watched(lost_members))
    app.on_shutdown.append(_drain)


async def _drain(app: web.Application) -> None:
    await app[SOCKETS].drain()


def _watched(lost_members: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """Sweeping at intervals; removals as they are heard, and again from the table in case one was not."""

    async def watch(app: web.Application) -> AsyncIterator[None]:
        sockets = app[SOCKETS]

        def hear(event: Event) -> None:
            sockets.close_where(_is_concerned(event), Close.REMOVED)

        async def reload() -> None:
            await _close_lost(app, lost_members)

        sweeping = asyncio.create_task(_sweep(app), name="sockets")
        try:
            async with broadcast.listen(app[BUS], {*_REMOVALS, _DEACTIVATED}, hear, reload):
                yield
        finally:
            await end([sweeping])

    return watch


def _is_concerned(event: Event) -> Callable[[AnySocket], bool]:
    if event.type == _DEACTIVATED:
        return lambda socket: (
            (socket.identity.school_id, socket.identity.account_id)
            == (
                event.school_id,
                UUID(event.data["account_id"]),
            )
        )
    role = _REMOVALS[event.type]
    classroom_id, account_id = UUID(event.data["classroom_id"]), UUID(event.data[f"{role}_id"])
    return lambda socket: (
        (socket.classroom_id, socket.identity.account_id, socket.identity.role) == (classroom_id, account_id, role)
    )


async def _close_lost(app: web.Application, query: str) -> None:
    pairs = {(socket.classroom_id, socket.identity.account_id) for socket in app[SOCKETS] if socket.classroom_id}
    if not pairs:
        return
    classrooms, accounts = zip(*pairs, strict=True)
    rows = await app[DB].rows(query, classroom_ids=list(classrooms), account_ids=list(accounts))
    lost = {(row["classroom_id"], row["account_id"]) for row in rows}
    app[SOCKETS].close_where(lambda it: (it.classroom_id, it.identity.account_id) in lost, Close.REMOVED)


async def _sweep(app: web.Application) -> None:
    while True:
        now = asyncio.get_running_loop().time()
        app[SOCKETS].sweep(app[VERIFIER].revocations, now, utc_now().timestamp())
        await asyncio.sleep(SWEEP_SECONDS)
