"""Sockets of a small service: who gets one, and what may be said on it."""

import aiohttp
import pytest
from aiohttp import WSMsgType

from chassis.identity import Role
from chassis.realtime import hub
from chassis.realtime.codes import Close
from chassis.realtime.frames import pack, parse
from chassis.realtime.testing import CLIENT_IN, ORIGIN, Say, Service, ending, raw, so
from chassis.testing import PATIENCE_SECONDS, eventually


async def test_everybody_gets_the_same(service: Service) -> None:
    async with service.joined() as one, service.joined() as other:
        await one.send_json({"type": "say", "text": "hello"})
        for socket in (one, other):
            assert await socket.receive_json(timeout=PATIENCE_SECONDS) == {"type": "heard", "text": "hello"}
        await one.ping(b"x")
        assert (await one.receive()).type is WSMsgType.PONG
        assert await one.close()
        await eventually(lambda: so(len(service.sockets) == 1))


async def test_what_is_said_early_and_last_is_heard(service: Service) -> None:
    async with service.joined() as other:
        async with raw(service, b'{"type":"say","text":1}', b'{"type":"say","text":"early"}') as client:
            assert b'"invalid"' in await client.hear()
            assert (await other.receive_json(timeout=PATIENCE_SECONDS))["text"] == "early"
            for n in range(100):
                client.say(b'{"type":"say","text":"%d"}' % n)
            client.say(b"\x03\xe8", 8)
            for n in range(100):
                assert (await other.receive_json(timeout=PATIENCE_SECONDS))["text"] == str(n)
        await eventually(lambda: so(len(service.sockets) == 1))


async def test_what_comes_while_held_waits_in_order(service: Service) -> None:
    """More than the server reads ahead, and the end: nothing is lost."""
    async with service.joined() as other:
        before = set(service.sockets)
        async with raw(service) as client:
            await eventually(lambda: so(len(service.sockets) == 2))
            (here,) = set(service.sockets) - before
            here.hold()
            for n in range(100):
                client.say(b'{"type":"say","text":"%d"}' % n)
            client.say(b"\x03\xe8", 8)
            await other.send_json({"type": "say", "text": "first"})
            assert (await other.receive_json(timeout=PATIENCE_SECONDS))["text"] == "first"
            here.go_on()
            for n in range(100):
                assert (await other.receive_json(timeout=PATIENCE_SECONDS))["text"] == str(n)
        await eventually(lambda: so(len(service.sockets) == 1))


@pytest.mark.parametrize("key", ["short", "x" * 24, "?" * 24, "dGhlIHNhbXBsZSBub25jZQ="])
async def test_a_broken_handshake_opens_nothing(service: Service, key: str) -> None:
    async with raw(service, key=key, status=400):
        assert len(service.sockets) == 0


@pytest.mark.parametrize(
    ("connection", "status"),
    [
        ("keep-alive, Upgrade", 101),
        ("keep-alive\r\nConnection: UPGRADE", 101),
        ("keep-alive", 426),
        ("close", 426),
        ("upgraded", 426),
    ],
)
async def test_an_upgrade_is_asked_for_by_connection_too(service: Service, connection: str, status: int) -> None:
    async with raw(service, connection=connection, status=status):
        assert len(service.sockets) == (status == 101)


@pytest.mark.parametrize("body", ["Content-Length: 4", "Transfer-Encoding: chunked"])
async def test_an_upgrade_has_no_body(service: Service, body: str) -> None:
    async with raw(service, connection=f"Upgrade\r\n{body}", status=400):
        assert len(service.sockets) == 0


async def test_a_wrong_field_is_answered(service: Service) -> None:
    async with service.joined() as socket:
        await socket.send_json({"type": "say", "text": "x" * 11, "client_id": "a", "extra": 1})
        error = await socket.receive_json(timeout=PATIENCE_SECONDS)
        assert (error["type"], error["code"], error["ref"]) == ("error", "invalid", "a")
        assert [item["field"] for item in error["errors"]] == ["text", "extra"]
        await socket.send_json({"type": "say", "text": "still"})
        assert (await socket.receive_json(timeout=PATIENCE_SECONDS))["text"] == "still"


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


async def test_a_newer_token_keeps_a_socket(service: Service) -> None:
    caller = service.caller()
    async with service.joined(caller) as socket:
        (here,) = service.sockets
        newer = service.issuer.caller(Role.STUDENT, service.school_id, caller.account_id)
        await socket.send_json({"type": "refresh", "token": newer.token})
        assert (await socket.receive_json(timeout=PATIENCE_SECONDS))["type"] == "refreshed"
        assert here.identity.session_id == newer.session_id
        await socket.send_json({"type": "refresh", "token": service.caller().token})
        assert await ending(socket) == Close.SIGNED_OUT


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
