"""The machinery of imports: what happens to a job when something else goes wrong."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from auth.rosters.importer import IMPORTER
from auth.testing import Person, Sql
from chassis.db import Database, Executor
from chassis.oneroster import Package
from chassis.rosters import Changes, Importer, RosterJob, Step
from chassis.rosters.work import work


@pytest.fixture
async def roster(admin: Person, sample_roster: Any) -> str:
    """The path of an import that waits for a worker."""
    form = aiohttp.FormData()
    form.add_field("package", sample_roster.sample_package(), filename="school.zip")
    answer = await admin.call("POST", "/rosters", 202, data=form)
    return f"/rosters/{answer['id']}"


def with_apply(apply: Any) -> Importer:
    def steps(package: Package, job: RosterJob) -> Sequence[Step]:
        return [replace(step, apply=apply) for step in IMPORTER.steps(package, job)]

    return replace(IMPORTER, steps=steps)


async def test_a_bug_is_tried_again_and_then_given_up(admin: Person, database: Database, roster: str, sql: Sql) -> None:
    async def broken(_: Executor, __: Sequence[Any]) -> Changes:
        raise RuntimeError("a bug")

    for _ in range(5):
        assert (await admin.call("GET", roster))["status"] in {"validating", "applying"}
        sql("UPDATE rosters SET leased_until = NULL")
        assert await work(database, with_apply(broken)) == 1
    failed = await admin.call("GET", roster)
    assert (failed["status"], failed["problems"][0]["code"]) == ("failed", "internal-error")
    assert sql("SELECT count(*) FROM memberships") == [(1,)]


async def test_a_job_is_done_by_the_holder_of_its_lease(database: Database, roster: str, sql: Sql) -> None:
    sql("UPDATE rosters SET worker = gen_random_uuid(), leased_until = now() + interval '1 minute'")
    assert await work(database, IMPORTER) == 0
    sql("UPDATE rosters SET leased_until = now()")
    assert await work(database, IMPORTER) == 1


async def test_who_loses_the_lease_writes_nothing(admin: Person, database: Database, roster: str, sql: Sql) -> None:
    def stolen(package: Package, job: RosterJob) -> Sequence[Step]:
        sql("UPDATE rosters SET worker = gen_random_uuid(), leased_until = now() + interval '1 minute'")
        return IMPORTER.steps(package, job)

    await work(database, replace(IMPORTER, steps=stolen))
    assert sql("SELECT count(*) FROM memberships") == [(1,)]
    assert (await admin.call("GET", roster))["status"] == "applying"


async def test_a_job_waits_until_it_may_be_applied(admin: Person, database: Database, roster: str) -> None:
    allowed = False

    async def ready(_: Executor, __: RosterJob) -> bool:
        return allowed

    importer = replace(IMPORTER, ready=ready)
    for _ in range(2):
        assert await work(database, importer) == 1
        assert (await admin.call("GET", roster))["status"] == "waiting"
    allowed = True
    await work(database, importer)
    assert (await admin.call("GET", roster))["status"] == "done"


async def test_a_chunk_that_fails_leaves_nothing(admin: Person, database: Database, roster: str, sql: Sql) -> None:
    async def half(tx: Executor, _: Sequence[Any]) -> Changes:
        await tx.execute("create_signing_key", kid="x", private_key=b"x", public_jwk={}, activates_at="now")
        raise RuntimeError("after a write")

    await work(database, with_apply(half))
    assert sql("SELECT count(*) FROM signing_keys WHERE kid = 'x'") == [(0,)]
