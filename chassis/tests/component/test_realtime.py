"""Sockets of a small service: who gets one, what may be said on it, and how it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import aiohttp
import pytest
from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field, TypeAdapter

from chassis.access import identify
from chassis.config import Config
from chassis.identity import Revocations, Role, Verifier, http_key_set
from chassis.keys import CONFIG, SOCKETS, VERIFIER
from chassis.model import Body
from chassis.problems import problem_middleware
from chassis.realtime import connection, hub, sockets
from chassis.realtime.codes import Close
from chassis.realtime.frames import Moving, Refresh, pack, parse
from chassis.realtime.hub import Sockets
from chassis.realtime.parser import MAX_MESSAGE_BYTES
from chassis.realtime.sockets import Socket, accept, broadcast
from chassis.testing import Caller, Issuer, eventually, uuid7

ORIGIN = "https://localhost:8443"


class Say(Body):
    type: Literal["say"]
    text: str = Field(max_length=10)
    client_id: str = ""


class Heard(Body):
    type: Literal["heard"] = "heard"
    text: str


ClientIn = Annotated[Say | Refresh, Field(discriminator="type")]
CLIENT_IN: TypeAdapter[ClientIn] = TypeAdapter(ClientIn)


async def room(request: web.Request) -> web.StreamResponse:
    """Everybody hears what anybody says; a failure on demand."""
    identity = await identify(request)
    everybody = request.app[SOCKETS]

    async def run(socket: Socket[ClientIn]) -> None:
        async for frame in socket:
            assert isinstance(frame, Say)
            if frame.text == "break":
                raise ValueError(frame.text)
            broadcast(everybody, pack(Heard(text=frame.text)))

    return accept(request, identity, CLIENT_IN, run, classroom_id=CLASSROOM)


CLASSROOM = uuid7()


@dataclass
class Service:
    """A running service with one room."""

    app: web.Application
    client: TestClient[Any, Any]
    issuer: Issuer
    school_id: UUID

    @property
    def sockets(self) -> Sockets:
        return self.app[SOCKETS]

    @property
    def revocations(self) -> Revocations:
        return self.app[VERIFIER].revocations

    def caller(self, **claims: Any) -> Caller:
        return self.issuer.caller(Role.STUDENT, self.school_id, **claims)

    def sweep(self, later: float = 0.0) -> None:
        now = asyncio.get_running_loop().time()
        self.sockets.sweep(self.revocations, now + later, time.time() + later)

    @asynccontextmanager
    async def joined(self, caller: Caller | None = None) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        caller = caller or self.caller()
        protocols = ("homeroom.v1", f"bearer.{caller.token}")
        patience = aiohttp.ClientWSTimeout(ws_close=0.5)
        async with self.client.ws_connect(
            "/room", protocols=protocols, origin=ORIGIN, autoping=False, timeout=patience
        ) as socket:
            assert socket.protocol == "homeroom.v1"
            await eventually(lambda: _true(any(it.identity.account_id == caller.account_id for it in self.sockets)))
            yield socket


async def _true(value: bool) -> bool:
    return value


@pytest.fixture
async def service(issuer: Issuer) -> AsyncIterator[Service]:
    urls = ("DATABASE_URL", "AMQP_URL", "AMQP_MANAGEMENT_URL", "REDIS_URL")
    app = web.Application(middlewares=[problem_middleware])
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
    async with asyncio.timeout(5):
        while (await socket.receive()).type not in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
            pass
    return socket.close_code


async def test_everybody_gets_the_same(service: Service) -> None:
    async with service.joined() as one, service.joined() as other:
        await one.send_json({"type": "say", "text": "hello"})
        for socket in (one, other):
            assert await socket.receive_json(timeout=5) == {"type": "heard", "text": "hello"}
        await one.ping(b"x")
        assert (await one.receive()).type is WSMsgType.PONG
        assert await one.close()
        await eventually(lambda: _true(len(service.sockets) == 1))


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda socket: socket.send_str("{"), Close.BAD_JSON),
        (lambda socket: socket.send_str('{"type":"shout"}'), Close.UNKNOWN_TYPE),
        (lambda socket: socket.send_str('{"text":"x"}'), Close.UNKNOWN_TYPE),
        (lambda socket: socket.send_str("[]"), Close.UNKNOWN_TYPE),
        (lambda socket: socket.send_bytes(b"{}"), Close.BINARY),
        (lambda socket: socket.send_str(" " * (MAX_MESSAGE_BYTES + 1)), Close.TOO_BIG),
        (lambda socket: socket.send_frame(b"\xff", WSMsgType.TEXT), Close.INVALID_TEXT),
        (lambda socket: socket.send_frame(b"x", 3), WSCloseCode.PROTOCOL_ERROR),
        (lambda socket: socket.send_json({"type": "say", "text": "break"}), Close.FAILED),
        (lambda socket: socket.send_json({"type": "refresh", "token": "x"}), Close.SIGNED_OUT),
    ],
)  # fmt: skip
async def test_what_ends_a_socket(service: Service, send: Callable[[Any], Any], code: int) -> None:
    """GUARANTEES 51: frames that are too big, no UTF-8 or no frames at all end a socket cleanly, with a code."""
    async with service.joined() as socket:
        await send(socket)
        assert await ending(socket) == code
    await eventually(lambda: _true(len(service.sockets) == 0))


class Raw:
    """A client that says and answers exactly what a test wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    def say(self, data: bytes, opcode: int = 1) -> None:
        """One frame, masked with zeros."""
        self.writer.write(bytes((0x80 | opcode, 0x80 | len(data))) + bytes(4) + data)

    async def hear(self) -> bytes:
        """The next frame's content; b"" at the end of the connection."""
        async with asyncio.timeout(5):
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
async def raw(service: Service, *early: bytes, key: str = "x" * 24) -> AsyncIterator[Raw]:
    """Upgraded by hand, with `early` right behind the request."""
    where = service.client.server
    reader, writer = await asyncio.open_connection(where.host, where.port)
    protocols = f"homeroom.v1, bearer.{service.caller().token}"
    writer.write(
        f"GET /room HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocols}\r\n\r\n".encode()
    )
    client = Raw(reader, writer)
    for data in early:
        client.say(data)
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert (b" 101 " in head) == (len(key) == 24), head
        yield client
    finally:
        writer.close()


