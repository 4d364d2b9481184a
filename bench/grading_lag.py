"""How fast results become figures: `python -m bench.grading_lag [--results 50000] [--events 500] [--seconds 10]`.

From rows of an outbox through the relay, the broker and grading's consumer to the totals, in this process with a
database and a broker vhost of their own. First as fast as it goes, 100 results an event; then a steady stream of events
of one result each, whose lag is from the transaction of the outbox row to that of its effect. Needs `make test-stack`.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp

from bench.table import Line, percentile, tell
from chassis import bus, db, topology
from chassis.contracts import default_contracts
from chassis.db import Database, json_rows
from chassis.events import Event
from chassis.inbox import Consumer, apply
from chassis.outbox import Relay
from chassis.testing import Stack, database_copy, running_stack
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id

PER_EVENT, STUDENTS, MOST_SECONDS = 100, 100, 120.0
TARGET_RATE, TARGET_LAG = 5_000, 1.0
POLL_SECONDS = 0.005


@asynccontextmanager
async def vhost(stack: Stack) -> AsyncIterator[str]:
    """A broker vhost of this run's own; the URL."""
    name, parts = f"bench-{new_id()}", urlsplit(stack.amqp_url)
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    async with aiohttp.ClientSession(stack.amqp_management_url) as session:
        for path, body in ((f"/api/vhosts/{name}", None), (f"/api/permissions/{name}/{parts.username}", rights)):
            async with session.put(path, json=body) as answer:
                answer.raise_for_status()
        yield parts._replace(path=f"/{name}").geturl()
        await session.delete(f"/api/vhosts/{name}")


@asynccontextmanager
async def pipeline(stack: Stack, url: str, amqp_url: str) -> AsyncIterator[Database]:
    """Relay and consumer at work on one database: what classroom would write, grading applies."""
    contracts, stop = default_contracts(), asyncio.Event()
    async with (
        db.connect(url, "grading", "bench", maxsize=6) as database,
        bus.connect(amqp_url, "bench-relay") as relay_bus,
        bus.connect(amqp_url, "bench-consumer") as consumer_bus,
    ):
        async with relay_bus.channel() as channel:
            for service in contracts.services():
                await topology.declare_consumer(channel, contracts, service)
        relay = Relay(database, relay_bus, contracts, "classroom", stack.amqp_management_url)
        tasks = [
            asyncio.create_task(relay.run()),
            asyncio.create_task(Consumer(database, consumer_bus, contracts, "grading", HANDLERS).run(stop)),
        ]
        yield database
        stop.set()
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def write(database: Database, events: list[Event]) -> None:
    """Events into the outbox, in one statement."""
    rows = [
        {"type": one.type, "subject": one.subject, "school_id": one.school_id, "sequence": 1, "data": one.data}
        for one in events
    ]
    await database.execute("bench_outbox", rows=json_rows(rows))


async def prepared(database: Database, school: School, quizzes: int) -> tuple[UUID, list[UUID], list[UUID]]:
    """A classroom with students and quizzes, known to grading."""
    classroom_id, students = new_id(), [new_id() for _ in range(STUDENTS)]
    works = [school.assignment(new_id(), classroom_id) for _ in range(quizzes)]
    pairs = [school.enrolment(new_id(), classroom_id, student) for student in students]
    await apply(database, HANDLERS, [school.classroom(classroom_id), *pairs, *works])
    return classroom_id, students, [work.subject for work in works]


async def until_counted(database: Database, classroom_id: UUID, results: int) -> None:
    """Wait until the totals hold so many results."""
    async with asyncio.timeout(MOST_SECONDS):
        while True:
            row: Any = await database.row("bench_counted", classroom_id=classroom_id)
            if row and row["results"] >= results:
                return
            await asyncio.sleep(POLL_SECONDS)


async def throughput(database: Database, results: int) -> float:
    """Results a second, from the outbox to the last figure."""
    school, quizzes = School(), results // PER_EVENT
    classroom_id, students, works = await prepared(database, school, quizzes)
    given = [Given(student, str(place)) for place, student in enumerate(students)]
    events = [school.grades(work, classroom_id, given) for work in works]
    started = time.monotonic()
    for start in range(0, len(events), 50):
        await write(database, events[start : start + 50])
    await until_counted(database, classroom_id, results)
    return results / (time.monotonic() - started)


async def lags(database: Database, rate: int, seconds: float) -> list[float]:
    """The lag of each event of a steady stream, in seconds."""
    school, count = School(), int(rate * seconds)
    classroom_id, students, works = await prepared(database, school, -(-count // STUDENTS))
    events = [
        school.grades(works[n // STUDENTS], classroom_id, [Given(students[n % STUDENTS], "50")]) for n in range(count)
    ]
    began, step = time.monotonic(), rate // 20
    for start in range(0, count, step):
        await asyncio.sleep(max(0.0, began + start / rate - time.monotonic()))
        await write(database, events[start : start + step])
    await until_counted(database, classroom_id, count)
    return [row["seconds"] for row in await database.rows("bench_lags", classroom_id=str(classroom_id))]


async def measure(results: int, rate: int, seconds: float) -> list[Line]:
    """Both measurements."""
    stack = running_stack()
    with database_copy(stack, "grading") as url:
        async with vhost(stack) as amqp_url, pipeline(stack, url, amqp_url) as database:
            speed = await throughput(database, results)
            found = await lags(database, rate, seconds)
    return [
        Line("a million results, from outbox to figure", "s", 1e6 / speed, {}, "≤ 200 (5,000/s)", speed >= TARGET_RATE),
        Line(
            f"lag at {rate} events/s, p99",
            "s",
            percentile(found, 0.99),
            {"median": percentile(found, 0.5)},
            "≤ 1 s",
            percentile(found, 0.99) <= TARGET_LAG,
        ),
    ]


def lines(results: int = 50_000, rate: int = 500, seconds: float = 10) -> list[Line]:
    """What a runner collects."""
    return asyncio.run(measure(results, rate, seconds))


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=500, help="a second")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    tell("grading_lag", lines(options.results, options.events, options.seconds))


if __name__ == "__main__":
    main()
