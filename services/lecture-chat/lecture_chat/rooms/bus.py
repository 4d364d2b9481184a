"""How replicas pass on to each other what is stored already: Redis pub/sub, which may lose anything."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import orjson
import redis.asyncio
from prometheus_client import Counter
from redis.exceptions import RedisError

from chassis.logging import get_logger
from lecture_chat.entries.encoding import Numbered

log = get_logger(__name__)

LOST = Counter("homeroom_chat_bus_lost_total", "Messages to other replicas that Redis did not take; the table heals it")

_CHANNEL = "lecture-chat:room:"
_OWN = "lecture-chat:replica:"
_BACKLOG = 10_000
_RETRY_SECONDS = 0.5

OnEntries = Callable[[UUID, list[Numbered]], None]
OnChange = Callable[[UUID], None]


class RoomBus:
    """Tells of entries and changes of lectures, and hears those of the lectures it was asked to follow."""

    def __init__(self, url: str, on_entries: OnEntries, on_change: OnChange) -> None:
        self._client = redis.asyncio.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
        # Whoever listens waits as long as nothing is said.
        self._listener = redis.asyncio.Redis.from_url(url, socket_connect_timeout=1.0, health_check_interval=10)
        self._pubsub = self._listener.pubsub(ignore_subscribe_messages=True)
        self._on_entries = on_entries
        self._on_change = on_change
        self._origin = secrets.token_hex(8)
        self._followed: set[UUID] = set()
        self._outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_BACKLOG)

    def tell_entries(self, lecture_id: UUID, entries: Sequence[Numbered]) -> None:
        """Pass stored entries on; returns at once."""
        self._put(lecture_id, [(entry.seq, entry.json.decode()) for entry in entries])

    def tell_change(self, lecture_id: UUID) -> None:
        """Pass on that a lecture's state changed."""
        self._put(lecture_id, [])

    def _put(self, lecture_id: UUID, entries: list[tuple[int, str]]) -> None:
        try:
            self._outgoing.put_nowait((_CHANNEL + str(lecture_id), orjson.dumps([self._origin, entries])))
        except asyncio.QueueFull:
            LOST.inc()

    async def follow(self, lecture_id: UUID) -> None:
        """Hear of the lecture from now on, as far as Redis is there."""
        self._followed.add(lecture_id)
        await self._tried(self._pubsub.subscribe(_CHANNEL + str(lecture_id)))

    async def forget(self, lecture_id: UUID) -> None:
        """Hear of it no more."""
        self._followed.discard(lecture_id)
        await self._tried(self._pubsub.unsubscribe(_CHANNEL + str(lecture_id)))

    async def _tried(self, work: Awaitable[object]) -> None:
        try:
            await work
        except (RedisError, OSError) as error:
            log.warning("room_bus_away", error=str(error))

    async def send(self) -> None:
        """Publish until cancelled: what piled up travels together."""
        while True:
            batch = [await self._outgoing.get()]
            while not self._outgoing.empty() and len(batch) < 100:
                batch.append(self._outgoing.get_nowait())
            try:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for channel, data in batch:
                        pipeline.publish(channel, data)
                    await pipeline.execute()
            except (RedisError, OSError) as error:
                LOST.inc(len(batch))
                log.warning("room_bus_away", error=str(error))

    async def hear(self) -> None:
        """Listen until cancelled, and follow everything again after Redis was away."""
        while True:
            try:
                channels = [_CHANNEL + str(lecture_id) for lecture_id in self._followed]
                await self._pubsub.subscribe(_OWN + self._origin, *channels)
                async for message in self._pubsub.listen():
                    self._take(message["channel"], message["data"])
            except (RedisError, OSError) as error:
                log.warning("room_bus_away", error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def aclose(self) -> None:
        """Hang up."""
        await self._tried(self._pubsub.aclose())  # type: ignore[no-untyped-call]
        await self._tried(self._listener.aclose())
        await self._tried(self._client.aclose())

    def _take(self, channel: bytes, data: bytes) -> None:
        origin, entries = orjson.loads(data)
        if origin == self._origin:
            return
        lecture_id = UUID(channel.decode().removeprefix(_CHANNEL))
        if entries:
            self._on_entries(lecture_id, [Numbered(seq, text.encode()) for seq, text in entries])
        else:
            self._on_change(lecture_id)
