"""The programs of docs/events.md, run as they stand there by somebody who knows nothing else."""

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from chassis.contracts import Contracts
from chassis.testing import eventually

Publish = Callable[..., Awaitable[None]]

PAGE = Path(__file__).parents[4] / "docs" / "events.md"
LIVE, REPLAY = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


async def run(program: str, url: str) -> "asyncio.subprocess.Process":
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env={**os.environ, "AMQP_URL": url}, stdout=asyncio.subprocess.PIPE
    )


async def first_line(process: "asyncio.subprocess.Process", publish: Callable[[], Awaitable[None]]) -> str:
    """The first line the program prints; until then events keep coming."""
    assert process.stdout
    line = asyncio.ensure_future(process.stdout.readline())
    for _ in range(600):
        await publish()
        done, _pending = await asyncio.wait([line], timeout=0.1)
        if done:
            break
    process.kill()
    await process.wait()
    return (await line).decode()


async def test_the_live_example(own_amqp_url: str, bound: None, contracts: Contracts, publish: Publish) -> None:
    _, event = contracts.types["classroom.grade-released.v1"].examples()[0]
    process = await run(LIVE, own_amqp_url)
    assert "'results': [" in await first_line(process, lambda: publish(event))


async def test_the_replay_example(own_amqp_url: str, bound: None, contracts: Contracts, publish: Publish) -> None:
    _, event = contracts.types["auth.school-registered.v1"].examples()[0]
    await publish(event)

    async def nothing() -> None:
        return None

    async def replayed() -> str:
        """Nothing while the new stream is not found yet."""
        return await first_line(await run(REPLAY, own_amqp_url), nothing)

    assert await eventually(replayed) == "0 auth.school-registered.v1\n"
