"""Guarantees 9 to 17: what is said in a lecture is neither lost nor doubled nor reordered, nor shown to strangers.

Real replicas that are really killed, on a database and a vhost of their own. Each guarantee runs sound and broken.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import aiormq
import psycopg2
import pytest

from chassis import topology
from chassis.db import connect
from chassis.events import encode
from chassis.inbox import apply
from chassis.testing import Caller, Issuer, eventually
from lecture_chat.client import RoomClient, joined
from lecture_chat.consumers import HANDLERS
from lecture_chat.testing import LECTURES, World, always, make_world
from tests.faults.conftest import Report

PROCESS = Path(__file__).parent / "chat_process.py"
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))


@dataclass
class School:
    """Replicas, and what they share; `urls` grows with each new replica."""

    environment: dict[str, str]
    issuer: Issuer
    session: aiohttp.ClientSession
    folder: Path
    urls: list[str] = field(default_factory=list)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    async def start(self, *faults: str, **settings: str) -> "subprocess.Popen[bytes]":
        """Start a replica; its address is tried by clients from now on."""
        place = self.folder / f"{uuid4()}.port"
        process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, str(PROCESS), str(place), *faults],
            env=os.environ | self.environment | settings,
            stdout=subprocess.DEVNULL,
        )
        self.processes.append(process)

        async def port() -> str:
            return place.read_text() if place.exists() else ""

        self.urls.append(f"http://127.0.0.1:{await eventually(port, 30)}")
        return process

    def stop_using(self, process: "subprocess.Popen[bytes]") -> None:
        """Clients try its address no more."""
        del self.urls[self.processes.index(process)]
        self.processes.remove(process)

    async def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """`kill -9`."""
        process.kill()
        await asyncio.to_thread(process.wait)
        self.stop_using(process)

    async def world(self) -> World:
        """A classroom that every replica knows."""
        made = make_world(self.issuer)
        async with connect(self.environment["DATABASE_URL"], "lecture_chat", maxsize=1) as database:
            await apply(database, HANDLERS, made.events())
        return made

    async def open_lecture(self, world: World) -> str:
        body = {"assignment_id": str(world.lecture_id)}
        async with self.session.post(self.urls[0] + LECTURES, json=body, headers=world.teacher.headers) as answer:
            return str((await answer.json())["lecture_id"])

    def member(self, caller: Caller, lecture_id: str, first: int = 0) -> RoomClient:
        """A client that begins at one replica and tries them in turn."""
        places = Places(self.urls, f"{LECTURES}/{lecture_id}", first)
        return RoomClient(self.session, places, always(caller), pause=lambda _: random.uniform(0.05, 0.2))

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.environment["DATABASE_URL"])
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall())
        finally:
            connection.close()


class Places(Sequence[str]):
    """The lecture's address at each replica there is now."""

    def __init__(self, urls: list[str], path: str, first: int) -> None:
        self._urls, self._path, self._first = urls, path, first

    def __len__(self) -> int:
        return len(self._urls)

    def __getitem__(self, place: Any) -> Any:
        return self._urls[(place + self._first) % len(self._urls)] + self._path


@pytest.fixture
def package() -> str:
    return "lecture_chat"


@pytest.fixture
async def school(environment: dict[str, str], issuer: Issuer, tmp_path: Path) -> AsyncIterator[School]:
    fast = {"MEMBER_SENDS_PER_SECOND": "1000", "ROOM_SENDS_PER_SECOND": "5000"}
    async with aiohttp.ClientSession() as session:
        made = School(environment | fast, issuer, session, tmp_path)
        yield made
    for process in made.processes:
        process.kill()
        process.wait()


@asynccontextmanager
async def together(*clients: RoomClient) -> AsyncIterator[None]:
    """All in their rooms."""
    async with AsyncExitStack() as stack:
        for client in clients:
            await stack.enter_async_context(joined(client))
        yield


