"""Signing in at the very moment at which an account changes: one of the two comes first, and the other knows."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import jwt
import pytest
from aiohttp import web

from auth.resources import AUTH, Caller
from auth.sessions.commands import opened
from auth.testing import PASSWORD, Client, Person, Sql, sign_in
from auth.testing_rosters import counts, run
from chassis.db import Database
from chassis.testing import eventually

TOM = "tom@elm.example"

Change = Callable[[Person, Person, str], Coroutine[Any, Any, Any]]
CHANGES: dict[str, Change] = {
    "role": lambda admin, tom, path: admin.call("PATCH", path, json={"role": "student"}),
    "status": lambda admin, tom, path: admin.call("DELETE", path, 204),
    "erasure": lambda admin, tom, path: admin.call("POST", f"{path}/erase", 202, json={"confirm": TOM}),
    "temporary password": lambda admin, tom, path: admin.call("POST", f"{path}/temporary-password"),
    "own password": lambda admin, tom, path: tom.call(
        "POST", "/me/password", 204, json={"current_password": PASSWORD, "new_password": "quite another secret"}
    ),
}


@pytest.fixture
def somebody_waits(sql: Sql) -> Callable[[], Awaitable[bool]]:
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def look() -> bool:
        return bool(sql(waiting))

    return look


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_ends_the_session_that_opened_just_before(
    app: web.Application,
    client: Client,
    admin: Person,
    database: Database,
    sql: Sql,
    somebody_waits: Callable[[], Awaitable[bool]],
    what: str,
) -> None:
    tom, account = await admin.hire(TOM, "teacher")
    async with database.transaction() as tx:
        row = await tx.row("find_login", email=TOM, joining_code=None, school_id=None)
        assert row is not None
        session = await opened(tx, app[AUTH], row, row["password_hash"], Caller("192.0.2.1", ""))
        change = asyncio.create_task(CHANGES[what](admin, tom, f"/accounts/{account['id']}"))
        await eventually(somebody_waits)
    await change
    [(ended,)] = sql("SELECT revoked_at IS NOT NULL FROM sessions WHERE id = %s", str(session.identity.session_id))
    assert ended


async def test_an_import_ends_the_session_that_opened_just_before(
    app: web.Application,
    admin: Person,
    database: Database,
    sql: Sql,
    somebody_waits: Callable[[], Awaitable[bool]],
    sample_roster: Any,
) -> None:
    """A teacher here is a student in the package."""
    email = "student-00@elm.example"
    await admin.hire(email, "teacher")
    async with database.transaction() as tx:
        row = await tx.row("find_login", email=email, joining_code=None, school_id=None)
        assert row is not None
        session = await opened(tx, app[AUTH], row, row["password_hash"], Caller("192.0.2.1", ""))
        importing = asyncio.create_task(run(admin, database, sample_roster.sample_package()))
        await eventually(somebody_waits)
    assert counts(await importing)["account-updated"] == 1
    [(ended,)] = sql("SELECT revoked_at IS NOT NULL FROM sessions WHERE id = %s", str(session.identity.session_id))
    assert ended


async def test_whoever_signs_in_just_after_a_change_has_the_new_role(
    client: Client, admin: Person, database: Database, somebody_waits: Callable[[], Awaitable[bool]]
) -> None:
    _, account = await admin.hire(TOM, "teacher")
    change = {"account_id": account["id"], "name": None, "role": "student", "status": None, "version": None}
    by = {"school_id": await admin.school_id(), "actor_id": None, "session_id": None, "ip": "", "user_agent": ""}
    async with database.transaction() as tx:
        await tx.row("change_account", **change, **by)
        login = asyncio.create_task(sign_in(client, TOM))
        await eventually(somebody_waits)
    claims = jwt.decode((await login).access_token, options={"verify_signature": False})
    assert claims["role"] == "student"
