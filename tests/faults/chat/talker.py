"""Somebody who talks twice a second, in a process of its own: a crowd in this one would make its acks look late.

`python -m tests.faults.chat.talker URL TOKEN SECONDS` prints a line once it is in the room, and at the end how long
each ack took; null for one that never came.
"""

import asyncio
import json
import sys
import time

import aiohttp

from lecture_chat.client import RoomClient, joined

PATIENCE_SECONDS = 10.0
# More often, and a crowd of thousands in one process would only be busy hearing it.
PAUSE_SECONDS = 0.5


class Talker:
    """The process, seen from the test."""

    def __init__(self, url: str, token: str, seconds: float) -> None:
        self._command = [sys.executable, "-m", "tests.faults.chat.talker", url, token, str(seconds)]

    async def begin(self) -> None:
        """Return once it is in the room."""
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        await self._process.stdout.readline()

    async def waits(self) -> list[float | None]:
        """How long each ack took, when the talk is over."""
        said, _ = await self._process.communicate()
        found: list[float | None] = json.loads(said)
        return found


async def talk(url: str, token: str, seconds: float) -> list[float | None]:
    async def own_token() -> str:
        return token

    waits: list[float | None] = []
    async with aiohttp.ClientSession() as session, joined(client := RoomClient(session, [url], own_token)):
        print("in the room", flush=True)
        ending = time.monotonic() + seconds
        while time.monotonic() < ending:
            started = time.monotonic()
            try:
                await asyncio.wait_for(client.say(f"still here {len(waits)}"), PATIENCE_SECONDS)
                waits.append(time.monotonic() - started)
            except TimeoutError:
                waits.append(None)
            await asyncio.sleep(PAUSE_SECONDS)
    return waits


if __name__ == "__main__":
    print(json.dumps(asyncio.run(talk(sys.argv[1], sys.argv[2], float(sys.argv[3])))))
