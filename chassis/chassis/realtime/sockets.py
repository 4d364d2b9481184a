"""One accepted socket: reads typed frames, writes ready bytes, never waits for its peer.

Sending goes straight to the transport: aiohttp's own `send_str` would encode and await for each member of a room.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar
from uuid import UUID

from aiohttp import WSMessage, WSMsgType, hdrs, web
from prometheus_client import Counter
from pydantic import TypeAdapter

from chassis.access import WEBSOCKET_PROTOCOL, check_identity
from chassis.errors import HomeroomError, Unauthenticated, Unavailable, UpgradeRequired
from chassis.identity import Identity
from chassis.keys import SOCKETS, VERIFIER
from chassis.logging import get_logger
from chassis.model import Body
from chassis.realtime.codes import Close
from chassis.realtime.frames import (
    MAX_FRAME_BYTES,
    PING,
    Error,
    Refresh,
    Refreshed,
    RefusedError,
    UnreadableError,
    pack,
    parse,
)
from chassis.realtime.limits import Bucket

log = get_logger(__name__)

F = TypeVar("F")

DELIVERED = Counter("homeroom_socket_frames_sent_total", "Frames written to sockets")
RECEIVED = Counter("homeroom_socket_frames_received_total", "Frames read from sockets")
CLOSED = Counter("homeroom_sockets_closed_total", "Sockets closed by the server", ["reason"])

# What a peer may leave unread before it is closed (bytes), and how long it has to read the close frame (seconds).
BUFFER_BYTES = 128 * 1024
CLOSE_SECONDS = 10.0
FRAMES_PER_SECOND, FRAMES_BURST = 50.0, 200.0
_LOW_BUFFER_BYTES = 32 * 1024
_DRAIN_PAUSE = 0.02


class Socket(Generic[F]):
    """An accepted WebSocket of `identity`; iterating it gives its frames until it ends."""

    __slots__ = (
        "__weakref__", "_bucket", "_closing", "_incoming", "_response", "_transport", "_verifier",
        "classroom_id", "heard_at", "identity", "in_flight", "open", "pinged",
    )  # fmt: skip

    def __init__(
        self,
        request: web.Request,
        response: web.WebSocketResponse,
        identity: Identity,
        incoming: TypeAdapter[F],
        classroom_id: UUID | None,
    ) -> None:
        assert request.transport is not None
        now = asyncio.get_running_loop().time()
        self._transport: asyncio.Transport = request.transport
        self._response = response
        self._verifier = request.app[VERIFIER]
        self._incoming = incoming
        self._bucket = Bucket(FRAMES_PER_SECOND, FRAMES_BURST, now)
        self._closing: asyncio.Task[None] | None = None
        self.identity = identity
        self.classroom_id = classroom_id
        self.open = True
        self.pinged = False
        self.heard_at = now
        # What was taken from this socket and is not answered yet: a server that stops waits for it.
        self.in_flight = 0

    @property
    def response(self) -> web.WebSocketResponse:
        """What the route's handler returns at the end."""
        return self._response

    def send(self, frame: Body) -> None:
        """Send one frame to this socket alone."""
        self.write(pack(frame))

    def write(self, data: bytes) -> None:
        """Send what `pack` made. A peer that reads too slowly is closed; nothing is ever awaited."""
        broadcast((self,), data)

    @property
    def is_behind(self) -> bool:
        """Whether the peer has not read most of what it was sent."""
        return self._transport.get_write_buffer_size() > _LOW_BUFFER_BYTES

    async def drained(self) -> bool:
        """Wait until the peer has read most of what it was sent; False when the socket ended meanwhile.

        For long answers to one socket: a page, then this, then the next page.
        """
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while self.open and self.is_behind:
            if asyncio.get_running_loop().time() > deadline:
                self.close(Close.TOO_SLOW)
            await asyncio.sleep(_DRAIN_PAUSE)
        return self.open

    def ping(self) -> None:
        """Ask whether the peer is there."""
        self.pinged = True
        self._write_now(PING)

    def close(self, code: Close) -> None:
        """End the socket with a code; the first one counts. Returns at once."""
        if not self.open:
            return
        self.open = False
        CLOSED.labels(code.name.lower()).inc()
        self._closing = asyncio.ensure_future(self._shake_hands(code))

    async def _shake_hands(self, code: Close) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._response.close(code=code, message=code.reason.encode())
        except TimeoutError:
            self._transport.abort()
        except ConnectionError:
            pass

    async def ended(self) -> None:
        """Wait until the closing handshake is over."""
        self.open = False
        if self._closing is not None:
            await self._closing

    def _write_now(self, data: bytes) -> None:
        if self.open and not self._transport.is_closing():
            self._transport.write(data)

    def __aiter__(self) -> "Socket[F]":
        return self

    async def __anext__(self) -> F:
        while self.open:
            message = await self._response.receive()
            self.heard_at, self.pinged = asyncio.get_running_loop().time(), False
            frame = await self._take(message)
            if frame is not None:
                return frame
        raise StopAsyncIteration

    async def _take(self, message: WSMessage) -> F | None:
        if message.type is WSMsgType.TEXT:
            return await self._understand(message.data)
        if message.type is WSMsgType.PING:
            await self._response.pong(message.data)
        elif message.type is WSMsgType.BINARY:
            self.close(Close.BINARY)
        elif message.type is not WSMsgType.PONG:
            self.open = False
        return None

    async def _understand(self, text: str) -> F | None:
        RECEIVED.inc()
        if not self._bucket.take(self.heard_at):
            self.close(Close.FLOOD)
            return None
        try:
            frame: F = parse(self._incoming, text)
        except UnreadableError as error:
            self.close(error.code)
            return None
        except RefusedError as refused:
            self.send(refused.error)
            return None
        if isinstance(frame, Refresh):
            await self._refresh(frame.token)
            return None
        return frame

    async def _refresh(self, token: str) -> None:
        """Go on with a newer token of the same person, or not at all."""
        try:
            identity = await self._verifier.identify(token)
            check_identity(identity, reading=False)
            if _person(identity) != _person(self.identity):
                raise Unauthenticated()
        except Unavailable:
            self.send(Error(code="unavailable", detail="The token cannot be checked now; send it again shortly."))
        except HomeroomError:
            self.close(Close.SIGNED_OUT)
        else:
            self.identity = identity
            self.send(Refreshed(expires_at=identity.expires_at))


