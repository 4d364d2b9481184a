"""Guarantees 11, 12, 14, 15: who comes late, comes back, comes with thousands, or cannot keep up."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
import redis.asyncio
from yarl import URL

from bench.chat.members import Member, Tally, upgrade
from chassis.realtime.codes import Close
from chassis.testing import Caller, eventually
from lecture_chat.client import RoomClient, joined
from lecture_chat.testing import LECTURES, World
from tests.faults.chat.school import School, all_see, count, talk, together
from tests.faults.chat.talker import Talker
from tests.faults.report import LONG, ROUNDS, Report, judge

# An empty pong, masked with zeros.
PONG = b"\x8a\x80" + bytes(4)


def crowd(school: School, world: World, lecture_id: str, many: int) -> list[RoomClient]:
    """So many who talk: one alone is slowed down at 50 frames a second."""
    return [school.member(world.student, lecture_id) for _ in range(many)]


@pytest.mark.parametrize("broken", [(), ("late",)], ids=["sound", "broken"])
async def test_11_joining_while_all_talk(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 11: at 500 messages a second, history and what is said now meet without a gap, for every joiner."""
    await school.start(*broken)
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    speakers = crowd(school, world, lecture_id, 12)
    joiners = [school.member(world.teacher, lecture_id) for _ in range(10 * min(ROUNDS, 3))]
    # The speakers of a broken room never agree: they only talk.
    async with together(*speakers):
        talking = asyncio.create_task(talk(speakers, report, 1.5, 500))
        await asyncio.gather(*(_joins_sometime(client) for client in joiners))
        acked = await talking
        report.lost += sum(client.gaps for client in joiners)
        if not broken:
            await count(school, lecture_id, speakers, acked, report)
    judge(report, bool(broken))


async def _joins_sometime(client: RoomClient) -> None:
    """Come during the talk, stay a while; whoever has seen a gap has counted it."""
    await asyncio.sleep(random.uniform(0, 1.0))
    async with joined(client):
        await asyncio.sleep(0.5)


