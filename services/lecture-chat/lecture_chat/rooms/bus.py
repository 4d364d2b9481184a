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
from chassis.tasks import end
from lecture_chat.entries.encoding import Numbered

log = get_logger(__name__)

LOST = Counter("homeroom_chat_bus_lost_total", "Messages to other replicas that Redis did not take; the table heals it")

_CHANNEL = "lecture-chat:room:"
_OWN = "lecture-chat:replica:"
_BACKLOG = 10_000
_RETRY_SECONDS = 0.5
_PATIENCE_SECONDS = 1.0
# How long a lecture that nobody else follows is not passed on: the gateway keeps a room in one replica, as a rule.
_ALONE_SECONDS = 1.0

OnEntries = Callable[[UUID, list[Numbered]], None]
OnChange = Callable[[UUID], None]


class RoomBus:
    """Tells of entries and changes of lectures, and hears those of the lectures it was asked to follow."""

    def __init__(self, url: str, on_entries: OnEntries, on_change: OnChange) -> None:
        self._client = redis.asyncio.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
        # Whoever listens waits as long as nothing is said.
        self._listener = redis.asyncio.Redis.from_url(url, socket_connect_timeout=1.0, health_check_interval=10)
        self._pubsub = self._listener.pubsub(ignore_subscribe_messages=True)
        # Two that subscribe first at once would each connect, and one connection would be lost track of.
        self._subscribing = asyncio.Lock()
        self._on_entries = on_entries
        self._on_change = on_change
        self._origin = secrets.token_hex(8)
        self._subscriptions: set[asyncio.Task[None]] = set()
        self._followed: set[UUID] = set()
        # Lectures that nobody else follows, as far as is known, and until when that is believed.
        self._alone_until: dict[UUID, float] = {}
        self._outgoing: asyncio.Queue[tuple[UUID, bytes]] = asyncio.Queue(_BACKLOG)

    def tell_entries(self, lecture_id: UUID, entries: Sequence[Numbered]) -> None:
        """Pass stored entries on; returns at once."""
        if not self.is_alone(lecture_id):
            self._put(lecture_id, [(entry.seq, entry.json.decode()) for entry in entries])

    def tell_change(self, lecture_id: UUID) -> None:
        """Pass on that a lecture's state changed."""
        if not self.is_alone(lecture_id):
            self._put(lecture_id, [])

    def is_alone(self, lecture_id: UUID) -> bool:
        """Whether nobody else follows it, as far as is known."""
        return self._alone_until.get(lecture_id, 0.0) > _now()

    def _put(self, lecture_id: UUID, entries: list[tuple[int, str]]) -> None:
        try:
            self._outgoing.put_nowait((lecture_id, orjson.dumps([self._origin, entries])))
        except asyncio.QueueFull:
            LOST.inc()

    async def follow(self, lecture_id: UUID) -> None:
        """Hear of the lecture from now on, as far as Redis is there. Others learn by it that they are not alone.

        A Redis that takes the connection and says nothing is not waited for: it is followed once it answers.
        """
        self._followed.add(lecture_id)
        subscribing = asyncio.create_task(self._tried(self._subscribe(_CHANNEL + str(lecture_id))), name="follow")
        self._subscriptions.add(subscribing)
        subscribing.add_done_callback(self._subscriptions.discard)
        await asyncio.wait({subscribing}, timeout=_PATIENCE_SECONDS)
        self._put(lecture_id, [])

    async def forget(self, lecture_id: UUID) -> None:
        """Hear of it no more."""
        self._followed.discard(lecture_id)
        self._alone_until.pop(lecture_id, None)
        await self._tried(self._pubsub.unsubscribe(_CHANNEL + str(lecture_id)))

    async def _subscribe(self, *channels: str) -> None:
        async with self._subscribing:
            await self._pubsub.subscribe(*channels)

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
                    for lecture_id, data in batch:
                        pipeline.publish(_CHANNEL + str(lecture_id), data)
                    heard_by = await pipeline.execute()
            except (RedisError, OSError) as error:
                LOST.inc(len(batch))
                log.warning("room_bus_away", error=str(error))
            else:
                for (lecture_id, _), listeners in zip(batch, heard_by, strict=True):
                    self._note_listeners(lecture_id, listeners)

    def _note_listeners(self, lecture_id: UUID, listeners: int) -> None:
        """Pass on no more, for a while, what nobody else hears."""
        if lecture_id in self._followed and listeners <= 1:
            self._alone_until[lecture_id] = _now() + _ALONE_SECONDS
        else:
            self._alone_until.pop(lecture_id, None)

    async def hear(self) -> None:
        """Listen until cancelled, and follow everything again after Redis was away."""
        while True:
            try:
                await self._subscribe(_OWN + self._origin)
                # Those, too, that were to be followed while it connected.
                if channels := [_CHANNEL + str(lecture_id) for lecture_id in self._followed]:
                    await self._subscribe(*channels)
                async for message in self._pubsub.listen():
                    self._take(message["channel"], message["data"])
            except (RedisError, OSError) as error:
                log.warning("room_bus_away", error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def aclose(self) -> None:
        """Hang up."""
        await end(self._subscriptions)
        await self._tried(self._pubsub.aclose())  # type: ignore[no-untyped-call]
        await self._tried(self._listener.aclose())
        await self._tried(self._client.aclose())

    def _take(self, channel: bytes, data: bytes) -> None:
        origin, entries = orjson.loads(data)
        if origin == self._origin:
            return
        lecture_id = UUID(channel.decode().removeprefix(_CHANNEL))
        self._alone_until.pop(lecture_id, None)
        if entries:
            self._on_entries(lecture_id, [Numbered(seq, text.encode()) for seq, text in entries])
        else:
            self._on_change(lecture_id)


def _now() -> float:
    return asyncio.get_running_loop().time()
