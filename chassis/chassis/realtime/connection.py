"""The connection under a socket, taken from aiohttp once the request was let in.

aiohttp's own WebSocket keeps the request, its parser, two tasks and every middleware's frame as long as it is open.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable

from aiohttp import hdrs, web
from prometheus_client import Counter

from chassis.access import WEBSOCKET_PROTOCOL
from chassis.errors import Malformed, UpgradeRequired
from chassis.realtime.codes import Close
from chassis.realtime.frames import PING, close_frame, pong
from chassis.realtime.limits import Bucket
from chassis.realtime.parser import Opcode, Parser, UnreadableError

CLOSED = Counter("homeroom_sockets_closed_total", "Sockets closed by the server", ["reason"])

# What a peer may leave unread before it is closed (bytes), and how long it has to answer the close frame (seconds):
# one that broke the protocol less, since its answer cannot be told from the rest.
BUFFER_BYTES = 128 * 1024
_LOW_BUFFER_BYTES = 32 * 1024
CLOSE_SECONDS = 10.0
BROKEN_SECONDS = 2.0
FRAMES_PER_SECOND, FRAMES_BURST = 50.0, 200.0
# Messages that wait to be heard before reading stops.
_MAX_WAITING = 32
_KEY_BYTES = 16
_ACCEPT_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Upgraded(web.StreamResponse):
    """What a handler returns whose connection is a socket's by now: for aiohttp there is nothing left to do."""

    def __init__(self) -> None:
        super().__init__(status=101)

    async def prepare(self, request: web.BaseRequest) -> None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def check_upgrade(request: web.Request) -> None:
    """Raises UpgradeRequired, Malformed unless the request is a WebSocket's (RFC 6455, 4.2.1)."""
    # Some clients send `keep-alive, Upgrade`, or two lines of it.
    connection = ",".join(request.headers.getall(hdrs.CONNECTION, ())).lower().split(",")
    if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket" or "upgrade" not in map(str.strip, connection):
        raise UpgradeRequired()
    key = request.headers.get(hdrs.SEC_WEBSOCKET_KEY, "")
    if request.headers.get(hdrs.SEC_WEBSOCKET_VERSION) != "13" or not _is_key(key):
        raise Malformed("bad_handshake", "Open the WebSocket with version 13 and a key of 16 bytes.")
    if request.body_exists:
        # What follows would be read as frames.
        raise Malformed("bad_handshake", "Open the WebSocket without a body.")


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


class _Early:
    """Takes what a client sent before it had its answer."""

    def __init__(self) -> None:
        self.data = b""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.data += data
        return False, b""

    def feed_eof(self) -> None:
        return None


