"""What a client sends, from bytes to whole messages (RFC 6455, section 5), with every length bounded.

Our own (docs/adr/0021-sockets-leave-aiohttp.md): aiohttp's reader is bound to its request handling, 22 KiB a socket,
and those of wsproto and websockets take 20 µs a frame, half of what a saved answer may cost.
"""

from collections.abc import Iterator
from enum import IntEnum

from chassis.realtime.codes import Close

MAX_MESSAGE_BYTES = 16 * 1024
MAX_FRAGMENTS = 64
_MAX_CONTROL_BYTES = 125
_FIN, _RESERVED, _OPCODE = 0x80, 0x70, 0x0F
_MASKED, _LENGTH = 0x80, 0x7F
_KEY_BYTES = 4


class Opcode(IntEnum):
    """What a frame carries."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


_OPCODES = frozenset(Opcode)
_CONTROLS = frozenset({Opcode.CLOSE, Opcode.PING, Opcode.PONG})


class UnreadableError(Exception):
    """Something that ends its socket."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.reason)
        self.code = code


class Parser:
    """Puts messages together. A frame is refused by its header, before its content is here."""

    __slots__ = ("_fragments", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        # Of the message under way; None between messages.
        self._fragments: list[bytes] | None = None

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages and control frames that `data` completes: opcode and content. Raises UnreadableError."""
        data, at = self._rest + data, 0
        self._rest = b""
        while (frame := _frame(data, at)) is not None:
            first, size, start = frame
            self._check(first, size)
            end = start + _KEY_BYTES + size
            if len(data) < end:
                break
            content = _unmasked(data[start + _KEY_BYTES : end], data[start : start + _KEY_BYTES])
            at = end
            if (whole := self._join(first, content)) is not None:
                yield whole
        self._rest = data[at:]

    def _check(self, first: int, size: int) -> None:
        opcode = first & _OPCODE
        if first & _RESERVED or opcode not in _OPCODES:
            raise UnreadableError(Close.PROTOCOL)
        if opcode in _CONTROLS:
            if size > _MAX_CONTROL_BYTES or not first & _FIN:
                raise UnreadableError(Close.PROTOCOL)
            return
        if (opcode == Opcode.CONTINUATION) != (self._fragments is not None):
            raise UnreadableError(Close.PROTOCOL)
        fragments = self._fragments or ()
        if size + sum(map(len, fragments)) > MAX_MESSAGE_BYTES or len(fragments) >= MAX_FRAGMENTS:
            raise UnreadableError(Close.TOO_BIG)
        if opcode == Opcode.BINARY:
            raise UnreadableError(Close.BINARY)

    def _join(self, first: int, content: bytes) -> tuple[int, bytes] | None:
        opcode = first & _OPCODE
        if opcode in _CONTROLS:
            return opcode, content
        fragments = [*(self._fragments or ()), content]
        if not first & _FIN:
            self._fragments = fragments
            return None
        self._fragments = None
        return Opcode.TEXT, b"".join(fragments)


def _frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """The first byte of the frame at `at`, its content's size, and where its key begins; None: not all here yet."""
    if len(data) < at + 2:
        return None
    first, second = data[at], data[at + 1]
    if not second & _MASKED:
        raise UnreadableError(Close.PROTOCOL)
    size, start = second & _LENGTH, at + 2
    if size > _MAX_CONTROL_BYTES:
        width = 2 if size == 126 else 8
        if len(data) < start + width:
            return None
        size, start = int.from_bytes(data[start : start + width], "big"), start + width
    return first, size, start


def _unmasked(content: bytes, key: bytes) -> bytes:
    """Content and repeated key, each as one large number: the fastest way without C."""
    size = len(content)
    keys = (key * (size // _KEY_BYTES + 1))[:size]
    return (int.from_bytes(content, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")
