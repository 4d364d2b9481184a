"""Reads of Redis on one kept connection: each is written at once, and the answers come in the order of asking.

redis-py opens the connection, whatever its URL asks for. Its own way of a command, through a pool, a task and two
time-outs, costs more than the rest of a request (docs/adr/0024-reads-of-redis-share-a-connection.md).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import hiredis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

PATIENCE_SECONDS = 0.5


class _Answers(asyncio.Protocol):
    """Hands each answer to whoever waits longest."""

    def __init__(self, connection: redis.asyncio.Connection) -> None:
        # Kept, since it closes what it opened when it is forgotten.
        self._connection = connection
        assert connection._writer is not None
        self.transport = connection._writer.transport
        self._reader = hiredis.Reader()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self.transport.set_protocol(self)

    def ask(self, *command: str) -> asyncio.Future[Any]:
        """The answer to come; it may also be a ConnectionError or a ResponseError."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self.transport.write(hiredis.pack_command(command))  # type: ignore[arg-type]
        return answer

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (answer := self._reader.gets()) is not False:
            waiting = self._waiting.popleft()
            if waiting.done():
                continue
            if isinstance(answer, hiredis.ReplyError):
                waiting.set_exception(ResponseError(str(answer)))
            else:
                waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(ConnectionError("Redis closed the connection"))


class RedisReads:
    """The connection, opened before the first read and again after it was lost."""

    def __init__(self, pool: redis.asyncio.ConnectionPool) -> None:
        self._pool = pool
        self._one_opens = asyncio.Lock()
        self._answers: _Answers | None = None

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """What stands under each key. Raises OSError, RedisError."""
        answers = await self._opened()
        # A connection that answers too late is given up; by asyncio.timeout this costs eight times as much.
        late = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, answers.transport.abort)
        try:
            found: list[bytes | None] = await answers.ask("MGET", *keys)
            return found
        finally:
            late.cancel()

    def close(self) -> None:
        """End the connection, and all that wait for it."""
        if self._answers is not None:
            self._answers.transport.abort()

    async def _opened(self) -> _Answers:
        if self._answers is None or self._answers.transport.is_closing():
            # All of it, as a Redis that is stopped takes connections and greets nobody.
            async with asyncio.timeout(PATIENCE_SECONDS), self._one_opens:
                if self._answers is None or self._answers.transport.is_closing():
                    connection: redis.asyncio.Connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
                    await connection.connect()  # type: ignore[no-untyped-call]
                    self._answers = _Answers(connection)
        return self._answers


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[RedisReads]:
    """Reads of the given Redis; nothing connects before the first."""
    pool = redis.asyncio.ConnectionPool.from_url(
        # No messages of the server's own between the answers.
        url, protocol=2, socket_connect_timeout=PATIENCE_SECONDS, retry=Retry(NoBackoff(), 0),
    )  # fmt: skip
    reads = RedisReads(pool)
    try:
        yield reads
    finally:
        reads.close()
