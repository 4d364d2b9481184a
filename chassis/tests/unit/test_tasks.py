"""Background tasks end, also those that do not hear the first cancellation."""

import asyncio

from chassis.tasks import end


async def test_a_swallowed_cancellation_is_repeated() -> None:
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 2:
                    raise

    async def fails() -> None:
        raise ValueError

    tasks = [asyncio.create_task(deaf()), asyncio.create_task(fails())]
    await asyncio.sleep(0)
    await asyncio.wait_for(end(tasks), 60)
    assert swallowed == 2
    assert all(task.done() for task in tasks)
    await asyncio.wait_for(end([]), 60)
    assert isinstance(tasks[1].exception(), ValueError)
