"""A small service with one room, and clients of it, for tests of sockets."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import aiohttp
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field, TypeAdapter

from chassis.access import identify
from chassis.config import Config
from chassis.identity import Revocations, Role, Verifier, http_key_set
from chassis.keys import CONFIG, SOCKETS, VERIFIER
from chassis.model import Body
from chassis.realtime.frames import Refresh, pack
from chassis.realtime.hub import Sockets
from chassis.realtime.sockets import Socket, accept, broadcast
from chassis.requests import in_hand
from chassis.testing import PATIENCE_SECONDS, Caller, Issuer, eventually, uuid7

ORIGIN = "https://localhost:8443"
CLASSROOM = uuid7()


class Say(Body):
    """Client → server."""

    type: Literal["say"]
    text: str = Field(max_length=10)
    client_id: str = ""


class Heard(Body):
    """Server → client."""

    type: Literal["heard"] = "heard"
    text: str


ClientIn = Annotated[Say | Refresh, Field(discriminator="type")]
CLIENT_IN: TypeAdapter[ClientIn] = TypeAdapter(ClientIn)


async def room(request: web.Request) -> web.StreamResponse:
    """Everybody hears what anybody says; a failure on demand."""
    identity = await identify(request)
    everybody = request.app[SOCKETS]

    async def run(socket: Socket[ClientIn]) -> None:
        def take(frame: ClientIn) -> None:
            assert isinstance(frame, Say)
            if frame.text == "break":
                raise ValueError(frame.text)
            broadcast(everybody, pack(Heard(text=frame.text)))

        await socket.hear(take)

    return accept(request, identity, CLIENT_IN, run, classroom_id=CLASSROOM)


@dataclass
class Service:
    """A running service with one room."""

    app: web.Application
    client: TestClient[Any, Any]
    issuer: Issuer
    school_id: UUID

    @property
    def sockets(self) -> Sockets:
        """All that are open."""
        return self.app[SOCKETS]

    @property
    def revocations(self) -> Revocations:
        """Whose tokens are good no more."""
        return self.app[VERIFIER].revocations

    def caller(self, **claims: Any) -> Caller:
        """A student of the school."""
        return self.issuer.caller(Role.STUDENT, self.school_id, **claims)

    def sweep(self, later: float = 0.0) -> None:
        """What the service does every few seconds, as if so many had passed."""
        now = asyncio.get_running_loop().time()
        self.sockets.sweep(self.revocations, now + later, time.time() + later)

    @asynccontextmanager
    async def joined(self, caller: Caller | None = None) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Somebody in the room."""
        caller = caller or self.caller()
        protocols = ("homeroom.v1", f"bearer.{caller.token}")
        patience = aiohttp.ClientWSTimeout(ws_close=0.5)
        async with self.client.ws_connect(
            "/room", protocols=protocols, origin=ORIGIN, autoping=False, timeout=patience
        ) as socket:
            assert socket.protocol == "homeroom.v1"
            await eventually(lambda: so(any(it.identity.account_id == caller.account_id for it in self.sockets)))
            yield socket


@asynccontextmanager
async def running_service(issuer: Issuer) -> AsyncIterator[Service]:
    """One room over real HTTP, with tokens of `issuer`."""
    urls = ("DATABASE_URL", "AMQP_URL", "AMQP_MANAGEMENT_URL", "REDIS_URL")
    app = web.Application(middlewares=[in_hand(1000)])
    environment = dict.fromkeys(urls, "x") | {"CONTRACTS_DIR": ".", "PORT": "1", "WORKER_PORT": "2"}
    app[CONFIG] = Config.load(environment | {"JWKS_URL": issuer.url, "ALLOWED_ORIGINS": ORIGIN})
    app[SOCKETS] = Sockets(limit=100)
    app.router.add_get("/room", room)
    async with aiohttp.ClientSession() as session:
        keys = http_key_set(session, issuer.url)
        app[VERIFIER] = Verifier(keys, "https://homeroom", "homeroom", Revocations())
        async with TestClient(TestServer(app)) as client:
            yield Service(app, client, issuer, uuid7())


async def ending(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read until the server closes; the code."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await socket.receive()).type not in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
            pass
    return socket.close_code


class Raw:
    """A client that says and answers exactly what a test wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    def say(self, data: bytes, opcode: int = 1) -> None:
        """One frame, masked with zeros."""
        self.writer.write(bytes((0x80 | opcode, 0x80 | len(data))) + bytes(4) + data)

    async def hear(self) -> bytes:
        """The next frame's content; b"" at the end of the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await self._reader.read(2)
            long = int.from_bytes(await self._reader.readexactly(2), "big") if head[1:] == b"\x7e" else 0
            return await self._reader.readexactly(long or head[1]) if head else b""

    async def closed(self) -> int:
        """Read until the server closes; the code."""
        content = b""
        while not content.startswith((b"\x03", b"\x0f")):
            content = await self.hear()
        return int.from_bytes(content[:2], "big")


@asynccontextmanager
async def raw(
    service: Service,
    *early: bytes,
    key: str = "dGhlIHNhbXBsZSBub25jZQ==",
    connection: str = "Upgrade",
    status: int = 101,
) -> AsyncIterator[Raw]:
    """Upgraded by hand, or refused with `status`, with `early` right behind the request."""
    where = service.client.server
    reader, writer = await asyncio.open_connection(where.host, where.port)
    protocols = f"homeroom.v1, bearer.{service.caller().token}"
    writer.write(
        f"GET /room HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocols}\r\n\r\n".encode()
    )
    client = Raw(reader, writer)
    for data in early:
        client.say(data)
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        assert head.startswith(b"HTTP/1.1 %d " % status), head
        yield client
    finally:
        writer.close()


async def so(value: bool) -> bool:
    """What `eventually` may wait for."""
    return value
