"""Ready-to-send fragments in Redis, never older than the last invalidation.

The reads of one event-loop tick travel as one MGET. An invalidation replaces the fragment's *stamp* by
a new random one and deletes the fragment; a filler stores what it read only if the stamp is still the
one it saw before reading, so a slow reader can never put an older fragment back. Where there is no stamp the
filler sets one first: a Redis that was emptied meanwhile then takes nothing from it. Redis gone is slow,
never wrong: reads fall through to the database, and invalidations wait in the outbox.

Who shows fragments to somebody hears of every invalidation (`listen`), and sees from the stamps what it did not hear.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import redis.asyncio
from prometheus_client import Counter
from redis.exceptions import RedisError

from chassis import redis_reads
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.redis_reads import RedisReads

log = get_logger(__name__)

READS = Counter("homeroom_cache_reads_total", "Fragments asked for", ["outcome"])
HITS, MISSES = READS.labels("hit"), READS.labels("miss")

FRAGMENT_SECONDS = 300
_STAMP_SECONDS = 2 * FRAGMENT_SECONDS
_PAUSE_SECONDS = 1.0

# KEYS: stamp, fragment. ARGV: the stamp seen before reading, bytes, seconds to live.
_PUT = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
end
"""

Fill = Callable[[list[str]], Awaitable[Mapping[str, bytes]]]


@dataclass(slots=True)
class _Tick:
    """What is asked for in one turn of the event loop, in the order of asking, and who waits for which of it."""

    keys: dict[str, None] = field(default_factory=dict)
    readers: list[tuple[Sequence[str], asyncio.Future[list[bytes | None]]]] = field(default_factory=list)


