"""A headless Chromium, spoken to by its own protocol."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from chassis.testing import eventually

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--ignore-certificate-errors",
    "--remote-debugging-port=0",
)


def program() -> str | None:
    """The browser that is installed, if any."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@dataclass
class Page:
    """One tab."""

    socket: aiohttp.ClientWebSocketResponse
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def tell(self, method: str, **params: Any) -> Any:
        """One command; its result."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(60):
            while (answer := await self.socket.receive_json()).get("id") != number:
                pass
        assert "error" not in answer, answer
        return answer["result"]

    async def value(self, expression: str) -> Any:
        """What a piece of JavaScript comes to, beside the page's own."""
        return (await self.tell("Runtime.evaluate", expression=expression))["result"].get("value")

    async def visit(self, url: str, headers: dict[str, str] | None = None) -> str | None:
        """Go there with these headers and wait until it is there; why not, when nothing came (a download, say)."""
        await self.tell("Network.enable")
        await self.tell("Network.setExtraHTTPHeaders", headers=headers or {})
        await self.tell("Page.navigate", url="about:blank")
        error: str | None = (await self.tell("Page.navigate", url=url)).get("errorText")
        if error is None:
            await eventually(self._arrived)
        return error

    async def _arrived(self) -> bool:
        there = "document.readyState === 'complete' && location.href !== 'about:blank'"
        return await self.value(there) is True


def _port(told: Path) -> str | None:
    lines = told.read_text().splitlines() if told.exists() else []
    return lines[0] if len(lines) > 1 else None


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Page]:
    """A browser with a profile in this folder, and its one tab."""
    browser = program()
    assert browser is not None
    process = await asyncio.create_subprocess_exec(
        browser, *OPTIONS, f"--user-data-dir={folder}", "about:blank", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        port = await eventually(lambda: asyncio.to_thread(_port, folder / "DevToolsActivePort"))
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                [tab] = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        process.terminate()
        await process.wait()
