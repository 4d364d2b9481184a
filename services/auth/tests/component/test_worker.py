"""The worker as a process: imports that survive `kill -9`, and what they need."""

import asyncio
import io
import os
import signal
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from auth.testing import Person, Sql
from chassis.testing import eventually

OULAD = Path("../shared/data/oulad-oneroster.zip")
PEOPLE = 3_000
PEOPLE_OF_SAMPLE = 44

Start = Callable[..., Awaitable[asyncio.subprocess.Process]]
NO_BROKER = "amqp://127.0.0.1:9/"


@pytest.fixture
async def start(environment: dict[str, str], unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[Start]:
    """Starts a worker; names given are settings of its own."""
    running: list[asyncio.subprocess.Process] = []

    async def begin(**settings: str) -> asyncio.subprocess.Process:
        more = {"WORKER_PORT": str(unused_tcp_port_factory()), "LOG_LEVEL": "warning"}
        env = os.environ | environment | more | settings
        running.append(await asyncio.create_subprocess_exec(sys.executable, "-m", "auth.worker", env=env))
        return running[-1]

    yield begin
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.wait()


def peak_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0])


async def bind_consumers(amqp_url: str) -> None:
    """As the other services do when they start; before that the relay holds everything back."""
    command = [sys.executable, "-m", "chassis.topology"]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | {"AMQP_URL": amqp_url})
    assert await process.wait() == 0


@pytest.fixture(scope="module")
def large_package(sample_roster: Any) -> bytes:
    tables = sample_roster.sample_rows()
    pupil = next(row for row in tables["users.csv"] if row["sourcedId"] == "user-student-00")
    role = next(row for row in tables["roles.csv"] if row["userSourcedId"] == "user-student-00")
    for number in range(PEOPLE - PEOPLE_OF_SAMPLE):
        more = {"sourcedId": f"user-more-{number}", "username": f"more{number}"}
        tables["users.csv"].append({**pupil, **more, "email": f"more{number}@elm.example"})
        tables["roles.csv"].append({**role, "sourcedId": f"role-more-{number}", "userSourcedId": f"user-more-{number}"})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in sample_roster.csv_files(tables).items():
            package.writestr(name, data)
    return target.getvalue()


async def upload(admin: Person, package: Any) -> str:
    form = aiohttp.FormData()
    form.add_field("package", package, filename="school.zip")
    answer = await admin.call("POST", "/rosters", 202, data=form)
    return f"/rosters/{answer['id']}"


async def test_an_import_goes_on_after_kill_9(
    admin: Person, start: Start, amqp_url: str, sql: Sql, large_package: bytes
) -> None:
    path = await upload(admin, large_package)
    first = await start(AMQP_URL=NO_BROKER)

    async def has_paused() -> bool:
        return sql("SELECT count(*) > 2000 FROM outbox") == [(True,)]

    # Nothing is published while the broker is away, so the import waits half way.
    await eventually(has_paused, 300)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    half = await admin.call("GET", path)
    assert half["status"] == "applying"
    assert 2_000 <= half["progress"]["users.csv"]["done"] < PEOPLE

    await bind_consumers(amqp_url)
    await start()

    async def is_done() -> bool:
        return bool((await admin.call("GET", path))["status"] == "done")

    await eventually(is_done, 300)
    done = await admin.call("GET", path)
    assert done["progress"]["users.csv"] == {"done": PEOPLE, "total": PEOPLE}
    assert done["changes"]["account-created"]["count"] == PEOPLE
    assert sql("SELECT count(*), count(DISTINCT subject) FROM outbox WHERE type LIKE 'auth.account-%%'") == [
        (PEOPLE + 1, PEOPLE + 1)
    ]
    assert sql("SELECT type FROM outbox ORDER BY id DESC LIMIT 1") == [("auth.roster-imported.v1",)]
    assert sql("SELECT max(version) FROM memberships") == [(1,)]


async def test_two_workers_never_apply_the_same_import(
    admin: Person, start: Start, amqp_url: str, sql: Sql, large_package: bytes
) -> None:
    await bind_consumers(amqp_url)
    await start()
    await start()
    path = await upload(admin, large_package)

    async def is_done() -> bool:
        return bool((await admin.call("GET", path))["status"] == "done")

    await eventually(is_done, 300)
    assert sql("SELECT count(*), max(version) FROM memberships") == [(PEOPLE + 1, 1)]
    assert sql("SELECT count(*) FROM outbox WHERE type LIKE 'auth.%%'") == [(PEOPLE + 3,)]


@pytest.mark.skipif(not OULAD.exists(), reason="the large package is not here")
async def test_the_large_package_needs_bounded_memory(admin: Person, start: Start, amqp_url: str) -> None:
    await bind_consumers(amqp_url)
    worker = await start()
    path = await upload(admin, await asyncio.to_thread(OULAD.read_bytes))

    async def is_done() -> bool:
        return bool((await admin.call("GET", path))["status"] == "done")

    await eventually(is_done, 300)
    done = await admin.call("GET", path)
    assert done["progress"]["users.csv"]["done"] == done["changes"]["account-created"]["count"]
    assert peak_kib(worker.pid) < 400 * 1024
