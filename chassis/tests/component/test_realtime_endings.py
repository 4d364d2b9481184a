"""Sockets of a small service: what ends one, and that everybody learns why."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from aiohttp import WSCloseCode, WSMsgType

from chassis.events import Event
from chassis.identity import Role
from chassis.realtime import connection, hub, sockets
from chassis.realtime.codes import Close
from chassis.realtime.frames import Moving, pack
from chassis.realtime.hub import Sockets
from chassis.realtime.parser import MAX_MESSAGE_BYTES
from chassis.realtime.sockets import broadcast
from chassis.realtime.testing import CLASSROOM, Heard, Service, ending, raw, so
from chassis.testing import PATIENCE_SECONDS, Caller, Issuer, eventually, uuid7


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
    await eventually(lambda: so(len(service.sockets) == 0))


async def test_a_removal_ends_the_sockets_of_those_who_had_that_role(service: Service) -> None:
    """Who may teach may teach the classroom still though they attend it no more: the table tells."""
    student, teacher = service.caller(), service.issuer.caller(Role.TEACHER, service.school_id)

    def remove(role: Role, caller: Caller) -> None:
        data = {"classroom_id": str(CLASSROOM), f"{role}_id": str(caller.account_id), "status": "removed"}
        event = Event(f"classroom.{role}-removed.v1", "/homeroom/classroom", uuid7(), service.school_id, 2, data)
        service.sockets.close_where(hub._is_concerned(event), Close.REMOVED)

    async with service.joined(student) as gone, service.joined(teacher) as stays:
        for caller in (student, teacher):
            remove(Role.STUDENT, caller)
        assert await ending(gone) == Close.REMOVED
        await stays.send_json({"type": "say", "text": "still here"})
        assert (await stays.receive_json(timeout=PATIENCE_SECONDS))["text"] == "still here"
        remove(Role.TEACHER, teacher)
        assert await ending(stays) == Close.REMOVED


async def test_the_server_waits_for_the_answer_to_its_close(service: Service) -> None:
    """What was sent before the code arrives with it, and so does the code: the connection is not cut meanwhile."""
    async with raw(service) as client:
        await eventually(lambda: so(len(service.sockets) == 1))
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
    await eventually(lambda: so(len(service.sockets) == 0))


async def test_a_peer_that_never_answers_is_cut(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.1)
    async with raw(service) as client:
        await eventually(lambda: so(len(service.sockets) == 1))
        service.sockets.close_where(lambda _: True, Close.REMOVED)
        assert await client.closed() == Close.REMOVED
        await eventually(lambda: so(len(service.sockets) == 0))


@pytest.mark.parametrize(
    ("content", "code"), [(b"\x03", 1002), (b"\x03\xed", 1002), (b"\x03\xe8\xff", 1007), (b"\x0f\xa1", 4001)]
)
async def test_a_close_is_answered(service: Service, content: bytes, code: int) -> None:
    """GUARANTEES 51: a code that may not travel, a broken reason; else its own code comes back."""
    async with raw(service) as client:
        client.say(content, 8)
        assert await client.closed() == code


async def test_a_flood_ends_a_socket(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FRAMES_BURST", 3)
    monkeypatch.setattr(connection, "FRAMES_PER_SECOND", 0.01)
    async with service.joined() as socket:
        for _ in range(4):
            await socket.send_json({"type": "say", "text": "x"})
        assert await ending(socket) == Close.FLOOD


async def lag(service: Service, within: float = PATIENCE_SECONDS) -> None:
    """One member reads nothing while another floods; the first must be closed, the other never waits."""
    async with service.joined() as reader, service.joined() as slow:
        transport = slow._response.connection.transport  # type: ignore[union-attr]
        transport.pause_reading()  # type: ignore[union-attr]
        data = pack(b"x" * 60_000)
        # 16 MB are more than what the kernel keeps for one connection.
        for _ in range(300):
            broadcast(service.sockets, data)
            assert (await reader.receive(timeout=PATIENCE_SECONDS)).type is WSMsgType.TEXT
        await eventually(lambda: so(sum(socket.open for socket in service.sockets) == 1), within)
        transport.resume_reading()  # type: ignore[union-attr]
        assert await ending(slow) == Close.TOO_SLOW
        assert not reader.closed


async def test_a_laggard_is_closed_with_its_code(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """GUARANTEES 15: one reader who reads nothing is closed; nobody waits for it."""
    monkeypatch.setattr(connection, "CLOSE_SECONDS", PATIENCE_SECONDS)
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
        assert (await socket.receive(timeout=PATIENCE_SECONDS)).type is WSMsgType.PING
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


async def test_a_stopping_server_answers_then_tells_its_clients_to_move(service: Service) -> None:
    async with service.joined() as socket:
        (here,) = service.sockets
        here.in_flight = 1
        draining = asyncio.create_task(service.sockets.drain())
        await asyncio.sleep(0.05)
        here.send(Heard(text="answer"))
        here.in_flight = 0
        assert (await socket.receive_json(timeout=PATIENCE_SECONDS))["text"] == "answer"
        assert (await socket.receive_json(timeout=PATIENCE_SECONDS))["type"] == "moving"
        assert await ending(socket) == Close.MOVING
        await draining
        await eventually(lambda: so(len(service.sockets) == 0))


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
