"""How the processes tell each other that a quiz changed: Redis pub/sub, which may lose anything; the table heals it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import redis.asyncio
from aiohttp import web
from redis.exceptions import RedisError

from chassis.logging import get_logger
from classroom.quizzes.live.keys import LIVE

log = get_logger(__name__)

CHANNEL = "classroom:quizzes"
_RETRY_SECONDS = 0.5
# A class that answers commits fifty times a second; consoles elsewhere are told twice.
_LAZY_SECONDS = 0.25
_URGENT, _LAZY = b"!", b"."

OnHint = Callable[[UUID, bool], None]


class Hints:
    """Passes hints on in batches: a quiz that changed many times meanwhile is told once."""

    def __init__(self, url: str, on_hint: OnHint) -> None:
        self._client = redis.asyncio.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
        # Whoever listens waits as long as nothing is said.
        self._listener = redis.asyncio.Redis.from_url(url, socket_connect_timeout=1.0, health_check_interval=10)
        self._pubsub = self._listener.pubsub(ignore_subscribe_messages=True)
        self._on_hint = on_hint
        self._waiting: dict[UUID, bool] = {}
        self._some = asyncio.Event()

    def tell(self, assignment_id: UUID, *, urgent: bool) -> None:
        """Pass on that a quiz changed; `urgent` when students must hear of it. Returns at once."""
        known = self._waiting.get(assignment_id)
        self._waiting[assignment_id] = urgent or bool(known)
        if urgent:
            self._some.set()
        elif known is None:
            asyncio.get_running_loop().call_later(_LAZY_SECONDS, self._some.set)

    async def send(self) -> None:
        """Publish until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            waiting, self._waiting = self._waiting, {}
            try:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for assignment_id, urgent in waiting.items():
                        pipeline.publish(CHANNEL, (_URGENT if urgent else _LAZY) + assignment_id.bytes)
                    await pipeline.execute()
            except (RedisError, OSError) as error:
                log.warning("quiz_hints_away", error=str(error))
                await asyncio.sleep(_RETRY_SECONDS)

    async def hear(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._pubsub.subscribe(CHANNEL)
                async for message in self._pubsub.listen():
                    data: bytes = message["data"]
                    self._on_hint(UUID(bytes=data[1:17]), data[:1] == _URGENT)
            except (RedisError, OSError) as error:
                log.warning("quiz_hints_away", error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def aclose(self) -> None:
        """Hang up."""
        for closing in (self._pubsub.aclose(), self._listener.aclose(), self._client.aclose()):  # type: ignore[no-untyped-call]
            with suppress(RedisError, OSError):
                await closing


def hint(app: web.Application, assignment_id: UUID) -> None:
    """Have everybody who watches or takes the quiz told soon, in every process."""
    app[LIVE].changed(assignment_id, urgent=True)


async def publish_once(url: str, assignment_ids: list[UUID]) -> None:
    """Hint from a process without sockets."""
    client = redis.asyncio.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
    try:
        for assignment_id in assignment_ids:
            await client.publish(CHANNEL, _URGENT + assignment_id.bytes)
    except (RedisError, OSError) as error:
        log.warning("quiz_hints_away", error=str(error))
    finally:
        await client.aclose()
