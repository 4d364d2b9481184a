"""Replicas of lecture-chat that are really killed, their members, and what became of all that was said."""

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

from chassis import topology
from chassis.db import connect
from chassis.events import encode
from chassis.identity import Role
from chassis.inbox import apply
from chassis.testing import PATIENCE_SECONDS, Caller, Issuer, eventually
from lecture_chat.client import RoomClient, joined
from lecture_chat.consumers import HANDLERS
from lecture_chat.testing import LECTURES, World, always, make_world
from tests.faults.report import Report

PROCESS = Path(__file__).parent / "process.py"


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
        with place.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                [sys.executable, str(PROCESS), str(place), *faults],
                env=os.environ | self.environment | settings,
                stdout=log,
            )
        self.processes.append(process)

        async def port() -> str:
            return place.read_text() if place.exists() else ""

        self.urls.append(f"http://127.0.0.1:{await eventually(port)}")
        return process

    def logs(self) -> str:
        """What all replicas have logged."""
        return "".join(log.read_text("utf-8") for log in self.folder.glob("*.log"))

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

    async def enrol(self, world: World, many: int) -> list[Caller]:
        """So many more students."""
        people = [self.issuer.caller(Role.STUDENT, world.school_id) for _ in range(many)]
        async with connect(self.environment["DATABASE_URL"], "lecture_chat", maxsize=1) as database:
            await apply(database, HANDLERS, [world.enrolled(person.account_id) for person in people])
        return people

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
    _, unanswered = await asyncio.wait(sends, timeout=PATIENCE_SECONDS)
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

    started = time.monotonic()
    await eventually(lambda: all_see(clients, len(found)))
    report.recovery_s = time.monotonic() - started
    for client in clients:
        seen = [entry["body"] for entry in client.entries]
        report.reordered += seen != bodies[client.first_seq :]


async def all_see(clients: Sequence[RoomClient], last_seq: int) -> bool:
    """Everybody has got so far."""
    return all(client.last_seq == last_seq for client in clients)


async def publish(amqp_url: str, world: World, account_id: UUID) -> None:
    """Tell of a removal, until the replicas' own queues were bound in time to hear it."""
    event = world.enrolled(account_id, 2, "removed")
    async with aiormq.connect(amqp_url) as connection:
        channel: Any = await connection.channel()
        await topology.declare_exchange(channel)
        for _ in range(10):
            await channel.basic_publish(encode(event), exchange=topology.EXCHANGE, routing_key=event.type)
            await asyncio.sleep(0.1)
