"""Waiting for a copy that lags: what was made elsewhere a moment ago may be asked for before its event is here."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from chassis.errors import NotFound, TooMany

T = TypeVar("T")

WAIT_SECONDS = 2.0
WAITS_PER_ACCOUNT = 4
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.4


class Waits:
    """The waits of one process; foreign and unknown ids wait alike, so that time tells nothing."""

    def __init__(self, seconds: float = WAIT_SECONDS, per_account: int = WAITS_PER_ACCOUNT) -> None:
        self.seconds = seconds
        self._per_account = per_account
        self._waiting: Counter[UUID] = Counter()

    async def find(self, account_id: UUID, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """What `look` returns, asked again until it is not None.

        Raises NotFound (of a `what`) when the time is up, TooMany when the account waits for too much at once.
        """
        found = await look()
        return found if found is not None else await self._wait(account_id, what, look)

    async def _wait(self, account_id: UUID, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        if self._waiting[account_id] >= self._per_account:
            raise TooMany(1, "too_many_waits", "Too many of your requests wait for something that is not there.")
        self._waiting[account_id] += 1
        try:
            return await self._poll(what, look)
        finally:
            self._waiting[account_id] -= 1
            if not self._waiting[account_id]:
                del self._waiting[account_id]

    async def _poll(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        deadline, pause = time.monotonic() + self.seconds, _FIRST_PAUSE
        while (left := deadline - time.monotonic()) > 0:
            await asyncio.sleep(min(pause, left))
            if (found := await look()) is not None:
                return found
            pause = min(pause * 2, _LONGEST_PAUSE)
        raise NotFound(what)
