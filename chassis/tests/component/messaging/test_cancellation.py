"""A loop of queries ends when it is cancelled, at whatever moment that comes."""

import asyncio
import random

import pytest

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.testing import PATIENCE_SECONDS


async def test_no_cancellation_is_forgotten(database: Database) -> None:
    async def poll() -> None:
        while True:
            async with database.transaction() as tx:
                await tx.value("outbox_waits")

    for _ in range(100):
        task = asyncio.create_task(poll())
        await asyncio.sleep(0.002 + random.random() * 0.003)
        task.cancel()
        _, pending = await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        assert not pending
        assert task.cancelled()


async def test_a_statement_ended_by_its_timeout_is_no_cancellation(database: Database) -> None:
    queries = dict(database._queries)
    queries["test_slow"] = "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(1)"
    database._queries = queries
    with pytest.raises(Unavailable):
        async with database.transaction() as tx:
            await tx.value("test_slow")
    assert await database.value("outbox_waits") is False
