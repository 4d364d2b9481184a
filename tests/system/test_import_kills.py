"""`kill -9` of any program during an import: started again, the import ends with the same figures."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import eventually
from dev.importer import compare, complete_figures, expected_of
from dev.stack import Stack
from tests.system.conftest import Query
from tests.system.packages import QUIZZES, larger, with_other_result, write
from tests.system.people import Person, School

# Some seconds of work for both services: 25 parts of results, 5 of people.
COPIES, SPARE = 16, 1500
USUAL = ["auth-worker", "classroom-worker", "grading-worker", "rabbitmq", "postgres", "gateway"]
OTHERS = ["auth-web", "classroom-web", "grading-web", "lecture-chat-worker", "files-worker", "redis"]
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "0"))
VICTIMS = [*USUAL, *OTHERS] * ROUNDS if ROUNDS else USUAL
# What the import is doing when the program dies: (service, file of which some rows are applied).
MOMENTS = {"auth-worker": ("auth", "users.csv"), "auth-web": ("auth", "users.csv")}
FACTS = "SELECT count(*) FROM grading.facts WHERE school_id = %s AND score IS NOT NULL"


@pytest.mark.parametrize("victim", VICTIMS)
async def test_an_import_survives(school: School, running: Stack, query: Query, tmp_path: Path, victim: str) -> None:
    tables = larger(school.domain, COPIES, SPARE)
    package = write(tmp_path, tables)
    service, file = MOMENTS.get(victim, ("classroom", "results.csv"))

    importing = asyncio.create_task(school.take(package))
    await eventually(lambda: half_done(school.admin, service, file, importing), within=300)
    await asyncio.to_thread(running.kill, victim)
    assert not importing.done()
    await asyncio.to_thread(running.start, victim)
    async with asyncio.timeout(300):
        await importing

    expected = expected_of(package, QUIZZES)
    teachers = await complete_figures(school.admin, expected, 300)
    found = compare(teachers, expected.figures)
    assert found.equal, "\n".join([*found.missing, *found.lines])
    assert query(FACTS, school.id)[0][0] == expected.figures.counts["scored"]
    other = expected_of(write(tmp_path, with_other_result(tables), "other.zip"), QUIZZES)
    assert not compare(teachers, other.figures).equal
    assert await school.take(package) == {"auth": {}, "classroom": {}}


async def half_done(admin: Person, service: str, file: str, importing: "asyncio.Task[Any]") -> bool:
    """Whether the newest import has applied some rows of the file, and has more to do."""
    if importing.done():
        pytest.fail(f"the import ended before the kill: {importing.result()}")
    jobs = (await admin.get(f"/api/{service}/rosters?limit=1"))["items"]
    place = jobs[0]["progress"].get(file) if jobs else None
    return bool(place and 0 < place["done"] < place["total"])