async def test_the_server_waits_for_the_answer_to_its_close(service: Service) -> None:
    """What was sent before the code arrives with it, and so does the code: the connection is not cut meanwhile."""
    async with raw(service) as client:
        await eventually(lambda: _true(len(service.sockets) == 1))
        (here,) = service.sockets
        here.send(Heard(text="last"))
        here.close(Close.ENDED)
        client.say(b'{"type":"say","text":"unread"}')
        assert b"last" in await client.hear()
        assert await client.closed() == Close.ENDED
        await asyncio.sleep(0.1)
        assert len(service.sockets) == 1
        client.say(Close.ENDED.to_bytes(2, "big"), 8)
        assert await client.hear() == b""
    await eventually(lambda: _true(len(service.sockets) == 0))


async def test_a_peer_that_never_answers_is_cut(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.1)
    async with raw(service) as client:
        await eventually(lambda: _true(len(service.sockets) == 1))
        service.sockets.close_where(lambda _: True, Close.REMOVED)
        assert await client.closed() == Close.REMOVED
        await eventually(lambda: _true(len(service.sockets) == 0))


async def test_what_is_said_early_and_last_is_heard(service: Service) -> None:
    async with service.joined() as other:
        async with raw(service, b'{"type":"say","text":1}', b'{"type":"say","text":"early"}') as client:
            assert b'"invalid"' in await client.hear()
            assert (await other.receive_json(timeout=5))["text"] == "early"
            for n in range(100):
                client.say(b'{"type":"say","text":"%d"}' % n)
            client.say(b"\x03\xe8", 8)
            for n in range(100):
                assert (await other.receive_json(timeout=5))["text"] == str(n)
        await eventually(lambda: _true(len(service.sockets) == 1))