async def talk(clients: Sequence[RoomClient], report: Report, seconds: float, per_second: float) -> dict[str, int]:
    """All say something all the time; the number of every body that was acked."""
    acked: dict[str, int] = {}

    async def say(client: RoomClient, body: str) -> None:
        acked[body] = await client.say(body)

    ending, sends = time.monotonic() + seconds, []
    while time.monotonic() < ending:
        sends.append(asyncio.create_task(say(random.choice(clients), f"message {report.attempted}")))
        report.attempted += 1
        await asyncio.sleep(1 / per_second)
    _, unanswered = await asyncio.wait(sends, timeout=15)
    for task in unanswered:
        task.cancel()
    report.acked = len(acked)
    return acked


async def count(
    school: School, lecture_id: str, clients: Sequence[RoomClient], acked: dict[str, int], report: Report
) -> None:
    """Compare what was acked, what is stored, and what everybody sees."""
    found = school.rows(
        "SELECT seq, content ->> 'body' FROM entries WHERE lecture_id = %s AND type = 'message' ORDER BY seq",
        lecture_id,
    )
    bodies = [body for _, body in found]
    stored = {body: seq for seq, body in found}
    report.lost += sum(body not in stored for body in acked)
    report.duplicated += len(bodies) - len(set(bodies))
    report.reordered += sum(stored.get(body, seq) != seq for body, seq in acked.items())
    assert [seq for seq, _ in found] == list(range(1, len(found) + 1)), "numbers have gaps"

    async def all_see() -> bool:
        return all(client.last_seq == len(found) for client in clients)

    started = time.monotonic()
    await eventually(all_see, 15)
    report.recovery_s = time.monotonic() - started
    for client in clients:
        seen = [entry["body"] for entry in client.entries]
        report.reordered += seen != bodies[client.first_seq :]


def judge(report: Report, broken: bool) -> None:
    """The sound variant passes; the broken one must not."""
    if broken:
        with pytest.raises(AssertionError):
            report.check()
    else:
        report.check()


