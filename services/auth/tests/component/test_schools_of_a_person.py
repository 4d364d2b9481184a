"""Choosing and changing the school of a sign-in."""

from typing import Any
from uuid import UUID

import pytest

from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in
from chassis.db import Database
from chassis.outbox import unsent_events

TEACHER = "both@elm.example"


@pytest.fixture
async def other(client: Client) -> Person:
    return await register(client, "eve@oak.example")


async def join(admin: Person, role: str = "teacher") -> str:
    document = {"email": TEACHER, "name": "Both", "role": role}
    return str((await admin.call("POST", "/accounts", 201, json=document))["joining_code"])


@pytest.fixture
async def both(client: Client, admin: Person, other: Person) -> Person:
    """A student of one school who teaches in the other, signed in there."""
    await admin.hire(TEACHER, "student", "Both")
    return await sign_in(client, TEACHER, joining_code=await join(other))


async def switch(person: Person, school_id: UUID, expected: int = 200, **more: str) -> Any:
    return await person.call("POST", "/switch", expected, json={"school_id": str(school_id), **more})


async def test_a_login_may_name_the_school(client: Client, admin: Person, other: Person, both: Person) -> None:
    elm, oak = await admin.school_id(), await other.school_id()
    assert await both.school_id() == oak
    assert await (await sign_in(client, TEACHER, school_id=str(elm))).school_id() == elm
    assert await (await sign_in(client, TEACHER)).school_id() == elm
    await post(client, "/login", 401, email="ada@elm.example", password=PASSWORD, school_id=str(oak))


async def test_a_person_sees_their_schools(admin: Person, other: Person, both: Person) -> None:
    items = (await both.call("GET", "/me/memberships"))["items"]
    assert [(item["role"], item["current"], item["joined"]) for item in items] == [
        ("teacher", True, True),
        ("student", False, True),
    ]
    assert items[1]["school_id"] == str(await admin.school_id())


async def test_switching_replaces_the_session(
    client: Client, admin: Person, other: Person, both: Person, database: Database
) -> None:
    elm = await admin.school_id()
    answer = await switch(both, elm)
    there = Person(client, TEACHER, answer["access_token"], answer["refresh_token"])
    me = await there.call("GET", "/me")
    assert (me["role"], me["school_id"]) == ("student", str(elm))
    await both.call("GET", "/me", 401)
    await post(client, "/refresh", 401, refresh_token=both.refresh_token)
    assert "auth.session-revoked.v1" in {event.type for event in await unsent_events(database, "auth")}
    back = await switch(there, await other.school_id())
    assert (await post(client, "/refresh", 200, refresh_token=back["refresh_token"]))["access_token"]


async def test_switching_into_a_school_needs_its_code_once(client: Client, admin: Person, other: Person) -> None:
    person, _ = await admin.hire(TEACHER, "student")
    oak = await other.school_id()
    assert (await switch(person, oak, 404))["code"] == "not_found"
    code = await join(other)
    assert (await switch(person, oak, 403))["code"] == "joining_code_required"
    assert (await switch(person, oak, 403, joining_code="guessed"))["code"] == "joining_code_required"
    assert [item["joined"] for item in (await person.call("GET", "/me/memberships"))["items"]] == [True, False]
    await switch(person, oak, joining_code=code)
    await sign_in(client, TEACHER, school_id=str(oak))


async def test_who_was_put_out_cannot_switch(admin: Person, other: Person, both: Person) -> None:
    pupil = (await admin.call("GET", "/accounts?role=student"))["items"][0]
    await admin.call("DELETE", f"/accounts/{pupil['id']}", 204)
    await switch(both, await admin.school_id(), 404)


async def test_a_browser_gets_another_cookie(both: Person, admin: Person) -> None:
    document = {"school_id": str(await admin.school_id())}
    headers = both.headers | {"Origin": "https://localhost:8443"}
    async with both.client.post("/api/auth/switch", json=document, headers=headers) as response:
        assert response.status == 200
        assert (await response.json())["refresh_token"] is None
        assert "homeroom_refresh=" in response.headers["Set-Cookie"]


async def test_signing_out_everywhere(client: Client, admin: Person, both: Person, sql: Sql) -> None:
    more = await sign_in(client, TEACHER, school_id=str(await admin.school_id()))
    await both.call("DELETE", "/me/sessions", 204)
    for person in (both, more):
        await person.call("GET", "/me", 401)
        await post(client, "/refresh", 401, refresh_token=person.refresh_token)
    assert sql("SELECT count(*) FROM audit_log WHERE action = 'sessions.ended'") == [(2,)]


async def test_an_admin_signs_somebody_out_of_the_own_school(
    client: Client, admin: Person, other: Person, both: Person
) -> None:
    there = await sign_in(client, TEACHER, school_id=str(await admin.school_id()))
    path = f"/accounts/{await both.account_id()}/sessions"
    await admin.call("DELETE", path, 204)
    await there.call("GET", "/me", 401)
    await both.call("GET", "/me")
    await admin.call("DELETE", f"/accounts/{await other.account_id()}/sessions", 404)
