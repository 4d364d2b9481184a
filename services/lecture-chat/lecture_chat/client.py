"""A small client of a lecture's room, as docs/lecture-chat-protocol.md tells it; tests and benchmarks use it.

It holds the entries it got in order, sends again what was not acked, and comes back after any loss.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
import orjson

T = TypeVar("T")

Frame = dict[str, Any]
GetToken = Callable[[], Awaitable[str]]
# Takes the number of the try (from 0), gives the pause before the next one in seconds.
Pause = Callable[[int], float]

FATAL = {4004, 4005, 4010}
_HISTORY = {"message", "deleted", "pinned", "mode_set", "poll", "poll_closed"}


def jittered(tried: int) -> float:
    """A random part of 0.5 s, 1 s, 2 s … 30 s."""
    return random.uniform(0, min(30.0, 0.5 * 2**tried))


class GapError(Exception):
    """An entry is missing: connect again."""


class RoomClient:
    """One member's view of a room.

    `urls` (http…) are those of the lecture at each replica, or its one at the gateway: after a loss the next is tried.
    `entries` are the entries after `first_seq` in order; `other` holds the newest frame of every other type.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        urls: Sequence[str],
        token: GetToken,
        *,
        pause: Pause = jittered,
        origin: str = "",
    ) -> None:
        self._session = session
        self._urls = urls
        self._place = 0
        self._token = token
        self._pause = pause
        self._headers = {"Origin": origin} if origin else {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._unacked: dict[str, tuple[Frame, asyncio.Future[int]]] = {}
        self._undone: dict[str, tuple[Frame, asyncio.Future[None]]] = {}
        self._moved_after = 0.0
        self._first_hello = True
        self.first_seq = 0
        self.entries: list[Frame] = []
        self.other: dict[str, Frame] = {}
        self.frames: list[Frame] = []
        self.joined = asyncio.Event()
        self.close_code: int | None = None
        self.refusal: int | None = None
        self.connects = self.resyncs = self.repeats = self.gaps = 0

    @property
    def last_seq(self) -> int:
        """The last number held."""
        return self.first_seq + len(self.entries)

    # --- Sending ------------------------------------------------------------------------------------------

    async def add(self, kind: str, client_id: str | None = None, **fields: Any) -> int:
        """Send an entry (`send`, `pin`, …) until it is acked; its number. Raises RefusedError."""
        client_id = client_id or uuid4().hex
        frame = {"type": kind, "client_id": client_id, **fields}
        if client_id not in self._unacked:
            self._unacked[client_id] = frame, asyncio.get_running_loop().create_future()
            await self._try_to_send(frame)
        return await self._unacked[client_id][1]

    async def say(self, body: str, client_id: str | None = None) -> int:
        """Send a message until it is acked; its number."""
        return await self.add("send", client_id, body=body)

    async def set(self, kind: str, **fields: Any) -> None:
        """Send a signal (`hand`, `react`, …) until it is stored. Raises RefusedError."""
        reference = uuid4().hex
        frame, done = {"type": kind, "ref": reference, **fields}, asyncio.get_running_loop().create_future()
        self._undone[reference] = frame, done
        await self._try_to_send(frame)
        await done

    async def raw(self, frame: Frame) -> None:
        """Send any frame once."""
        await self._try_to_send(frame)

    async def _try_to_send(self, frame: Frame) -> None:
        if self._socket is not None and not self._socket.closed:
            # What is unanswered is sent again after the next connect.
            with suppress(ConnectionError):
                await self._socket.send_str(orjson.dumps(frame).decode())

    # --- Receiving ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay in the room until it ends, this member is refused, or the task is cancelled."""
        tried = 0
        while self.close_code not in FATAL and self.refusal is None:
            before = self.connects
            try:
                await self._stay()
            except aiohttp.WSServerHandshakeError as error:
                if error.status in {403, 404, 409}:
                    self.refusal = error.status
            except (aiohttp.ClientError, ConnectionError, TimeoutError, GapError):
                pass
            self._socket = None
            self.joined.clear()
            tried = 0 if self.connects > before else tried + 1
            pause, self._moved_after = self._moved_after or self._pause(tried), 0.0
            if self.close_code not in FATAL and self.refusal is None:
                await asyncio.sleep(pause)

    async def _stay(self) -> None:
        since = "" if self._first_hello else f"?since={self.last_seq}"
        protocols = ("homeroom.v1", f"bearer.{await self._token()}")
        url = f"{self._urls[self._place % len(self._urls)]}/socket{since}"
        self._place += 1
        patience = aiohttp.ClientWSTimeout(ws_close=1.0)
        async with self._session.ws_connect(
            url, protocols=protocols, headers=self._headers, timeout=patience, max_msg_size=0
        ) as socket:
            self._socket = socket
            self.connects += 1
            async for message in socket:
                await self._take(orjson.loads(message.data))
            self.close_code = socket.close_code

    async def _take(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "messages":
            for entry in frame["messages"]:
                self._add_entry(entry)
        elif kind in _HISTORY:
            self._add_entry(frame)
        else:
            self.other[kind] = frame
            self.frames.append(frame)
            await self._react(kind, frame)

    def _add_entry(self, entry: Frame) -> None:
        if entry["seq"] <= self.last_seq:
            self.repeats += 1
        elif entry["seq"] > self.last_seq + 1:
            self.gaps += 1
            raise GapError
        else:
            self.entries.append(entry)

    async def _react(self, kind: str, frame: Frame) -> None:
        if kind == "hello":
            await self._begin(frame)
        elif kind == "resync_required":
            self.resyncs += 1
            self.entries.clear()
            self._first_hello = True
        elif kind == "ack":
            self._settle(self._unacked, frame["client_id"], frame["seq"])
        elif kind == "done":
            self._settle(self._undone, frame["ref"], None)
        elif kind == "error":
            await self._refused(frame)
        elif kind == "head" and frame["seq"] > self.last_seq:
            self.gaps += 1
            raise GapError
        elif kind == "moving":
            self._moved_after = max(0.001, frame["after_ms"] / 1000)

    async def _begin(self, hello: Frame) -> None:
        if self._first_hello:
            self._first_hello = False
            self.first_seq = hello["first_seq"]
        self.joined.set()
        for frame, _ in [*self._unacked.values(), *self._undone.values()]:
            await self._try_to_send(frame)

    def _settle(self, waiting: dict[str, tuple[Frame, asyncio.Future[T]]], reference: str, outcome: T) -> None:
        if (sent := waiting.pop(reference, None)) is not None and not sent[1].done():
            sent[1].set_result(outcome)

    async def _refused(self, frame: Frame) -> None:
        for waiting in (self._unacked, self._undone):
            if frame["ref"] not in waiting:
                continue
            if frame["code"] in {"unavailable", "overloaded", "rate_limited"}:
                await asyncio.sleep((frame["retry_after_ms"] or 200) / 1000)
                await self._try_to_send(waiting[frame["ref"]][0])
            elif not (answer := waiting.pop(frame["ref"])[1]).done():
                answer.set_exception(RefusedError(frame))


class RefusedError(Exception):
    """What was sent changed nothing; `frame` is the server's `error`."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(f"{frame['code']}: {frame['detail']}")
        self.frame = frame
        self.code: str = frame["code"]


@asynccontextmanager
async def joined(client: RoomClient, within: float = 60.0) -> AsyncIterator[RoomClient]:
    """Keep the client in its room for the length of the block."""
    task = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(within):
            await client.joined.wait()
        yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
