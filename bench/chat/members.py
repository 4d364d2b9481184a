"""Members of a room that cost the bench little: raw sockets whose bytes are counted, not decoded.

A message carries a mark with its time; only a few members look for it, for the latency.
"""

import asyncio
import base64
import os
import re
import time
from dataclasses import dataclass, field
from typing import cast

MARK = re.compile(rb"@(\d+)@")


@dataclass
class Tally:
    """What all members got: bytes, marked messages (of those who look), and their ages in seconds."""

    received: int = 0
    seen: int = 0
    ages: list[float] = field(default_factory=list)


class Member(asyncio.Protocol):
    """One socket. `looks`: count the marks in what arrives."""

    def __init__(self, tally: Tally, request: bytes, *, looks: bool) -> None:
        self._tally = tally
        self._request = request
        self._looks = looks
        self._tail = b""
        self.transport: asyncio.Transport | None = None
        self.upgraded: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.upgraded.done():
            self._tail += data
            if b"\r\n\r\n" in self._tail:
                status = self._tail.split(b"\r\n", 1)[0]
                if b"101" in status:
                    self.upgraded.set_result(None)
                else:
                    self.upgraded.set_exception(ConnectionError(status.decode()))
                self._tail = b""
            return
        self._tally.received += len(data)
        if self._looks:
            self._look(data)

    def _look(self, data: bytes) -> None:
        data = self._tail + data
        now, end = time.monotonic_ns(), 0
        for found in MARK.finditer(data):
            self._tally.seen += 1
            self._tally.ages.append((now - int(found[1])) / 1e9)
            end = found.end()
        self._tail = data[max(end, len(data) - 24) :]

    def say(self, text: bytes) -> None:
        """Send one masked text frame."""
        mask = os.urandom(4)
        size = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        repeated = mask * (len(text) // 4 + 1)
        masked = bytes(a ^ b for a, b in zip(text, repeated, strict=False))
        assert self.transport is not None
        self.transport.write(b"\x81" + size + mask + masked)


def upgrade(path: str, host: str, *protocols: str) -> bytes:
    """The request for a WebSocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *([f"Sec-WebSocket-Protocol: {', '.join(protocols)}"] if protocols else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def marked() -> bytes:
    """The time, for a message's text."""
    return b"@%d@" % time.monotonic_ns()
