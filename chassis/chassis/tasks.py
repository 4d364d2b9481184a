"""Ending background tasks for sure."""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_SECONDS = 0.2


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until each has ended, whatever with.

    A cancellation that comes in the tick of an answer is swallowed by what awaits with Python 3.11's `wait_for`
    (redis-py), and a loop then goes on for ever: so it is repeated.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