def _person(identity: Identity) -> tuple[object, ...]:
    return identity.account_id, identity.school_id, identity.role, identity.scope


def broadcast(sockets: Iterable[Socket[F]], data: bytes) -> int:
    """Write the same bytes to every socket, waiting for none; returns to how many. Laggards are closed (4008)."""
    count, laggards = 0, []
    for socket in sockets:
        transport = socket._transport
        if not socket.open or transport.is_closing():
            continue
        if transport.get_write_buffer_size() > BUFFER_BYTES:
            laggards.append(socket)
            continue
        transport.write(data)
        count += 1
    DELIVERED.inc(count)
    for socket in laggards:
        socket.close(Close.TOO_SLOW)
    return count


@asynccontextmanager
async def accept(
    request: web.Request, identity: Identity, incoming: TypeAdapter[F], *, classroom_id: UUID | None = None
) -> AsyncIterator[Socket[F]]:
    """Upgrade the request to a socket for the length of the block; return `socket.response` after it.

    Whatever refuses the caller must be raised before, as a problem document. With `classroom_id` the socket ends when
    its person is no member of that classroom any more. Raises UpgradeRequired, TooMany, Unavailable.
    """
    if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
        raise UpgradeRequired()
    sockets = request.app[SOCKETS]
    with sockets.place(identity):
        response = web.WebSocketResponse(
            protocols=(WEBSOCKET_PROTOCOL,),
            compress=False,
            autoping=False,
            timeout=CLOSE_SECONDS,
            max_msg_size=MAX_FRAME_BYTES,
        )
        await response.prepare(request)
        socket = Socket(request, response, identity, incoming, classroom_id)
        with sockets.kept(socket):
            try:
                yield socket
                socket.close(Close.DONE)
            except Unavailable:
                socket.close(Close.UNAVAILABLE)
            except (HomeroomError, ConnectionError) as error:
                log.info("socket_ended", path=request.path, error=str(error))
                socket.close(Close.DONE)
            except Exception:
                log.exception("socket_failed", path=request.path)
                socket.close(Close.FAILED)
            finally:
                await socket.ended()
