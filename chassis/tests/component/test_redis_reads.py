"""Reads on one connection to a real Redis: each gets its own answer, whatever happens to the connection."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
import redis.asyncio
from redis.exceptions import RedisError, ResponseError

from chassis import redis_reads
from chassis.redis_reads import RedisReads
from chassis.testing import PATIENCE_SECONDS, Stack

HASTY_SECONDS = 0.5


@pytest.fixture
async def reads(stack: Stack) -> AsyncIterator[RedisReads]:
    async with redis_reads.connect(stack.redis_url) as connected:
        yield connected


@pytest.fixture
async def keys(stack: Stack) -> AsyncIterator[list[str]]:
    """Ten keys, each with its own name as its value."""
    named = [f"test:{secrets.token_hex(8)}" for _ in range(10)]
    async with redis.asyncio.Redis.from_url(stack.redis_url) as client:
        await client.mset({key: key for key in named})
        yield named
        await client.delete(*named)


async def test_each_gets_its_own_answer(reads: RedisReads, keys: list[str]) -> None:
    found = await asyncio.gather(*(reads.mget([key, "absent"]) for key in keys))
    assert found == [[key.encode(), None] for key in keys]


async def test_who_gives_up_takes_no_answer_from_the_next(reads: RedisReads, keys: list[str]) -> None:
    assert await reads.mget(keys[:1])
    first, second = (asyncio.create_task(reads.mget([key])) for key in keys[:2])
    await asyncio.sleep(0)
    first.cancel()
    assert await second == [keys[1].encode()]


async def test_a_lost_connection_is_told_and_opened_again(reads: RedisReads, keys: list[str]) -> None:
    answers = await reads._opened()
    left = answers.ask("QUIT"), answers.ask("MGET", keys[0])
    with pytest.raises(ConnectionError):
        await asyncio.gather(*left)
    assert await reads.mget(keys[:1]) == [keys[0].encode()]


async def test_a_late_answer_reaches_nobody_else(
    reads: RedisReads, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is held up for longer than a reader waits."""
    held = (await reads._opened()).ask("BLPOP", f"{keys[0]}:nothing", "0")
    with monkeypatch.context() as hasty:
        hasty.setattr(redis_reads, "PATIENCE_SECONDS", HASTY_SECONDS)
        with pytest.raises(ConnectionError):
            await reads.mget(keys[:1])
    assert await reads.mget(keys[1:2]) == [keys[1].encode()]
    with pytest.raises(ConnectionError):
        await held


async def test_a_refusal_is_raised_to_who_asked(reads: RedisReads, keys: list[str]) -> None:
    answers = await reads._opened()
    refused, read = answers.ask("LPOP", keys[0]), answers.ask("MGET", keys[1])
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await refused
    assert await read == [keys[1].encode()]


async def test_nothing_listens(keys: list[str]) -> None:
    async with redis_reads.connect("redis://127.0.0.1:9") as away:
        with pytest.raises((OSError, redis.exceptions.ConnectionError)):
            await away.mget(keys)


async def test_a_stopped_redis_is_not_waited_for(keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection, as the kernel does for a stopped process, and never says a word."""
    monkeypatch.setattr(redis_reads, "PATIENCE_SECONDS", HASTY_SECONDS)
    gone = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        async with redis_reads.connect(f"redis://127.0.0.1:{port}") as stopped:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await asyncio.gather(*(stopped.mget(keys) for _ in range(3)), return_exceptions=True)
            gone.set()
    assert [answer for answer in found if not isinstance(answer, OSError | RedisError)] == []
