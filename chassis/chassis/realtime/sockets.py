"""One accepted socket: reads typed frames, writes ready bytes, never waits for its peer.

Sending goes straight to the transport: aiohttp's own `send_str` would encode and await for each member of a room.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from typing import Any, Generic, TypeVar
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter
from pydantic import TypeAdapter

from chassis.access import check_identity
from chassis.errors import HomeroomError, Unauthenticated, Unavailable
from chassis.identity import Identity
from chassis.keys import SOCKETS, VERIFIER
from chassis.logging import get_logger
from chassis.model import Body
from chassis.realtime.codes import Close
from chassis.realtime.connection import BUFFER_BYTES, Connection, Upgraded, check_upgrade
from chassis.realtime.frames import Error, Refresh, Refreshed, RefusedError, pack, parse

log = get_logger(__name__)

F = TypeVar("F")

DELIVERED = Counter("homeroom_socket_frames_sent_total", "Frames written to sockets")
RECEIVED = Counter("homeroom_socket_frames_received_total", "Frames read from sockets")


class Socket(Generic[F]):
    """An accepted WebSocket of `identity`; iterating it gives its frames until it ends."""

    __slots__ = (
        "__weakref__", "_connection", "_incoming", "_verifier",
        "classroom_id", "identity", "in_flight",
    )  # fmt: skip

    def __init__(
        self, request: web.Request, identity: Identity, incoming: TypeAdapter[F], classroom_id: UUID | None
    ) -> None:
        self._verifier = request.app[VERIFIER]
        self._incoming = incoming
        self._connection: Connection[F | Refresh] = Connection(request, self._understand)
        self.identity = identity
        self.classroom_id = classroom_id
        # What was taken from this socket and is not answered yet: a server that stops waits for it.
        self.in_flight = 0

    @property
    def open(self) -> bool:
        """Neither side has closed."""
        return self._connection.open

    @property
    def heard_at(self) -> float:
        """When its peer last sent anything, in the loop's time."""
        return self._connection.heard_at

    @property
    def pinged(self) -> bool:
        """It was asked whether it is there, and has not answered."""
        return self._connection.pinged

    def send(self, frame: Body) -> None:
        """Send one frame to this socket alone."""
        self.write(pack(frame))

    def write(self, data: bytes) -> None:
        """Send what `pack` made. A peer that reads too slowly is closed; nothing is ever awaited."""
        broadcast((self,), data)

    @property
    def is_behind(self) -> bool:
        """Whether the peer has not read most of what it was sent."""
        return self._connection.behind

    async def drained(self) -> bool:
        """Wait until the peer has read most of what it was sent; False when the socket ended meanwhile.

        For long answers to one socket: a page, then this, then the next page.
        """
        return await self._connection.drained()

    def ping(self) -> None:
        """Ask whether the peer is there."""
        self._connection.ping()

    def close(self, code: Close) -> None:
        """End the socket with a code; the first one counts. Returns at once."""
        self._connection.close(code)

    async def ended(self) -> None:
        """Wait until the closing handshake is over; for the socket's own task."""
        await self._connection.ended()

    def __aiter__(self) -> "Socket[F]":
        return self

    async def __anext__(self) -> F:
        while (frame := await self._connection.receive()) is not None:
            if not isinstance(frame, Refresh):
                return frame
            await self._refresh(frame.token)
        raise StopAsyncIteration

    def _understand(self, text: str) -> F | Refresh | None:
        """The frame as soon as it is here; None when it is refused. Raises UnreadableError."""
        RECEIVED.inc()
        try:
            frame: F | Refresh = parse(self._incoming, text)
        except RefusedError as refused:
            self.send(refused.error)
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
        connection = socket._connection
        transport = connection.transport
        if not connection.open or transport.is_closing():
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


def accept(
    request: web.Request,
    identity: Identity,
    incoming: TypeAdapter[F],
    run: Callable[[Socket[F]], Awaitable[None]],
    *,
    classroom_id: UUID | None = None,
    during: AsyncExitStack | None = None,
) -> web.StreamResponse:
    """Upgrade the request to a socket, which lives as long as `run(socket)`; the handler returns what this returns.

    Whatever refuses the caller must be raised before, as a problem document. With `classroom_id` the socket ends when
    its person is no member of that classroom any more; what was entered in `during` is left when it has ended.
    Raises UpgradeRequired, Malformed, TooMany, Unavailable.
    """
    check_upgrade(request)
    sockets = request.app[SOCKETS]
    sockets.check_place(identity)
    socket = Socket(request, identity, incoming, classroom_id)
    entered: AbstractAsyncContextManager[Any] = nullcontext() if during is None else during.pop_all()
    sockets.keep(socket, _live(socket, run(socket), entered, request.path))
    return Upgraded()


async def _live(socket: Socket[F], work: Awaitable[None], entered: AbstractAsyncContextManager[Any], path: str) -> None:
    try:
        async with entered:
            await work
        socket.close(Close.DONE)
    except Unavailable:
        socket.close(Close.UNAVAILABLE)
    except HomeroomError as error:
        log.info("socket_ended", path=path, error=str(error))
        socket.close(Close.DONE)
    except Exception:
        log.exception("socket_failed", path=path)
        socket.close(Close.FAILED)
    await socket.ended()