@pytest.mark.parametrize("broken", [(), ("ack_before_commit",)], ids=["sound", "broken"])
async def test_9_replicas_are_killed_while_all_talk(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 9: a replica dies at 200 messages a second; resumed elsewhere nothing is lost, doubled, reordered."""
    await school.start(*broken)
    await school.start(*broken)
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    clients = [school.member(world.teacher, lecture_id), *(school.member(world.student, lecture_id, n) for n in (0, 1))]
    async with together(*clients):
        talking = asyncio.create_task(talk(clients, report, 1.5 * ROUNDS if not broken else 1.0, 200))
        for _ in range(ROUNDS if not broken else 1):
            await asyncio.sleep(random.uniform(0.4, 0.9))
            await school.kill(random.choice(school.processes))
            await school.start(*broken)
        acked = await talking
        if broken:
            report.lost = sum(1 for body in acked if not school.rows(
                "SELECT FROM entries WHERE content ->> 'body' = %s", body
            ))  # fmt: skip
        else:
            assert sum(client.connects for client in clients) > len(clients), "nobody noticed the kills"
            await count(school, lecture_id, clients, acked, report)
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("forget_client_ids",)], ids=["sound", "broken"])
async def test_10_killed_between_commit_and_ack(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 10: sent again after a kill between commit and ack: one row, the same number."""
    await school.start("die_before_ack")
    await school.start(*broken)
    world, report = await school.world(), Report(attempted=1)
    lecture_id = await school.open_lecture(world)
    client, other = school.member(world.student, lecture_id), school.member(world.teacher, lecture_id, 1)
    async with together(client, other):
        seq = await asyncio.wait_for(client.say("die"), 15)
        report.acked = 1
        await count(school, lecture_id, [client, other], {"die": seq}, report)
        assert client.connects == 2
    judge(report, bool(broken))


async def test_rolling_restart_under_load(school: School) -> None:
    """GUARANTEES 9, 14: replicas that are told to stop answer what they took and send their clients on."""
    await school.start()
    await school.start()
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    clients = [
        school.member(world.teacher, lecture_id),
        *(school.member(world.student, lecture_id, n) for n in range(6)),
    ]
    async with together(*clients):
        talking = asyncio.create_task(talk(clients, report, 3, 100))
        for process in tuple(school.processes):
            await school.start()
            process.terminate()
            assert await asyncio.to_thread(process.wait, 20) == 0
            school.stop_using(process)
        acked = await talking
        await count(school, lecture_id, clients, acked, report)
        assert all("moving" in client.other for client in clients)
        report.lost += report.attempted - len(acked)
    report.check()


@pytest.mark.parametrize("broken", [(), ("blind",)], ids=["sound", "broken"])
async def test_13_without_redis_the_table_heals(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 13, 29: with the bus between replicas gone, every gap is seen and filled."""
    for _ in range(2):
        await school.start(*broken, REDIS_URL="redis://127.0.0.1:1/0")
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    clients = [school.member(world.teacher, lecture_id), school.member(world.student, lecture_id, 1)]
    async with together(*clients):
        acked = await talk(clients[:1], report, 0.5, 50)

        async def all_see() -> bool:
            return all(client.last_seq == len(acked) for client in clients)

        if broken:
            with pytest.raises(AssertionError):
                await eventually(all_see, 3)
            return
        await count(school, lecture_id, clients, acked, report)
    report.check()


@pytest.mark.parametrize("broken", [(), ("mix_rooms",)], ids=["sound", "broken"])
async def test_16_a_canary_in_every_room(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 16: rooms over two replicas, members coming and going: nobody sees another room's canary."""
    await school.start(*broken)
    await school.start(*broken)
    rooms = {await school.open_lecture(world): world for world in [await school.world() for _ in range(6 * ROUNDS)]}
    report = Report()

    async def live(lecture_id: str, world: World) -> None:
        teacher = school.member(world.teacher, lecture_id, random.randrange(2))
        student = school.member(world.student, lecture_id, random.randrange(2))
        async with together(teacher):
            for n in range(4):
                async with together(student):
                    report.attempted += 1
                    await asyncio.wait_for(random.choice((teacher, student)).say(f"{lecture_id} {n}"), 15)
                    report.acked += 1
            seen = str((teacher.entries, teacher.frames, student.entries, student.frames))
        report.foreign += sum(other in seen for other in rooms if other != lecture_id)

    await asyncio.gather(*(live(*room) for room in rooms.items()), return_exceptions=bool(broken))
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("deaf",)], ids=["sound", "broken"])
async def test_17_a_removed_student_is_out(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 17: the event alone closes the socket, wherever it is, and nothing is received after."""
    await school.start(*broken)
    await school.start(*broken)
    world = await school.world()
    lecture_id = await school.open_lecture(world)
    teacher = school.member(world.teacher, lecture_id)
    students = [school.member(world.student, lecture_id, n) for n in range(2)]
    async with together(teacher, *students):
        await publish(school.environment["AMQP_URL"], world, world.student.account_id)

        async def are_out() -> bool:
            return all(student.close_code == 4005 for student in students)

        if broken:
            with pytest.raises(AssertionError):
                await eventually(are_out, 2)
            return
        await eventually(are_out, 5)
        await teacher.say("among ourselves")
        assert [student.entries for student in students] == [[], []]


async def publish(amqp_url: str, world: World, account_id: UUID) -> None:
    """Tell of a removal, until the replicas' own queues were bound in time to hear it."""
    event = world.enrolled(account_id, 2, "removed")
    async with aiormq.connect(amqp_url) as connection:
        channel: Any = await connection.channel()
        await topology.declare_exchange(channel)
        for _ in range(10):
            await channel.basic_publish(encode(event), exchange=topology.EXCHANGE, routing_key=event.type)
            await asyncio.sleep(0.1)
