"""Signing in at the very moment at which an account changes: one of the two comes first, and the other knows."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

import jwt
import pytest
from aiohttp import web

from auth.memberships.commands import switch
from auth.memberships.models import Switch
from auth.providers.commands import signed_in
from auth.providers.openid import Subject
from auth.resources import AUTH, Caller
from auth.second_factor import totp
from auth.sessions.commands import SignedIn, opened
from auth.testing import PASSWORD, Client, Person, Sql, register, sign_in
from auth.testing_rosters import counts, run
from chassis.db import Database
from chassis.errors import Unauthenticated
from chassis.identity import Identity, Role
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
    "signed out": lambda admin, tom, path: admin.call("DELETE", f"{path}/sessions", 204),
    "signed out everywhere": lambda admin, tom, path: tom.call("DELETE", "/me/sessions", 204),
    "second factor": lambda admin, tom, path: enrol(tom),
}
# What ends the sessions of all schools, or of the one that was switched to.
EVERYWHERE = ("temporary password", "own password", "signed out everywhere", "second factor")


async def enrol(person: Person) -> None:
    secret = (await person.call("POST", "/me/second-factor", json={"password": PASSWORD}))["secret"]
    code = totp.code_at(base64.b32decode(secret), int(time.time()) // totp.PERIOD)
    await person.call("POST", "/me/second-factor/confirm", json={"code": code})


def is_ended(sql: Sql, session: SignedIn) -> bool:
    [(ended,)] = sql("SELECT revoked_at IS NOT NULL FROM sessions WHERE id = %s", str(session.identity.session_id))
    return bool(ended)


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
    assert is_ended(sql, session)


@pytest.mark.parametrize("what", EVERYWHERE)
async def test_a_change_ends_the_session_that_switched_just_before(
    app: web.Application,
    client: Client,
    admin: Person,
    database: Database,
    sql: Sql,
    somebody_waits: Callable[[], Awaitable[bool]],
    what: str,
) -> None:
    """Whoever is signed in twice ends the other session, which goes to another school in this moment."""
    tom, account = await admin.hire(TOM, "teacher")
    other = await register(client, "eve@oak.example")
    joining = await other.call("POST", "/accounts", 201, json={"email": TOM, "name": "Tom", "role": "teacher"})
    claims = jwt.decode((await sign_in(client, TOM)).access_token, options={"verify_signature": False})
    thief = Identity(UUID(claims["sub"]), UUID(claims["school"]), UUID(claims["sid"]), Role.TEACHER, claims["exp"])
    wanted = Switch(school_id=await other.school_id(), joining_code=joining["joining_code"])
    async with database.transaction() as tx:
        session = await switch(tx, app[AUTH], thief, wanted, Caller("192.0.2.1", ""))
        change = asyncio.create_task(CHANGES[what](admin, tom, f"/accounts/{account['id']}"))
        await eventually(somebody_waits)
    await change
    assert is_ended(sql, session)


async def test_a_login_that_was_asked_for_no_code_comes_too_late(
    app: web.Application, admin: Person, database: Database
) -> None:
    """The password was right, and there was no second factor yet."""
    tom, _ = await admin.hire(TOM, "teacher")
    row = await database.row("find_login", email=TOM, joining_code=None, school_id=None)
    assert row is not None
    await enrol(tom)
    with pytest.raises(Unauthenticated):
        await opened(database, app[AUTH], row, row["password_hash"], Caller("192.0.2.1", ""))


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
    assert is_ended(sql, session)


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


@pytest.fixture
def provider_id(sql: Sql, school_id: UUID) -> UUID:
    [(id_,)] = sql(
        "INSERT INTO providers (school_id, name, issuer, client_id, client_secret)"
        " VALUES (%s, 'ID', 'https://id.example', 'x', 'x') RETURNING id",
        str(school_id),
    )
    return UUID(str(id_))


@pytest.fixture
async def school_id(admin: Person) -> UUID:
    return await admin.school_id()


@pytest.mark.parametrize("path", ["/providers/{provider_id}", "/accounts/{account_id}/identities"])
@pytest.mark.parametrize("linked", [False, True])
async def test_whoever_came_by_a_provider_that_is_trusted_no_more_is_out(
    app: web.Application,
    admin: Person,
    database: Database,
    sql: Sql,
    somebody_waits: Callable[[], Awaitable[bool]],
    provider_id: UUID,
    path: str,
    linked: bool,
) -> None:
    """They signed in, perhaps for the first time, just before."""
    _, account = await admin.hire(TOM, "teacher")
    subject, who = Subject("tom", TOM), Caller("192.0.2.1", "")
    if linked:
        await signed_in(database, app[AUTH], provider_id, subject, who)
    async with database.transaction() as tx:
        session = await signed_in(tx, app[AUTH], provider_id, subject, who)
        assert session is not None
        given = path.format(provider_id=provider_id, account_id=account["id"])
        change = asyncio.create_task(admin.call("DELETE", given, 204))
        await eventually(somebody_waits)
    await change
    assert is_ended(sql, session)
    assert sql("SELECT count(*) FROM provider_identities") == [(0,)]


@pytest.mark.parametrize("change", ["delete_provider", "unlink_identities"])
async def test_whoever_comes_by_a_provider_is_known_by_what_holds_now(
    app: web.Application,
    admin: Person,
    database: Database,
    somebody_waits: Callable[[], Awaitable[bool]],
    school_id: UUID,
    provider_id: UUID,
    change: str,
) -> None:
    """Whom the subject was linked to is forgotten in this moment, and the address that it has now is nobody's."""
    _, account = await admin.hire(TOM, "teacher")
    who = Caller("192.0.2.1", "")
    await signed_in(database, app[AUTH], provider_id, Subject("tom", TOM), who)
    about = {"provider_id": provider_id} if change == "delete_provider" else {"account_id": UUID(account["id"])}
    by = {"school_id": school_id, "actor_id": None, "session_id": None, "ip": "", "user_agent": ""}
    async with database.transaction() as tx:
        await tx.row(change, **about, **by)
        subject = Subject("tom", "nobody@elm.example")
        coming = asyncio.create_task(signed_in(database, app[AUTH], provider_id, subject, who))
        await eventually(somebody_waits)
    assert await coming is None
