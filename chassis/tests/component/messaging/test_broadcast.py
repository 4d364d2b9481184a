"""What every process hears at once, over a broker link that can be cut."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiormq.abc import DeliveredMessage

from chassis import broadcast, bus
from chassis.bus import Bus
from chassis.events import Event
from chassis.testing import PATIENCE_SECONDS, eventually, uuid7

Publish = Callable[..., Awaitable[None]]

TYPE = "auth.session-revoked.v1"


class Link:
    """A TCP proxy to the broker that can be cut and restored."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def restore(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    @property
    def url(self) -> str:
        netloc = f"{self._target.username}:{self._target.password}@127.0.0.1:{self.port}"
        return self._target._replace(netloc=netloc).geturl()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers += [writer, back]
        await asyncio.gather(_pump(reader, back), _pump(there, writer), return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.fixture
async def link(own_amqp_url: str) -> AsyncIterator[Link]:
    made = Link(own_amqp_url)
    await made.restore()
    yield made
    await made.cut()


@pytest.fixture
async def cuttable(link: Link) -> AsyncIterator[Bus]:
    async with bus.connect(link.url, "cuttable") as connected:
        yield connected


def revoked() -> Event:
    return Event(TYPE, "/homeroom/auth", uuid7(), uuid7(), 1, {})


async def test_hears_what_comes_and_reloads_after_each_connect(
    cuttable: Bus, link: Link, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "RELOAD_SECONDS", 60)
    heard: list[Event] = []
    reloads = 0

    async def reload() -> None:
        nonlocal reloads
        reloads += 1

    async def reloaded(times: int) -> bool:
        return reloads >= times

    async with broadcast.listen(cuttable, {TYPE}, heard.append, reload):
        await eventually(lambda: reloaded(1))
        first = revoked()
        await publish(first)
        await eventually(lambda: _same(heard, [first]))
        await link.cut()
        await eventually(lambda: _same([cuttable.connected], [False]))
        await link.restore()
        await eventually(lambda: reloaded(2))
        second = revoked()
        await publish(second)
        await eventually(lambda: _same(heard, [first, second]))


async def test_what_passed_before_and_is_applied_after_the_connect_is_loaded(
    cuttable: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "RELOAD_SECONDS", 0.05)
    table: list[str] = []
    loaded: list[list[str]] = []

    async def reload() -> None:
        loaded.append(list(table))

    async with broadcast.listen(cuttable, {TYPE}, lambda _: None, reload):
        await eventually(lambda: _same(loaded[:1], [[]]))
        table.append("applied by the worker")
        await eventually(lambda: _same(loaded[-1], table))


async def test_a_failing_callback_ends_nothing(cuttable: Bus, publish: Publish) -> None:
    heard: list[Event] = []
    loaded = asyncio.Event()

    def hear(event: Event) -> None:
        heard.append(event)
        raise RuntimeError

    async def reload() -> None:
        loaded.set()

    async with broadcast.listen(cuttable, {TYPE}, hear, reload):
        await loaded.wait()
        await publish(revoked(), revoked())
        await eventually(lambda: _same([len(heard)], [2]))


async def test_a_broker_that_is_away_delays_no_start(link: Link) -> None:
    await link.cut()
    async with bus.connect(link.url) as connected:
        assert not connected.connected
        opened = asyncio.create_task(_open(connected))
        await asyncio.sleep(0.2)
        await link.restore()
        await asyncio.wait_for(opened, PATIENCE_SECONDS)
        assert connected.connected


async def test_work_begins_anew_when_its_channel_or_queue_goes(cuttable: Bus, link: Link) -> None:
    begun: list[str] = []

    async def work(channel: bus.Channel) -> None:
        queue = (await channel.queue_declare(exclusive=True)).queue or ""
        await channel.basic_consume(queue, _ignore)
        begun.append(queue)
        if len(begun) < 4:
            await asyncio.Event().wait()

    task = asyncio.create_task(cuttable.sessions("test", work))
    await eventually(lambda: _same([len(begun)], [1]))
    await link.cut()
    await link.restore()
    await eventually(lambda: _same([len(begun)], [2]))
    async with cuttable.channel() as other:
        await other.queue_delete(begun[-1])
    await eventually(lambda: _same([len(begun)], [3]))
    await link.cut()
    await link.restore()
    await asyncio.wait_for(task, PATIENCE_SECONDS)


async def _ignore(_: DeliveredMessage) -> None:
    return None


async def _open(connected: Bus) -> None:
    async with connected.channel():
        pass


async def _same(left: list[Any], right: list[Any]) -> bool:
    return left == right
