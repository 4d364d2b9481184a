"""GUARANTEES 31: a consumer ten times slower than usual has bounded memory and does not hold up its siblings."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import Stack, database_copy, eventually
from tests.faults.conftest import Lab, end, prepare
from tests.faults.report import Report, judge

EVENTS = 12_000
PADDING = 2_000
BOUND_MIB = 16


@pytest.fixture
def sibling(stack: Stack, lab: Lab) -> Iterator[Lab]:
    """Another service's consumer: the same broker, a database of its own."""
    with database_copy(stack, "auth") as url:
        made = Lab(url, lab.amqp, lab.management, service="lecture-chat")
        yield made
        end(made)


@pytest.mark.timed
@pytest.mark.parametrize("broken", [(), ("unbounded_prefetch",)], ids=["sound", "broken"])
async def test_31_a_slow_consumer(lab: Lab, sibling: Lab, broken: tuple[str, ...]) -> None:
    await prepare(sibling)
    slow = lab.start("consumer", "ten_times_slower", *broken)
    sibling.start("consumer")
    lab.write(1)
    lab.start("relay")
    await eventually(lambda: applied(lab, 1))
    before = memory(slow.pid)
    write_much(lab)
    started = time.monotonic()
    await eventually(lambda: applied(sibling, EVENTS), 300)
    report = Report(attempted=EVENTS, acked=EVENTS, recovery_s=round(time.monotonic() - started, 2))
    grown = memory(slow.pid) - before
    behind = EVENTS - lab.rows("SELECT count(*) FROM effects")[0][0]
    report.notes = {"behind": behind, "grown (MiB)": round(grown, 1)}
    assert behind > EVENTS / 2, "the slow one was not slow: nothing was shown"
    assert (grown > BOUND_MIB) is bool(broken), report
    if not broken:
        judge(report, broken=False, within=60)


def write_much(lab: Lab) -> None:
    """Many large events in one statement."""
    with lab.sql() as cursor:
        cursor.execute(
            "INSERT INTO outbox (type, subject, school_id, sequence, data) "
            "SELECT 'auth.account-updated.v1', uuid7(), uuid7(), 1, jsonb_build_object('name', repeat('x', %s)) "
            "FROM generate_series(1, %s)",
            [PADDING, EVENTS],
        )


async def applied(lab: Any, count: int) -> bool:
    """Whether so many events took effect."""
    found = await asyncio.to_thread(lab.rows, "SELECT count(*) FROM effects")
    return bool(found[0][0] >= count)


def memory(pid: int) -> float:
    """Resident memory in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
