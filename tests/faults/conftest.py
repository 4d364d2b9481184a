"""A laboratory for faults: real processes that are really killed, on parts of the test's own."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import aiormq
import psycopg2
import pytest

from chassis import topology
from chassis.contracts import Contracts
from chassis.testing import PATIENCE_SECONDS, Stack, eventually
from tests.faults.report import Report

PROCESS = Path(__file__).parent / "messaging_process.py"
TABLES = """
    CREATE TABLE aggregates (id uuid PRIMARY KEY, version bigint NOT NULL);
    CREATE TABLE effects (n bigserial PRIMARY KEY, event_id uuid, subject uuid, sequence bigint);
    CREATE TABLE state (subject uuid PRIMARY KEY, sequence bigint NOT NULL);
"""


@dataclass
class Lab:
    """A database, a vhost, and the processes started in them."""

    database: str
    amqp: str
    management: str
    service: str = "files"
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, role: str, *faults: str) -> "subprocess.Popen[bytes]":
        """Start a relay, consumer or writer with seeded faults."""
        places = {"database": self.database, "amqp": self.amqp, "management": self.management}
        options = places | {"service": self.service, "faults": faults}
        process = subprocess.Popen(
            [sys.executable, str(PROCESS), role, json.dumps(options)], stdout=subprocess.DEVNULL, stderr=None
        )
        self.processes.append(process)
        return process

    async def ended(self, process: "subprocess.Popen[bytes]", within: float = PATIENCE_SECONDS) -> int:
        """Wait until the process has died; its return code."""

        async def gone() -> bool:
            return process.poll() is not None

        await eventually(gone, within)
        return int(process.returncode)

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """`kill -9`."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    @contextmanager
    def sql(self) -> Iterator[Any]:
        """A cursor in autocommit."""
        connection = psycopg2.connect(self.database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        with self.sql() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def write(self, count: int, subjects: int = 5) -> None:
        """Events of a few aggregates, as commands write them."""
        with self.sql() as cursor:
            for n in range(count):
                cursor.execute(
                    "WITH changed AS (INSERT INTO aggregates (id, version) VALUES (%(id)s, 1) "
                    "ON CONFLICT (id) DO UPDATE SET version = aggregates.version + 1 RETURNING id, version) "
                    "INSERT INTO outbox (type, subject, school_id, sequence, data) "
                    "SELECT 'auth.account-updated.v1', id, id, version, '{}' FROM changed",
                    {"id": f"00000000-0000-7000-8000-{n % subjects:012d}"},
                )

    async def bind(self) -> None:
        """Declare every service's queue and bindings."""
        contracts = Contracts.load()
        async with aiormq.connect(self.amqp) as connection:
            channel: Any = await connection.channel()
            for service in contracts.services():
                await topology.declare_consumer(channel, contracts, service)

    async def settled(self, within: float = PATIENCE_SECONDS) -> Report:
        """Wait until every committed event is marked and took effect (or `within` seconds are over), then count."""
        started = time.monotonic()
        with suppress(AssertionError):
            await eventually(self._complete, within)
        recovery = time.monotonic() - started
        await asyncio.sleep(0.3)
        return self.count(recovery)

    async def _complete(self) -> bool:
        unsettled = "published_at IS NULL OR event_id NOT IN (SELECT event_id FROM effects)"
        return not self.rows(f"SELECT FROM outbox WHERE {unsettled} LIMIT 1")

    def count(self, recovery: float = 0.0) -> Report:
        """Compare what was committed with what took effect."""
        written = {row[0] for row in self.rows("SELECT event_id FROM outbox")}
        effects = self.rows("SELECT event_id, subject, sequence FROM effects ORDER BY n")
        applied = [row[0] for row in effects]
        return Report(
            attempted=len(written),
            acked=len(set(applied) & written),
            lost=len(written - set(applied)),
            duplicated=len(applied) - len(set(applied)),
            reordered=_reordered(effects),
            foreign=len(set(applied) - written),
            recovery_s=round(recovery, 2),
        )


def _reordered(effects: list[tuple[Any, ...]]) -> int:
    """How often an aggregate went back: duplicates are counted elsewhere."""
    highest: dict[Any, int] = {}
    seen, count = set(), 0
    for event, subject, sequence in effects:
        if event not in seen and sequence < highest.get(subject, 0):
            count += 1
        seen.add(event)
        highest[subject] = max(sequence, highest.get(subject, 0))
    return count


@pytest.fixture
def package() -> str:
    return "auth"


@pytest.fixture
async def lab(stack: Stack, database_url: str) -> AsyncIterator[Lab]:
    """A laboratory in a vhost of its own, all queues bound."""
    name, parts = f"faults-{token_hex(6)}", urlsplit(stack.amqp_url)
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    async with aiohttp.ClientSession(stack.amqp_management_url) as session:
        await session.put(f"/api/vhosts/{name}")
        await session.put(f"/api/permissions/{name}/{parts.username}", json=everything)
        made = Lab(database_url, parts._replace(path=f"/{name}").geturl(), stack.amqp_management_url)
        await prepare(made)
        yield made
        end(made)
        await session.delete(f"/api/vhosts/{name}")


async def prepare(lab: Lab) -> None:
    """Tables and bindings."""
    with lab.sql() as cursor:
        cursor.execute(TABLES)
    await lab.bind()


def end(lab: Lab) -> None:
    """Kill what still runs."""
    for process in lab.processes:
        if process.poll() is None:
            lab.kill(process)