class Connection(asyncio.Protocol):
    """An accepted WebSocket's bytes: messages in, the closing handshake, whether the peer keeps up.

    `hear` is called with each text as it arrives, or after `go_on` if it arrives while it is held, as it is at first;
    it may raise UnreadableError. `closed`, `drained` and `ended` are for one task, the socket's own.
    """

    __slots__ = (
        "_bucket", "_deadline", "_deaf", "_hear", "_held", "_inbox", "_lost", "_parser", "_waiter",
        "behind", "heard_at", "open", "pinged", "transport",
    )  # fmt: skip

    def __init__(self, request: web.Request, hear: Callable[[str], None]) -> None:
        """Answer the handshake and take the connection over. Raises ConnectionResetError when it is gone."""
        self.transport, early = _taken_over(request)
        self.heard_at = _now()
        self.pinged = False
        self.open = True
        self._lost = False
        # Reading rests until what waits is heard.
        self._deaf = False
        # The peer has not read most of what it was sent.
        self.behind = False
        self._hear = hear
        self._held = True
        self._parser = Parser()
        self._bucket = Bucket(FRAMES_PER_SECOND, FRAMES_BURST, self.heard_at)
        self._inbox: list[str] = []
        self._waiter: asyncio.Future[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.transport.set_protocol(self)
        self.transport.set_write_buffer_limits(_LOW_BUFFER_BYTES)
        self.transport.write(_answer(request))
        if early:
            # Not before whoever hears it is complete.
            asyncio.get_running_loop().call_soon(self.data_received, early)

    # --- For the socket -----------------------------------------------------------------------------------

    def hold(self) -> None:
        """Let what arrives wait."""
        self._held = True

    def go_on(self) -> None:
        """Have heard what waits, then what arrives."""
        self._held = False
        try:
            while self._inbox and not self._held:
                self._hear(self._inbox.pop(0))
        except UnreadableError as error:
            self._close(error.code, BROKEN_SECONDS)
        if not self._inbox:
            self._read_again()
            self._wake()

    async def closed(self) -> None:
        """Wait until a side has closed, and what was said before is heard."""
        while self.open or self._inbox:
            await self._news()

    async def drained(self) -> bool:
        """Wait until the peer has read most of what it was sent, as long as it is given; False when it ended."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while self.open and self.behind:
                    await self._news()
        except TimeoutError:
            self.close(Close.TOO_SLOW)
        return self.open

    async def ended(self) -> None:
        """Wait until both sides have closed."""
        while not self._lost:
            await self._news()

    def close(self, code: Close) -> bool:
        """Send the close frame and wait, in the background, for the peer's; False when it was closed already."""
        return self._close(code, CLOSE_SECONDS)

    def ping(self) -> None:
        """Ask whether the peer is there."""
        self.pinged = True
        self._write(PING)

    # --- For the transport --------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self.heard_at, self.pinged = _now(), False
        try:
            for opcode, content in self._parser.feed(data):
                self._take(opcode, content)
        except UnreadableError as error:
            self._close(error.code, BROKEN_SECONDS)

    def pause_writing(self) -> None:
        self.behind = True

    def resume_writing(self) -> None:
        self.behind = False
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.open, self._lost = False, True
        if self._deadline is not None:
            self._deadline.cancel()
        self._wake()

    # --- Inside -------------------------------------------------------------------------------------------

    def _take(self, opcode: int, content: bytes) -> None:
        if opcode == Opcode.CLOSE:
            self._answer_close(content)
        elif not self.open:
            return
        elif not self._bucket.take(self.heard_at):
            self.close(Close.FLOOD)
        elif opcode == Opcode.PING:
            self._write(pong(content))
        elif opcode == Opcode.TEXT:
            if self._held:
                self._keep(_text(content))
            else:
                self._hear(_text(content))

    def _keep(self, text: str) -> None:
        self._inbox.append(text)
        if len(self._inbox) >= _MAX_WAITING and not self._deaf:
            self._deaf = True
            self.transport.pause_reading()

    def _answer_close(self, content: bytes) -> None:
        """The peer closes, or answers ours: the last it says. What it said before is still heard."""
        if self.open:
            self._write(close_frame(_checked(content)))
            self.open = False
        self.transport.close()
        self._end_within(CLOSE_SECONDS)

    def _close(self, code: Close, seconds: float) -> bool:
        if not self.open:
            return False
        self._write(close_frame(code, code.reason))
        self.open = False
        CLOSED.labels(code.name.lower()).inc()
        self._inbox.clear()
        self._read_again()
        self._end_within(seconds)
        return True

    def _end_within(self, seconds: float) -> None:
        self._deadline = self._deadline or asyncio.get_running_loop().call_later(seconds, self.transport.abort)
        self._wake()

    def _read_again(self) -> None:
        if self._deaf and not self.transport.is_closing():
            self._deaf = False
            self.transport.resume_reading()

    def _write(self, data: bytes) -> None:
        if self.open and not self.transport.is_closing():
            self.transport.write(data)

    async def _news(self) -> None:
        """Wait until something changes: nothing waits, room in the buffer, an end."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _taken_over(request: web.Request) -> tuple[asyncio.Transport, bytes]:
    """The connection, and what the client sent before it had its answer; for aiohttp the connection is lost."""
    protocol, transport, early = request.protocol, request.transport, _Early()
    if transport is None or transport.is_closing():
        raise ConnectionResetError
    protocol.set_parser(early)  # type: ignore[arg-type]
    # Without a transport it closes none.
    protocol.transport = None
    protocol.connection_lost(None)
    return transport, early.data


def _answer(request: web.Request) -> bytes:
    """The server's handshake (RFC 6455, 4.2.2)."""
    accept = hashlib.sha1(request.headers[hdrs.SEC_WEBSOCKET_KEY].encode() + _ACCEPT_KEY, usedforsecurity=False)
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(accept.digest()).decode()}",
    ]
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "").split(",")
    if WEBSOCKET_PROTOCOL in map(str.strip, offered):
        lines.append(f"Sec-WebSocket-Protocol: {WEBSOCKET_PROTOCOL}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UnreadableError(Close.INVALID_TEXT) from None


def _checked(content: bytes) -> int | None:
    """The code of a peer's close frame, to be sent back; None when it gave none. Raises UnreadableError."""
    if not content:
        return None
    code = int.from_bytes(content[:2], "big")
    if len(content) == 1 or not (code in _PEER_CODES or code in range(3000, 5000)):
        raise UnreadableError(Close.PROTOCOL)
    _text(content[2:])
    return code


# RFC 6455, 7.4, and its registry: what may travel.
_PEER_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


def _now() -> float:
    return asyncio.get_running_loop().time()
