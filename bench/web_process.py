"""One web process of classroom, as it runs in production, to be measured, asked too much of, or killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from chassis.testing import eventually
from dev.services import GUNICORN_CONFIG


@dataclass(frozen=True, slots=True)
class Running:
    """Where it listens, and its pid."""

    base: str
    pid: int


@asynccontextmanager
async def classroom(settings: dict[str, str], ending: int = signal.SIGTERM) -> AsyncIterator[Running]:
    """The process once it is ready; `ending` is what it and its children are sent at last."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "gunicorn"), f"--config={GUNICORN_CONFIG}", "classroom.app:create_app"]
    environment = os.environ | settings | {"PORT": str(port), "HOST": "127.0.0.1", "LOG_LEVEL": "error"}
    process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: ASYNC220 - it returns at once
    try:
        base = f"http://127.0.0.1:{port}"
        await eventually(partial(_is_ready, base), within=60)
        yield Running(base, process.pid)
    finally:
        os.killpg(process.pid, ending)
        process.wait()


async def _is_ready(base: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{base}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
