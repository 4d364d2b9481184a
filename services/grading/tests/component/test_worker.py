"""The worker as a process: events in at the broker, figures out of the database."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence

import pytest

from chassis import bus, topology
from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.events import Event, encode
from chassis.identity import Identity, Role
from chassis.outbox import properties_of
from chassis.testing import PATIENCE_SECONDS, eventually
from grading import views
from grading.testing import Given, School, new_id


@pytest.fixture
async def worker(environment: dict[str, str], unused_tcp_port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m grading.worker`."""
    environ = os.environ | environment | {"WORKER_PORT": str(unused_tcp_port)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "grading.worker", env=environ)
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def publish(amqp_url: str, events: Sequence[Event]) -> None:
    """To the service's queue, waiting for the confirms."""
    async with bus.connect(amqp_url, "test") as connected, connected.channel() as channel:
        await topology.declare_consumer(channel, default_contracts(), "grading")
        for event in events:
            await channel.basic_publish(
                encode(event), exchange=topology.EXCHANGE, routing_key=event.type, properties=properties_of(event)
            )


async def test_events_become_figures(
    worker: asyncio.subprocess.Process, amqp_url: str, database: Database, school: School
) -> None:
    classroom_id, quiz_id, student_id = new_id(), new_id(), new_id()
    await publish(
        amqp_url,
        [
            school.grades(quiz_id, classroom_id, [Given(student_id, "42.5", max_score="50")]),
            school.enrolment(new_id(), classroom_id, student_id),
            school.assignment(quiz_id, classroom_id),
            school.classroom(classroom_id),
        ],
    )
    admin = Identity(new_id(), school.school_id, new_id(), Role.ADMIN, 0)

    async def counted() -> bool:
        found = await views.find_classroom(database, admin, classroom_id)
        return found is not None and (await views.classroom(database, found)).quiz_average == 85

    await eventually(counted)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), PATIENCE_SECONDS) == 0
