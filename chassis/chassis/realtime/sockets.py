"""One accepted socket: reads typed frames, writes ready bytes, never waits for its peer.

Sending goes straight to the transport: aiohttp's own `send_str` would encode and await for each member of a room.
"""

import asyncio
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
from chassis.realtime.parser import UnreadableError

log = get_logger(__name__)

F = TypeVar("F")

DELIVERED = Counter("homeroom_socket_frames_sent_total", "Frames written to sockets")
RECEIVED = Counter("homeroom_socket_frames_received_total", "Frames read from sockets")


class Socket(Generic[F]):
    """An accepted WebSocket of `identity`."""

    __slots__ = (
        "__weakref__", "_connection", "_incoming", "_refreshing", "_take", "_verifier",
        "classroom_id", "identity", "in_flight",
    )  # fmt: skip

    def __init__(
        self, request: web.Request, identity: Identity, incoming: TypeAdapter[F], classroom_id: UUID | None
    ) -> None:
        self._verifier = request.app[VERIFIER]
        self._incoming = incoming
        self._take: Callable[[F], None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._connection = Connection(request, self._hear)
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

    async def hear(self, take: Callable[[F], None]) -> None:
        """Have `take` called with each frame as it arrives, until the socket ends; for the socket's own task.

        What `take` raises ends the socket.
        """
        self._take = take
        self._connection.go_on()
        await self._connection.closed()

    def hold(self) -> None:
        """Let frames wait until `go_on`; of those who send too many nothing is read meanwhile."""
        self._connection.hold()

    def go_on(self) -> None:
        """Take what waits, then what arrives."""
        self._connection.go_on()

    def _hear(self, text: str) -> None:
        """Raises UnreadableError."""
        assert self._take is not None
        RECEIVED.inc()
        try:
            frame: F | Refresh = parse(self._incoming, text)
            if isinstance(frame, Refresh):
                self.hold()
                self._refreshing = asyncio.create_task(self._refresh(frame.token))
            else:
                self._take(frame)
        except RefusedError as refused:
            self.send(refused.error)
        except UnreadableError:
            raise
        except Exception as error:  # noqa: BLE001 - logged by _fail
            _fail(self, error)

    async def _refresh(self, token: str) -> None:
        """Go on with a newer token of the same person, or not at all; what was sent after it waits for that."""
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
        finally:
            self.go_on()


def _person(identity: Identity) -> tuple[object, ...]:
    return identity.account_id, identity.school_id, identity.role, identity.scope


def broadcast(sockets: Iterable[Socket[F]], data: bytes) -> int:
    """Write the same bytes to every socket, waiting for none; returns to how many. Laggards are closed (4008)."""
    count, laggards = 0, []
    for socket in sockets:
        connection = socket._connection
        if not connection.open:
            continue
        if connection.behind and connection.transport.get_write_buffer_size() > BUFFER_BYTES:
            laggards.append(socket)
            continue
        connection.transport.write(data)
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
    sockets.keep(socket, _live(socket, run(socket), entered))
    return Upgraded()


async def _live(socket: Socket[F], work: Awaitable[None], entered: AbstractAsyncContextManager[Any]) -> None:
    try:
        async with entered:
            await work
        socket.close(Close.DONE)
    except Exception as error:  # noqa: BLE001 - logged by _fail
        _fail(socket, error)
    await socket.ended()


def _fail(socket: Socket[F], error: Exception) -> None:
    """End a socket whose work went wrong."""
    if isinstance(error, Unavailable):
        socket.close(Close.UNAVAILABLE)
    elif isinstance(error, HomeroomError):
        log.info("socket_ended", classroom_id=socket.classroom_id, error=str(error))
        socket.close(Close.DONE)
    else:
        log.error("socket_failed", classroom_id=socket.classroom_id, exc_info=error)
        socket.close(Close.FAILED)