@pytest.mark.parametrize("broken", [(), ("ring_alone",)], ids=["sound", "broken"])
async def test_12_who_outlives_the_replay_buffer(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 12: who is 600 behind is read to from the table, who is 1,200 behind begins anew; Redis is emptied."""
    await school.start(*broken)
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    a_little, far = (school.member(world.teacher, lecture_id) for _ in range(2))
    speakers = crowd(school, world, lecture_id, 12)
    async with together(*speakers):
        async with together(a_little, far):
            acked = {"first": await speakers[0].say("first")}
            await eventually(lambda: all_see([a_little, far], 1))
        acked |= await _say_at_once(speakers, 1, 600)
        async with redis.asyncio.Redis.from_url(school.environment["REDIS_URL"]) as cache:
            await cache.flushall()
        if broken:
            async with joined(a_little):
                with pytest.raises(AssertionError):
                    await eventually(lambda: all_see([a_little], 601), 2)
            return
        async with joined(a_little):
            await eventually(lambda: all_see([a_little], 601))
        acked |= await _say_at_once(speakers, 601, 600)
        async with joined(far):
            await eventually(lambda: all_see([far], 1201))
        report.attempted = report.acked = len(acked)
        await count(school, lecture_id, speakers, acked, report)
    assert (a_little.resyncs, far.resyncs) == (0, 1)
    for client in (a_little, far):
        bodies = sorted(acked, key=lambda body: acked[body])[client.first_seq : client.last_seq]
        report.reordered += [entry["body"] for entry in client.entries] != bodies
    judge(report, bool(broken))


async def _say_at_once(speakers: list[RoomClient], first: int, many: int) -> dict[str, int]:
    bodies = [str(first + n) for n in range(many)]
    numbers = await asyncio.gather(*(speakers[n % len(speakers)].say(body) for n, body in enumerate(bodies)))
    return dict(zip(bodies, numbers, strict=True))


@pytest.mark.timed
@pytest.mark.skipif(not LONG, reason="thousands of clients: the long form; the short one is in chassis/tests")
@pytest.mark.parametrize("broken", [{}, {"MAX_SOCKETS": "500"}], ids=["sound", "broken"])
async def test_14_two_thousand_come_back(school: School, broken: dict[str, str]) -> None:
    """GUARANTEES 14: a replica dies with 2,000 members; all are back at the other, and nobody there waits for long."""
    room = {"MAX_SOCKETS": "10000"}
    first = await school.start(**room)
    await school.start(**room | broken)
    world, report = await school.world(), Report()
    people = await school.enrol(world, 100)
    lecture_id = await school.open_lecture(world)
    talker = Talker(f"{school.urls[1]}{LECTURES}/{lecture_id}", world.teacher.token, 10.0)
    thousands = [school.member(people[n % len(people)], lecture_id) for n in range(2000)]
    async with together(*thousands):
        await talker.begin()
        started = time.monotonic()
        await school.kill(first)
        with suppress(AssertionError):
            await eventually(lambda: _are_back(thousands), 20)
        report.recovery_s = time.monotonic() - started
        waits = await talker.waits()
        acked = [wait for wait in waits if wait is not None]
        report.attempted, report.acked = len(waits), len(acked)
        report.lost = len(waits) - len(acked) + sum(not client.joined.is_set() for client in thousands)
    slowest = max(acked, default=0.0)
    report.notes["slowest ack (s)"] = round(slowest, 3)
    assert broken or slowest < 2, waits
    judge(report, bool(broken))


async def _are_back(clients: Sequence[RoomClient]) -> bool:
    return all(client.connects > 1 and client.joined.is_set() for client in clients)


@pytest.mark.skipif(not LONG, reason="half a minute of talk: the long form; the short one is in chassis/tests")
@pytest.mark.parametrize("broken", [(), ("unbounded",)], ids=["sound", "broken"])
async def test_15_one_reads_a_thousand_bytes_a_second(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 15: one slow reader among 500 is closed with 4008; the others' p99 stays within a tenth."""
    await school.start(*broken)
    world, report = await school.world(), Report()
    people = await school.enrol(world, 20)
    lecture_id = await school.open_lecture(world)
    teacher = school.member(world.teacher, lecture_id)
    path = f"{LECTURES}/{lecture_id}/socket"
    async with together(teacher), _readers(school, path, [people[n % 20] for n in range(500)]):
        # Looking at the replica's metrics costs the others something, too: it is done in both parts.
        looking = asyncio.create_task(_until_one_is_given_up(school))
        alone = await _p99(teacher, 20.0, report)
        looking.cancel()
        since = f"{path}?since={teacher.last_seq}"
        slow = asyncio.create_task(_slow_reader(school, since, people[0].token))
        beside = await _p99(teacher, 20.0, report)
        if broken:
            slow.cancel()
            assert not slow.done()
            return
        assert await asyncio.wait_for(slow, 60) == Close.TOO_SLOW
    report.notes = {"p99 alone (s)": round(alone, 3), "p99 beside a slow reader (s)": round(beside, 3)}
    assert beside <= 1.1 * alone + 0.010, report
    judge(report, bool(broken))


@asynccontextmanager
async def _readers(school: School, path: str, people: Sequence[Caller]) -> AsyncIterator[None]:
    """Members who read all and keep nothing: what real clients would keep slows this process down, not the server."""
    host, port = URL(school.urls[0]).host or "", URL(school.urls[0]).port or 0
    members = [Member(Tally(), _request(path, host, person), looks=False) for person in people]
    for member in members:
        await asyncio.get_running_loop().create_connection(partial(_same, member), host, port)
        await member.upgraded
    breathing = asyncio.create_task(_breathe(members))
    yield
    breathing.cancel()
    lost = sum(_transport(member).is_closing() for member in members)
    for member in members:
        _transport(member).abort()
    assert lost == 0, f"{lost} of those who read were closed"


def _request(path: str, host: str, person: Caller) -> bytes:
    return upgrade(path, host, "homeroom.v1", f"bearer.{person.token}")


def _same(member: Member) -> Member:
    return member


def _transport(member: Member) -> asyncio.Transport:
    assert member.transport is not None
    return member.transport


async def _breathe(members: Sequence[Member]) -> None:
    """Say that they are there, as a client's answer to a ping does."""
    while True:
        for member in members:
            _transport(member).write(PONG)
        await asyncio.sleep(10)


async def _p99(teacher: RoomClient, seconds: float, report: Report) -> float:
    """From saying to seeing, ten times a second, 12 kB each."""
    ending, waits = time.monotonic() + seconds, []
    while time.monotonic() < ending:
        started = time.monotonic()
        report.attempted += 1
        seq = await teacher.say("ä" * 4000)
        report.acked += 1
        while teacher.last_seq < seq:  # noqa: ASYNC110 - the client tells nobody
            await asyncio.sleep(0.001)
        waits.append(time.monotonic() - started)
        await asyncio.sleep(0.1)
    return sorted(waits)[int(0.99 * len(waits))]


async def _slow_reader(school: School, path: str, token: str) -> int:
    """Read a thousand bytes a second until the server has given up, then all the rest; the close frame's code."""
    server = URL(school.urls[0])
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (server.host, server.port))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1000)
    writer.write(upgrade(path, str(server.host), "homeroom.v1", f"bearer.{token}"))
    try:
        await _until_one_is_given_up(school, lambda: reader.read(1000))
        data = await reader.read()
    finally:
        writer.transport.abort()
    at = data.rindex(b"\x88", 0, -2)
    return int.from_bytes(data[at + 2 : at + 4], "big")


async def _until_one_is_given_up(school: School, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
    """Look once a second, and do something else in between."""
    while True:
        async with school.session.get(f"{school.urls[0]}/metrics") as answer:
            if 'homeroom_sockets_closed_total{reason="too_slow"}' in await answer.text():
                return
        if meanwhile is not None:
            await meanwhile()
        await asyncio.sleep(1)
