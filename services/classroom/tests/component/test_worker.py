"""The worker as a process: an import survives `kill -9`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from chassis.db import Database
from chassis.oneroster.testing import zipped
from chassis.testing import eventually
from classroom.testing import Actor, Sql, settle_package

School = dict[str, Actor]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]
NO_BROKER = "amqp://127.0.0.1:9/"
MORE_ITEMS = 120


@pytest.fixture
async def start(environment: dict[str, str], unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[Start]:
    """Starts a worker; names given are settings of its own."""
    running: list[asyncio.subprocess.Process] = []

    async def begin(**settings: str) -> asyncio.subprocess.Process:
        more = {"WORKER_PORT": str(unused_tcp_port_factory()), "LOG_LEVEL": "warning"}
        env = os.environ | environment | more | settings
        running.append(await asyncio.create_subprocess_exec(sys.executable, "-m", "classroom.worker", env=env))
        return running[-1]

    yield begin
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def bind_consumers(amqp_url: str) -> None:
    """As the other services do when they start; before that the relay holds everything back."""
    command = [sys.executable, "-m", "chassis.topology"]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | {"AMQP_URL": amqp_url})
    assert await process.wait() == 0


def large(sample_roster: Any) -> tuple[bytes, int]:
    """The sample with a great many line items and results; returns how many results carry a score."""
    tables = sample_roster.sample_rows()
    item = next(row for row in tables["lineItems.csv"] if row["sourcedId"] == "item-algebra-3")
    results = [row for row in tables["results.csv"] if row["lineItemSourcedId"] == "item-algebra-3"]
    for number in range(MORE_ITEMS):
        tables["lineItems.csv"].append({**item, "sourcedId": f"more-{number}", "title": f"More {number}"})
        for row in results:
            more = {"sourcedId": f"{row['sourcedId']}-{number}", "lineItemSourcedId": f"more-{number}"}
            tables["results.csv"].append({**row, **more})
    scored = sum(bool(row["score"]) and row["scoreStatus"] != "exempt" for row in tables["results.csv"])
    return zipped(sample_roster.csv_files(tables).items()), scored


async def upload(admin: Actor, package: bytes) -> str:
    form = aiohttp.FormData()
    form.add_field("package", package, filename="school.zip")
    url = "/api/classroom/rosters"
    async with admin.client.post(url, data=form, headers=admin.caller.headers) as response:
        return f"/rosters/{(await response.json())['id']}"


async def test_an_import_goes_on_after_kill_9(
    school: School, database: Database, start: Start, amqp_url: str, sql: Sql, sample_roster: Any
) -> None:
    admin, (package, scored) = school["admin"], large(sample_roster)
    await settle_package(database, admin.school_id, package)
    # Nothing leaves while the broker is away; a backlog above the bound makes the import pause half way.
    sql(
        "INSERT INTO outbox (type, subject, school_id, sequence, data) SELECT 'classroom.topic-created.v1', uuid7(),"
        " %s, 1, '{}' FROM generate_series(1, 1780)",
        str(admin.school_id),
    )
    path = await upload(admin, package)
    first = await start(AMQP_URL=NO_BROKER)

    async def has_paused() -> bool:
        (unsent,) = sql("SELECT count(*) FROM outbox WHERE type IS NOT NULL")[0]
        return int(unsent) > 2_000

    await eventually(has_paused, 300)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    half = await admin.get(path)
    assert half["status"] == "applying"
    assert half["progress"]["results.csv"]["done"] < half["progress"]["results.csv"]["total"]

    sql("DELETE FROM outbox WHERE data = '{}'")
    await bind_consumers(amqp_url)
    await start()
    await start()

    async def is_done() -> bool:
        return bool((await admin.get(path))["status"] == "done")

    await eventually(is_done, 300)
    done = await admin.get(path)
    assert done["changes"]["grade-added"]["count"] == scored
    assert sql("SELECT count(*), min(version), max(version) FROM grades") == [(scored, 1, 1)]
    told = "SELECT sum(jsonb_array_length(data -> 'results'))::int FROM outbox WHERE type LIKE '%%.grade-released.v1'"
    assert sql(told) == [(scored,)]
    assert sql("SELECT sum(grade_count)::int FROM assignments") == [(scored,)]
    assert sql("SELECT sum(student_count)::int FROM classrooms") == [(43,)]