class Cache:
    """Fragments of one service: keys are prefixed with its name."""

    def __init__(
        self, client: redis.asyncio.Redis, reads: RedisReads, listener: redis.asyncio.Redis, prefix: str
    ) -> None:
        self._client = client
        self._reads = reads
        self._listener = listener
        self._fragment, self._stamp = f"{prefix}:fragment:", f"{prefix}:stamp:"
        self._channel = f"{prefix}:stale"
        self._put = client.register_script(_PUT)
        self._tick: _Tick | None = None
        self._ticks: set[asyncio.Task[None]] = set()
        self._away_until = 0.0

    async def fragments(self, keys: Sequence[str], fill: Fill) -> list[bytes]:
        """One fragment a key, in order; `fill` reads from the database those that are missing."""
        found = await self._read([self._fragment + key for key in keys])
        if None not in found:
            HITS.inc(len(keys))
            return cast(list[bytes], found)
        missing = [key for key, fragment in zip(keys, found, strict=True) if fragment is None]
        HITS.inc(len(keys) - len(missing))
        MISSES.inc(len(missing))
        filled = await self._fill(missing, fill)
        return [filled[key] if fragment is None else fragment for key, fragment in zip(keys, found, strict=True)]

    async def invalidate(self, keys: Sequence[str]) -> None:
        """Forget fragments, for slow readers too. Raises Unavailable when Redis does not answer."""
        try:
            async with self._client.pipeline(transaction=True) as pipeline:
                for key in keys:
                    pipeline.set(self._stamp + key, secrets.token_bytes(8), ex=_STAMP_SECONDS)
                    pipeline.delete(self._fragment + key)
                pipeline.publish(self._channel, "\n".join(keys))
                await pipeline.execute()
        except (RedisError, OSError) as error:
            raise Unavailable("The cache does not answer.") from error

    async def forget(self, keys: Sequence[str]) -> None:
        """Try an invalidation right after a commit; the outbox row makes sure of it."""
        try:
            await self.invalidate(keys)
        except Unavailable:
            log.info("cache_away_invalidation_waits", keys=len(keys))

    async def stamps(self, keys: Sequence[str]) -> list[bytes | None]:
        """What stands for the last invalidation of each fragment: another value, or none, is a sign of another one.

        Raises Unavailable when Redis does not answer.
        """
        found = await self._read([self._stamp + key for key in keys])
        if time.monotonic() < self._away_until:
            raise Unavailable("The cache does not answer.")
        return found

    async def listen(self, hear: Callable[[list[str]], None]) -> None:
        """Hear the keys of every invalidation, by whatever process, until cancelled; some may pass unheard."""
        heard = self._listener.pubsub(ignore_subscribe_messages=True)
        try:
            while True:
                try:
                    await heard.subscribe(self._channel)
                    async for message in heard.listen():
                        hear(message["data"].decode().split("\n"))
                except (RedisError, OSError) as error:
                    log.warning("cache_unheard", error=str(error))
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            with suppress(RedisError, OSError):
                await heard.aclose()  # type: ignore[no-untyped-call]

    async def _fill(self, missing: list[str], fill: Fill) -> Mapping[str, bytes]:
        stamps = await self._stamped(missing)
        filled = await fill(missing)
        await self._store([(key, stamps[key], filled[key]) for key in missing if stamps.get(key)])
        return filled

    async def _stamped(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The stamp of each fragment, set where there was none; nothing when Redis does not answer."""
        found = dict(zip(keys, await self._read([self._stamp + key for key in keys]), strict=True))
        if bare := [key for key in keys if found[key] is None]:
            found |= await self._set_stamps(bare)
        return {key: stamp for key, stamp in found.items() if stamp is not None}

    async def _set_stamps(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        if time.monotonic() < self._away_until:
            return {}
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for key in keys:
                    pipeline.set(self._stamp + key, secrets.token_bytes(8), ex=_STAMP_SECONDS, nx=True)
                    pipeline.get(self._stamp + key)
                return dict(zip(keys, (await pipeline.execute())[1::2], strict=True))
        except (RedisError, OSError) as error:
            self._pause(error)
            return {}

    async def _store(self, entries: list[tuple[str, bytes, bytes]]) -> None:
        if not entries or time.monotonic() < self._away_until:
            return
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for key, stamp, fragment in entries:
                    keys = [self._stamp + key, self._fragment + key]
                    await self._put(keys, [stamp, fragment, FRAGMENT_SECONDS], client=pipeline)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            self._pause(error)

    def _read(self, keys: Sequence[str]) -> "asyncio.Future[list[bytes | None]]":
        loop = asyncio.get_running_loop()
        if self._tick is None:
            self._tick = _Tick()
            loop.call_soon(self._send_tick)
        found: asyncio.Future[list[bytes | None]] = loop.create_future()
        self._tick.keys.update(dict.fromkeys(keys))
        self._tick.readers.append((keys, found))
        return found

    def _send_tick(self) -> None:
        tick, self._tick = self._tick, None
        assert tick is not None
        # Of its own: one reader that is cancelled does not take the answer from the others.
        task = asyncio.create_task(self._answer(tick))
        self._ticks.add(task)
        task.add_done_callback(self._ticks.discard)

    async def _answer(self, tick: _Tick) -> None:
        keys = list(tick.keys)
        found = dict(zip(keys, await self._mget(keys), strict=True))
        for asked, answer in tick.readers:
            if not answer.done():
                answer.set_result([found[key] for key in asked])

    async def _mget(self, keys: list[str]) -> list[bytes | None]:
        if time.monotonic() < self._away_until:
            return [None] * len(keys)
        try:
            return await self._reads.mget(keys)
        except (RedisError, OSError) as error:
            self._pause(error)
            return [None] * len(keys)

    def _pause(self, error: Exception) -> None:
        """Leave Redis alone for a moment, so that its absence costs one time-out a second, not one a read."""
        log.warning("cache_away", error=str(error))
        self._away_until = time.monotonic() + _PAUSE_SECONDS


@asynccontextmanager
async def connect(url: str, prefix: str) -> AsyncIterator[Cache]:
    """A cache on the given Redis; nothing connects before the first read."""
    client = redis.asyncio.Redis.from_url(
        url, socket_timeout=redis_reads.PATIENCE_SECONDS, socket_connect_timeout=redis_reads.PATIENCE_SECONDS
    )
    # Whoever listens waits as long as nothing is said.
    listener = redis.asyncio.Redis.from_url(
        url, socket_connect_timeout=redis_reads.PATIENCE_SECONDS, health_check_interval=10
    )
    try:
        async with redis_reads.connect(url) as reads:
            yield Cache(client, reads, listener, prefix)
    finally:
        await client.aclose()
        await listener.aclose()