@pytest.mark.parametrize(
    ("content", "code"), [(b"\x03", 1002), (b"\x03\xed", 1002), (b"\x03\xe8\xff", 1007), (b"\x0f\xa1", 4001)]
)
async def test_a_close_is_answered(service: Service, content: bytes, code: int) -> None:
    """GUARANTEES 51: a code that may not travel, a broken reason; else its own code comes back."""
    async with raw(service) as client:
        client.say(content, 8)
        assert await client.closed() == code


async def test_a_broken_handshake_opens_nothing(service: Service) -> None:
    async with raw(service, key="short"):
        assert len(service.sockets) == 0


async def test_a_wrong_field_is_answered(service: Service) -> None:
    async with service.joined() as socket:
        await socket.send_json({"type": "say", "text": "x" * 11, "client_id": "a", "extra": 1})
        error = await socket.receive_json(timeout=5)
        assert (error["type"], error["code"], error["ref"]) == ("error", "invalid", "a")
        assert [item["field"] for item in error["errors"]] == ["text", "extra"]
        await socket.send_json({"type": "say", "text": "still"})
        assert (await socket.receive_json(timeout=5))["text"] == "still"


async def test_a_flood_ends_a_socket(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FRAMES_BURST", 3)
    monkeypatch.setattr(connection, "FRAMES_PER_SECOND", 0.01)
    async with service.joined() as socket:
        for _ in range(4):
            await socket.send_json({"type": "say", "text": "x"})
        assert await ending(socket) == Close.FLOOD


@pytest.mark.parametrize(
    ("headers", "protocols", "status"),
    [
        ({"Origin": "https://evil.example"}, True, 403),
        ({"Origin": ORIGIN}, False, 401),
        ({"Origin": ORIGIN}, True, 101),
        ({}, True, 101),
    ],
)
async def test_refused_before_the_upgrade(
    service: Service, headers: dict[str, str], protocols: bool, status: int
) -> None:
    """GUARANTEES 50: a wrong origin or no valid token gets a problem document and no socket."""
    offered = ("homeroom.v1", f"bearer.{service.caller().token}") if protocols else ("homeroom.v1",)
    joining = service.client.ws_connect("/room", headers=headers, protocols=offered)
    if status == 101:
        await (await joining).close()
        return
    with pytest.raises(aiohttp.WSServerHandshakeError, match=str(status)):
        await joining
    assert len(service.sockets) == 0


async def test_no_upgrade_no_room_left_too_many(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = service.caller()
    answer = await service.client.get("/room", headers=caller.headers)
    assert (answer.status, (await answer.json())["code"]) == (426, "upgrade_required")
    monkeypatch.setattr(hub, "SOCKETS_PER_ACCOUNT", 1)
    async with service.joined(caller):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
            await service.client.ws_connect("/room", protocols=("homeroom.v1", f"bearer.{caller.token}"))
        service.sockets.draining = True
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await service.client.ws_connect("/room", protocols=("homeroom.v1", f"bearer.{service.caller().token}"))


async def lag(service: Service, within: float = 5.0) -> None:
    """One member reads nothing while another floods; the first must be closed, the other never waits."""
    async with service.joined() as reader, service.joined() as slow:
        transport = slow._response.connection.transport  # type: ignore[union-attr]
        transport.pause_reading()  # type: ignore[union-attr]
        data = pack(b"x" * 60_000)
        # 16 MB are more than what the kernel keeps for one connection.
        for _ in range(300):
            broadcast(service.sockets, data)
            assert (await reader.receive(timeout=5)).type is WSMsgType.TEXT
        await eventually(lambda: _true(sum(socket.open for socket in service.sockets) == 1), within)
        transport.resume_reading()  # type: ignore[union-attr]
        assert await ending(slow) == Close.TOO_SLOW
        assert not reader.closed


async def test_a_laggard_is_closed_with_its_code(service: Service) -> None:
    """GUARANTEES 15: one reader who reads nothing is closed; nobody waits for it."""
    await lag(service)


async def test_control_without_a_bound_the_laggard_stays(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of GUARANTEES 15"""
    monkeypatch.setattr(sockets, "BUFFER_BYTES", 1 << 40)
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.1)
    with pytest.raises(AssertionError):
        await lag(service, within=0.3)


async def test_what_the_sweep_ends(service: Service) -> None:
    caller = service.caller()
    async with service.joined(caller) as socket:
        service.sweep(30)
        assert (await socket.receive(timeout=5)).type is WSMsgType.PING
        await socket.pong()
        service.revocations.add(caller.session_id, time.time() + 600)
        service.sweep()
        assert await ending(socket) == Close.SIGNED_OUT
    async with service.joined() as socket:
        service.sweep(61)
        assert await ending(socket) == Close.TOO_SLOW
    async with service.joined() as socket:
        service.sweep(601)
        assert await ending(socket) == Close.TOKEN_EXPIRED


async def test_a_newer_token_keeps_a_socket(service: Service) -> None:
    caller = service.caller()
    async with service.joined(caller) as socket:
        (here,) = service.sockets
        newer = service.issuer.caller(Role.STUDENT, service.school_id, caller.account_id)
        await socket.send_json({"type": "refresh", "token": newer.token})
        assert (await socket.receive_json(timeout=5))["type"] == "refreshed"
        assert here.identity.session_id == newer.session_id
        await socket.send_json({"type": "refresh", "token": service.caller().token})
        assert await ending(socket) == Close.SIGNED_OUT


async def test_a_stopping_server_answers_then_tells_its_clients_to_move(service: Service) -> None:
    async with service.joined() as socket:
        (here,) = service.sockets
        here.in_flight = 1
        draining = asyncio.create_task(service.sockets.drain())
        await asyncio.sleep(0.05)
        here.send(Heard(text="answer"))
        here.in_flight = 0
        assert (await socket.receive_json(timeout=5))["text"] == "answer"
        assert (await socket.receive_json(timeout=5))["type"] == "moving"
        assert await ending(socket) == Close.MOVING
        await draining
        await eventually(lambda: _true(len(service.sockets) == 0))


class Leaver:
    """As much of a socket as a stopping server uses."""

    in_flight = 0
    identity = Issuer().caller(Role.STUDENT, uuid7())

    def __init__(self, told: list[int]) -> None:
        self._told = told

    def send(self, frame: Moving) -> None:
        self._told.append(frame.after_ms)

    def close(self, code: Close) -> None:
        assert code is Close.MOVING

    async def stay(self) -> None:
        return None


async def spread(monkeypatch: pytest.MonkeyPatch, per_second: float) -> list[int]:
    """How many of 2,000 come back in each half second after a stop."""
    monkeypatch.setattr(hub, "MOVES_PER_SECOND", per_second)
    told: list[int] = []
    crowd = Sockets(limit=2000)
    for _ in range(2000):
        leaver = Leaver(told)
        crowd.keep(cast(Any, leaver), leaver.stay())
    await crowd.drain()
    return [sum(first <= after < first + 500 for after in told) for first in range(0, 4500, 500)]


async def test_two_thousand_come_back_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """GUARANTEES 14: at most about 500 a second."""
    assert max(await spread(monkeypatch, hub.MOVES_PER_SECOND)) < 350


async def test_control_without_jitter_all_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of GUARANTEES 14"""
    assert max(await spread(monkeypatch, 1e9)) == 2000


def test_frames_of_every_length() -> None:
    for size in (0, 125, 126, 65535, 65536):
        frame = pack(b"x" * size)
        header = len(frame) - size
        assert header == (2 if size < 126 else 4 if size < 65536 else 10)
        assert frame[0] == 0x81
        told = frame[1] if header == 2 else int.from_bytes(frame[2:header], "big")
        assert told == size


def test_a_frame_is_its_model() -> None:
    assert parse(CLIENT_IN, '{"type":"say","text":"x"}') == Say(type="say", text="x")
