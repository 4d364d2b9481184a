"""Waiting for lagging copies: briefly, alike for all, and not too often at once."""

import asyncio
import time
from uuid import uuid4

import pytest

from chassis.errors import NotFound, TooMany
from chassis.waiting import Waits


async def nothing() -> str | None:
    return None


async def test_what_is_there_is_not_waited_for() -> None:
    async def look() -> str | None:
        return "there"

    assert await Waits(seconds=0).find(uuid4(), "thing", look) == "there"


async def test_what_arrives_in_time_is_found() -> None:
    answers = iter([None, None, "arrived"])

    async def look() -> str | None:
        return next(answers)

    assert await Waits(seconds=60).find(uuid4(), "thing", look) == "arrived"


async def test_what_never_arrives_is_not_found() -> None:
    started = time.monotonic()
    with pytest.raises(NotFound):
        await Waits(seconds=0.1).find(uuid4(), "thing", nothing)
    assert time.monotonic() - started >= 0.1


async def test_an_account_waits_for_so_much_at_once() -> None:
    waits, busy = Waits(seconds=0.2, per_account=4), uuid4()
    several = [waits.find(busy, "thing", nothing) for _ in range(5)]
    errors = await asyncio.gather(*several, waits.find(uuid4(), "thing", nothing), return_exceptions=True)
    assert [type(error) for error in errors] == [NotFound] * 4 + [TooMany, NotFound]
    with pytest.raises(NotFound):
        await waits.find(busy, "thing", nothing)
