"""An open page under test: the store as a client keeps it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import orjson

from chassis.access import WEBSOCKET_PROTOCOL
from chassis.tasks import end
from chassis.testing import eventually
from classroom.testing import Actor

Document = dict[str, Any]
Parts = dict[str, Any]


def parts_of(bootstrap: Document) -> Parts:
    """The values of a bootstrap by the keys of its versions."""
    by_kind = {
        "teacher-view": {view["classroom"]["id"]: view for view in bootstrap["classrooms"]},
        "student-view": {view["classroom"]["id"]: view for view in bootstrap["classrooms"]},
        "own": {own["classroom_id"]: own for own in bootstrap["own"]},
    }
    found = {}
    for key in bootstrap["versions"]:
        kind, _, classroom_id = key.partition(":")
        found[key] = by_kind[kind][classroom_id] if classroom_id else bootstrap[kind]
    return found


class Page:
    """What a client holds, and every frame it got."""

    def __init__(self, actor: Actor, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.actor = actor
        self.parts: Parts = {}
        self.versions: dict[str, str] = {}
        self.frames: list[Document] = []
        self._socket = socket

    async def load(self) -> None:
        """Fetch the bootstrap."""
        bootstrap = (await self.actor.get("/bootstrap")).data
        self.parts, self.versions = parts_of(bootstrap), bootstrap["versions"]

    async def have(self, *, split: bool = False) -> None:
        """Say what it holds, all at once or a part a frame."""
        for key in list(self.versions) if split else ():
            await self._socket.send_json({"type": "have", "versions": {key: self.versions[key]}, "more": True})
        await self._socket.send_json({"type": "have", "versions": {} if split else self.versions})

    async def listen(self) -> None:
        """Apply frames until the socket ends."""
        async for message in self._socket:
            frame = orjson.loads(message.data)
            self.frames.append(frame)
            self._apply(frame)

    def _apply(self, frame: Document) -> None:
        match frame["type"]:
            case "fragment":
                key = frame["key"]
                assert frame["version"] > self.versions.get(key, ""), frame
                self.parts[key], self.versions[key] = frame["value"], frame["version"]
            case "gone":
                del self.parts[frame["key"]], self.versions[frame["key"]]
            case "head":
                assert frame["count"] == len(self.parts), (frame, list(self.parts))

    async def told(self, kind: str, count: int = 1) -> None:
        """Wait for the `count`th frame of a type."""

        async def there() -> bool:
            return len(self.got(kind)) >= count

        await eventually(there)

    def got(self, kind: str) -> list[Document]:
        """The frames of a type, in the order they came."""
        return [frame for frame in self.frames if frame["type"] == kind]


@asynccontextmanager
async def opened(actor: Actor, *, load: bool = True, **held: Any) -> AsyncIterator[Page]:
    """A page that follows; `held` are the `parts` and `versions` of one that comes back."""
    protocols = (WEBSOCKET_PROTOCOL, f"bearer.{actor.caller.token}")
    async with actor.client.ws_connect("/api/classroom/feed", protocols=protocols) as socket:
        page = Page(actor, socket)
        if load:
            await page.load()
        for name, value in held.items():
            setattr(page, name, dict(value))
        await page.have()
        listening = asyncio.create_task(page.listen())
        try:
            yield page
        finally:
            if listening.done():
                with suppress(asyncio.CancelledError):
                    listening.result()
            await end([listening])
