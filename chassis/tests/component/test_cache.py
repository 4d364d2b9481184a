"""Fragments in a real Redis: one MGET a tick, never an older fragment, slower without Redis but right."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from random import Random
from typing import Any

import pytest

from chassis import cache
from chassis.cache import Cache
from chassis.errors import Unavailable
from chassis.testing import Stack


class Source:
    """What a service would read from its database."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.reads = 0
        self.asked = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def fill(self, keys: list[str]) -> Mapping[str, bytes]:
        self.reads += 1
        self.asked.set()
        read = {key: self.values[key] for key in keys}
        if self.gate:
            await self.gate.wait()
        return read


@pytest.fixture
async def fragments(stack: Stack) -> AsyncIterator[Cache]:
    async with cache.connect(stack.redis_url, f"test-{secrets.token_hex(4)}") as connected:
        yield connected


@pytest.fixture
def source() -> Source:
    made = Source()
    made.values = {"a": b"1", "b": b"2"}
    return made


async def test_a_fragment_is_read_once_and_kept(fragments: Cache, source: Source) -> None:
    assert await fragments.fragments(["a", "b"], source.fill) == [b"1", b"2"]
    assert await fragments.fragments(["b", "a"], source.fill) == [b"2", b"1"]
    assert source.reads == 1


async def test_an_invalidated_fragment_is_read_again(fragments: Cache, source: Source) -> None:
    await fragments.fragments(["a"], source.fill)
    source.values["a"] = b"new"
    await fragments.invalidate(["a"])
    assert await fragments.fragments(["a"], source.fill) == [b"new"]


async def test_a_slow_reader_never_puts_an_older_fragment_back(fragments: Cache, source: Source) -> None:
    source.gate = asyncio.Event()
    slow = asyncio.create_task(fragments.fragments(["a"], source.fill))
    await source.asked.wait()
    source.values["a"] = b"new"
    await fragments.invalidate(["a"])
    source.gate.set()
    assert await slow == [b"1"]
    assert await fragments.fragments(["a"], source.fill) == [b"new"]


async def test_without_the_stamp_check_the_older_fragment_would_stay(
    fragments: Cache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchecked = fragments._client.register_script("redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])")
    monkeypatch.setattr(fragments, "_put", unchecked)
    with pytest.raises(AssertionError):
        await test_a_slow_reader_never_puts_an_older_fragment_back(fragments, source)


async def test_the_reads_of_one_tick_are_one_command(
    fragments: Cache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fragments.fragments(["a", "b"], source.fill)
    asked: list[list[str]] = []
    mget = fragments._reads.mget

    async def counted(keys: list[str]) -> Any:
        asked.append(keys)
        return await mget(keys)

    monkeypatch.setattr(fragments._reads, "mget", counted)
    readers = [fragments.fragments([key], source.fill) for key in ("a", "b", "a")]
    assert await asyncio.gather(*readers) == [[b"1"], [b"2"], [b"1"]]
    assert [len(keys) for keys in asked] == [2]


async def test_a_reader_that_gives_up_takes_nothing_from_the_others(fragments: Cache, source: Source) -> None:
    first, second = (asyncio.create_task(fragments.fragments([key], source.fill)) for key in "ab")
    await asyncio.sleep(0)
    first.cancel()
    assert await second == [b"2"]


async def test_without_redis_reads_are_right_and_invalidations_say_so(source: Source) -> None:
    async with cache.connect("redis://127.0.0.1:9", "away") as away:
        assert await away.fragments(["a", "b"], source.fill) == [b"1", b"2"]
        with pytest.raises(Unavailable):
            await away.invalidate(["a"])
        await away.forget(["a"])


class Interleaved:
    """Readers, fillers, a writer who may die before it invalidates, and a Redis that is emptied, step by step."""

    def __init__(self, fragments: Cache) -> None:
        self._cache = fragments
        self._committed = 0
        # What was committed before the last invalidation: whoever begins to read after it finds this or newer.
        self._safe = 0
        self._fillers = deque[tuple[asyncio.Event, asyncio.Task[int]]]()

    async def _read(self, gate: asyncio.Event, asked: asyncio.Event) -> int:
        async def fill(keys: list[str]) -> Mapping[str, bytes]:
            seen = b"%03d" % self._committed
            asked.set()
            await gate.wait()
            return dict.fromkeys(keys, seen)

        (found,) = await self._cache.fragments(["a"], fill)
        return int(found)

    async def read(self) -> None:
        gate = asyncio.Event()
        gate.set()
        assert await self._read(gate, asyncio.Event()) >= self._safe

    async def fill(self) -> None:
        gate, asked = asyncio.Event(), asyncio.Event()
        filler = asyncio.create_task(self._read(gate, asked))
        filler.add_done_callback(lambda _: asked.set())
        await asked.wait()
        self._fillers.append((gate, filler))

    async def put(self) -> None:
        if self._fillers:
            gate, filler = self._fillers.popleft()
            gate.set()
            await filler

    async def change(self) -> None:
        self._committed += 1

    async def invalidate(self) -> None:
        await self._cache.invalidate(["a"])
        self._safe = self._committed

    async def flush(self) -> None:
        await self._cache._client.delete(self._cache._fragment + "a", self._cache._stamp + "a")

    async def end(self) -> None:
        """Once the outbox has made up for what a writer owed, everybody finds the newest."""
        if self._safe < self._committed:
            await self.invalidate()
        while self._fillers:
            await self.put()
        await self.read()


async def interleave(fragments: Cache, steps: Iterable[str]) -> None:
    run = Interleaved(fragments)
    for step in steps:
        await getattr(run, step)()
    await run.end()


STEPS = ("fill", "fill", "put", "read", "change", "invalidate", "flush")


async def test_no_older_fragment_comes_back_in_any_order(fragments: Cache) -> None:
    """GUARANTEES 29, for Redis emptied at any moment."""
    chance = Random(29)
    for _ in range(150):
        await fragments.invalidate(["a"])
        await interleave(fragments, chance.choices(STEPS, k=12))


async def test_a_filler_without_a_stamp_would_bring_one_back_after_a_flush(
    fragments: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 29: where there is no stamp, the filler puts if there is none later either."""
    absent = "if (redis.call('GET', KEYS[1]) or '-') == ARGV[1] then redis.call('SET', KEYS[2], ARGV[2]) end"

    async def trusting(self: Cache, keys: list[str]) -> Mapping[str, bytes]:
        return dict.fromkeys(keys, b"-")

    async def store(self: Cache, entries: list[tuple[str, bytes, bytes]]) -> None:
        for key, stamp, fragment in entries:
            await self._client.register_script(absent)([self._stamp + key, self._fragment + key], [stamp, fragment])

    monkeypatch.setattr(Cache, "_stamped", trusting)
    monkeypatch.setattr(Cache, "_store", store)
    with pytest.raises(AssertionError):
        await interleave(fragments, ["flush", "fill", "change", "invalidate", "flush", "put"])
