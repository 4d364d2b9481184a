"""What replicas tell each other, over a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from chassis.tasks import end
from chassis.testing import Stack, eventually, uuid7
from lecture_chat.entries.encoding import Numbered
from lecture_chat.rooms import bus
from lecture_chat.rooms.bus import RoomBus


@pytest.fixture(autouse=True)
def long_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence ends because somebody came, and not by itself."""
    monkeypatch.setattr(bus, "_ALONE_SECONDS", 3600.0)


class Replica:
    """A bus with what it heard."""

    def __init__(self, url: str) -> None:
        self.entries: list[Numbered] = []
        self.changes: list[UUID] = []
        self.bus = RoomBus(url, lambda _, entries: self.entries.extend(entries), self.changes.append)

    async def silent(self, lecture_id: UUID) -> bool:
        """Whether it passes nothing on of the lecture."""
        return self.bus.is_alone(lecture_id)


@asynccontextmanager
async def replicas(url: str, count: int) -> AsyncIterator[list[Replica]]:
    """So many, each as in a process of its own."""
    made = [Replica(url) for _ in range(count)]
    loops = [asyncio.create_task(work) for it in made for work in (it.bus.send(), it.bus.hear())]
    try:
        yield made
    finally:
        await end(loops)
        await asyncio.gather(*(it.bus.aclose() for it in made))


async def test_what_nobody_else_follows_is_told_to_nobody_until_somebody_does(stack: Stack) -> None:
    lecture_id = uuid7()
    async with replicas(stack.redis_url, 2) as (first, second):
        await first.bus.follow(lecture_id)
        await eventually(lambda: first.silent(lecture_id))
        await second.bus.follow(lecture_id)
        # The newcomer has said so: the silence would not have ended by itself yet.
        await eventually(lambda: _said(first.changes))
        assert not await first.silent(lecture_id)
        first.bus.tell_entries(lecture_id, [Numbered(1, b'{"seq":1}')])
        await eventually(lambda: _said(second.entries))
        assert second.entries == [Numbered(1, b'{"seq":1}')]
        assert not first.entries
        assert not await first.silent(lecture_id)
        await second.bus.forget(lecture_id)
        first.bus.tell_change(lecture_id)
        await eventually(lambda: first.silent(lecture_id))


async def test_a_replica_without_the_room_tells_those_who_have_it(stack: Stack) -> None:
    """What came over HTTP is stored wherever it came to."""
    lecture_id = uuid7()
    async with replicas(stack.redis_url, 2) as (first, second):
        await first.bus.follow(lecture_id)
        await eventually(lambda: first.silent(lecture_id))
        second.bus.tell_entries(lecture_id, [Numbered(1, b"{}")])
        await eventually(lambda: _said(first.entries))
        second.bus.tell_change(lecture_id)
        await eventually(lambda: _said(first.changes))


async def test_rooms_are_opened_though_redis_takes_connections_and_says_nothing() -> None:
    """As when it is stopped; what it does not bring is read from the table."""

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with closing_at_the_end(writer):
            await ended.wait()

    ended = asyncio.Event()
    stopped = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = stopped.sockets[0].getsockname()[1]
    async with stopped, replicas(f"redis://127.0.0.1:{port}", 1) as (replica,):
        try:
            # One after the other they would wait half a minute.
            async with asyncio.timeout(25):
                await asyncio.gather(*(replica.bus.follow(uuid7()) for _ in range(6)))
        finally:
            ended.set()


@asynccontextmanager
async def closing_at_the_end(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()


async def _said(heard: list[Numbered] | list[UUID]) -> bool:
    return bool(heard)
