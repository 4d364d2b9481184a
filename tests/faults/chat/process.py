"""A replica of lecture-chat in a process of its own, sound or broken: `process.py <file> <fault> …`.

It writes its port to the file, and runs until it is told to stop or dies.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvloop
from aiohttp import web

from chassis.db import Executor
from chassis.realtime import hub, sockets
from chassis.realtime.frames import pack
from lecture_chat.app import build
from lecture_chat.config import Config
from lecture_chat.entries import commands
from lecture_chat.entries.commands import NewEntry, Outcome
from lecture_chat.entries.encoding import Numbered, as_frame
from lecture_chat.rooms import rooms, routes
from lecture_chat.rooms.room import MemberSocket, Room
from lecture_chat.rooms.rooms import Rooms

append = commands.append


def replace(owner: Any, name: str, value: Any) -> None:
    """Break a part of the service, in this process alone."""
    setattr(owner, name, value)


def die_before_ack() -> None:
    """Whoever says `die` is stored, and never told."""

    async def stored(db: Executor, lecture_id: UUID, entries: Sequence[NewEntry]) -> list[Outcome]:
        outcomes = await append(db, lecture_id, entries)
        if any(entry.content.get("body") == "die" for entry in entries):
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes

    replace(commands, "append", stored)


def forget_client_ids() -> None:
    """Broken: what is sent again is new."""

    async def stored(db: Executor, lecture_id: UUID, entries: Sequence[NewEntry]) -> list[Outcome]:
        fresh = [NewEntry(entry.author_id, uuid4().hex, entry.type, entry.content) for entry in entries]
        return await append(db, lecture_id, fresh)

    replace(commands, "append", stored)


def ack_before_commit() -> None:
    """Broken: acked at once, stored a little later."""
    numbers = count(1)

    async def stored(db: Executor, lecture_id: UUID, entries: Sequence[NewEntry]) -> list[Outcome]:
        async def later() -> None:
            await asyncio.sleep(0.5)
            await append(db, lecture_id, entries)

        asyncio.ensure_future(later())  # noqa: RUF006
        return [Outcome(next(numbers), None, None, changes_state=False) for _ in entries]

    replace(commands, "append", stored)


def blind() -> None:
    """Broken: never compares its rooms with the table."""
    replace(rooms, "LOOK_SECONDS", 1e6)


def mix_rooms() -> None:
    """Broken: what is said in one room is shown in all."""

    def heard(self: Rooms, _: UUID, entries: Sequence[Numbered]) -> None:
        for live in self._rooms.values():
            live.room.receive(entries)

    replace(Rooms, "_heard", heard)


def leave_at_once() -> None:
    """Broken: told to stop, it answers nobody and tells nobody."""

    async def drain(_: hub.Sockets) -> None:
        return None

    replace(hub.Sockets, "drain", drain)


def late() -> None:
    """Broken: reads the history, and becomes a member a little later."""

    async def catch_up(self: Room, socket: MemberSocket, since: int) -> bool:
        known = await self._page(since) if since < self.sent else []
        await asyncio.sleep(0.05)
        socket.write(pack(as_frame(known))) if known else None
        self.sockets.add(socket)
        return socket.open

    replace(Room, "catch_up", catch_up)


def ring_alone() -> None:
    """Broken: who comes back gets what the process still holds, whatever is missing before."""

    async def page(self: Room, since: int) -> list[Numbered]:
        return [entry for entry in self._ring if since < entry.seq <= self.sent]

    replace(Room, "_page", page)
    replace(routes, "RESUMABLE", 1 << 40)


def unbounded() -> None:
    """Broken: keeps everything for whoever does not read."""
    replace(sockets, "BUFFER_BYTES", 1 << 40)


def deaf() -> None:
    """Broken: removals are not heard."""
    replace(hub, "_is_concerned", lambda _: lambda __: False)


def tell(port: str) -> None:
    """Whole, or not at all."""
    place = Path(sys.argv[1])
    place.with_suffix(".part").write_text(port)
    place.with_suffix(".part").rename(place)


async def main() -> None:
    for fault in sys.argv[2:]:
        globals()[fault]()
    runner = web.AppRunner(build(Config.load()), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    tell(str(runner.addresses[0][1]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(main())
