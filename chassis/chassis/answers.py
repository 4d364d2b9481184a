"""A whole answer, written at once (docs/adr/0027-answers-are-one-write.md)."""

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache

from aiohttp import HttpVersion11, hdrs, web

_NEVER_A_BODY = frozenset({204, 304})


class Answer(web.StreamResponse):
    """Status, headers and body; nothing streams, is compressed or chunked."""

    def __init__(self, status: int, body: bytes | None, headers: Mapping[str, str]) -> None:
        super().__init__(status=status, headers=headers)
        self.body = body
        self._stays_open = False

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may take another request; known once it is written."""
        return self._stays_open

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write all of it. Raises ConnectionResetError when the client has gone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        self._stays_open = request.keep_alive
        body = self.body if self.body and request.method != hdrs.METH_HEAD else b""
        transport.write(self._head(request) + body)

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything is written."""

    def _head(self, request: web.BaseRequest) -> bytes:
        """Raises ValueError for a header that would begin another."""
        lines = [
            f"HTTP/1.1 {self.status} {self.reason}",
            f"Date: {_date(int(time.time()))}",
            *[f"{name}: {value}" for name, value in self.headers.items()],
        ]
        if self.status not in _NEVER_A_BODY:
            lines.append(f"Content-Length: {len(self.body or b'')}")
        if not self._stays_open:
            lines.append("Connection: close")
        elif request.version < HttpVersion11:
            lines.append("Connection: keep-alive")
        head = "\r\n".join(lines)
        if head.count("\r") + head.count("\n") != 2 * (len(lines) - 1):
            raise ValueError("A header has a line break.")
        return (head + "\r\n\r\n").encode()


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def answer(status: int, body: bytes | None, media_type: str, headers: Mapping[str, str]) -> Answer:
    """An answer of the API; unless its headers say otherwise, caches ask again each time."""
    made = Answer(status, body, headers)
    if body is not None:
        made.headers.setdefault(hdrs.CONTENT_TYPE, media_type)
    made.headers.setdefault(hdrs.CACHE_CONTROL, "private, no-cache")
    return made
