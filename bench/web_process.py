"""One web process of a service, as it runs in production, to be measured, asked too much of, or killed."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from chassis.testing import eventually
from dev.ports import is_free
from dev.services import GUNICORN_CONFIG

FIRST_PORT = 18500  # the whole stack may be running


@dataclass(frozen=True, slots=True)
class Running:
    """Where it listens, and its pid."""

    port: int
    pid: int

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def web_process(package: str, settings: dict[str, str], ending: int = signal.SIGTERM) -> AsyncIterator[Running]:
    """The process once it is ready; `ending` is what it and its children are sent at last."""
    port = next(port for port in range(FIRST_PORT, FIRST_PORT + 100) if is_free(port))
    command = [
        str(Path(sys.executable).parent / "gunicorn"),
        f"--config={GUNICORN_CONFIG}",
        f"{package}.app:create_app",
    ]
    environment = os.environ | settings | {"PORT": str(port), "HOST": "127.0.0.1", "LOG_LEVEL": "error"}
    process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: ASYNC220 - it returns at once
    try:
        running = Running(port, process.pid)
        await eventually(partial(_is_ready, running.base), within=60)
        yield running
    finally:
        os.killpg(process.pid, ending)
        process.wait()


async def _is_ready(base: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{base}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
