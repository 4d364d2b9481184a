"""What of an answer is on the wire, to clients of each kind."""

import asyncio
import re
from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chassis.answers import Answer


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    """Answers as a path says."""

    async def show(_: web.Request) -> web.StreamResponse:
        return Answer(201, "größe".encode(), {"X-Of": "größe"})

    async def nothing(_: web.Request) -> web.StreamResponse:
        return Answer(204, None, {})

    async def empty(_: web.Request) -> web.StreamResponse:
        return Answer(202, None, {})

    async def split(_: web.Request) -> web.StreamResponse:
        return Answer(200, b"x", {"Location": "/a\r\nSet-Cookie: b"})

    app = web.Application()
    for handler in (show, nothing, empty, split):
        app.router.add_get(f"/{handler.__name__}", handler)
    running = TestServer(app)
    async with running:
        yield running


async def said(server: TestServer, *asked: str) -> list[tuple[list[str], bytes]]:
    """All that comes back to requests sent at once: status line and headers, and what follows them."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write("".join(f"{lines}\r\n\r\n" for lines in asked).encode())
    answers = re.split(rb"HTTP/1\.[01] ", await asyncio.wait_for(reader.read(), 10))[1:]
    writer.close()
    parts = [answer.partition(b"\r\n\r\n") for answer in answers]
    return [(head.decode().split("\r\n"), body) for head, _, body in parts]


def plain(path: str, *headers: str, method: str = "GET", version: str = "1.1") -> str:
    return "\r\n".join((f"{method} {path} HTTP/{version}", "Host: x", *headers))


async def test_answers_come_whole_and_in_order(server: TestServer) -> None:
    close = plain("/show", "Connection: close")
    one, two, three, last = await said(server, plain("/show"), plain("/nothing"), plain("/empty"), close)
    head, body = one
    assert (head[0], body) == ("201 Created", "größe".encode())
    assert {"X-Of: größe", "Content-Length: 7"} < set(head)
    assert [line for line in head if line.startswith("Date: ") and line.endswith(" GMT")]
    assert not [line for line in head if line.startswith("Connection")]
    assert (two[0][0], two[1]) == ("204 No Content", b"")
    assert not [line for line in two[0] if line.startswith("Content-Length")]
    assert "Content-Length: 0" in three[0]
    assert "Connection: close" in last[0]


async def test_an_old_client_keeps_its_connection_only_if_it_asks(server: TestServer) -> None:
    kept = plain("/show", "Connection: keep-alive", version="1.0")
    one, two = await said(server, kept, plain("/show", version="1.0"))
    assert "Connection: keep-alive" in one[0]
    assert "Connection: close" in two[0]


async def test_a_head_has_no_body(server: TestServer) -> None:
    one, two = await said(server, plain("/show", method="HEAD"), plain("/empty", "Connection: close"))
    assert ("Content-Length: 7" in one[0], one[1]) == (True, b"")
    assert two[0][0] == "202 Accepted"


async def test_no_header_begins_another(server: TestServer) -> None:
    assert await said(server, plain("/split")) == []


@pytest.mark.parametrize(
    "asked",
    [
        plain("/show", "Cookie: refresh=secret\x01"),
        plain("/show", "Content-Type: a/b", "Content-Type: a/secret"),
        plain("/secret", method="SECRET"),
        "GET /secret HTTP/1.1\r\nX-Secret: secret",
    ],
)
async def test_what_cannot_be_read_is_not_repeated(
    server: TestServer, asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A cookie that no script may read must not come back in a body, nor stand in the log."""
    caplog.set_level("DEBUG")
    ((head, body),) = await said(server, asked)
    assert head[0] == "400 Bad Request"
    assert [line for line in head if line.startswith("Content-Type: application/problem+json")]
    assert orjson.loads(body)["code"] == "bad_request"
    assert "secret" not in body.decode().lower() + caplog.text.lower()
