"""What admins do with accounts, over real HTTP and Postgres."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in
from chassis.contracts import check_event
from chassis.db import Database
from chassis.events import Event
from chassis.outbox import unsent_events
from chassis.paging import encode_cursor
from chassis.testing import eventually


def by(school_id: UUID) -> dict[str, Any]:
    return {"school_id": school_id, "actor_id": None, "session_id": None, "ip": "", "user_agent": ""}


async def events(database: Database) -> list[Event]:
    found = await unsent_events(database, "auth")
    for event in found:
        check_event(event)
    return found


async def test_an_account_is_created_with_a_temporary_password(admin: Person, database: Database) -> None:
    document = {"email": " Tom@Elm.example", "name": "Tom", "role": "teacher"}
    made = await admin.call("POST", "/accounts", 201, json=document)
    assert made["account"]["email"] == "tom@elm.example"
    assert made["account"]["managed"] is True
    assert len(made["temporary_password"]) == 19
    event = (await events(database))[-1]
    assert event.type == "auth.account-created.v1"
    assert event.data == {
        "account_id": made["account"]["id"], "email": "tom@elm.example", "name": "Tom", "role": "teacher",
        "status": "active", "source_id": None,
    }  # fmt: skip
    again = await admin.call("POST", "/accounts", 409, json=document)
    assert again["code"] == "already_member"


async def test_a_person_of_two_schools_keeps_their_password(client: Client, admin: Person) -> None:
    other = await register(client, "eve@oak.example")
    document = {"email": "ada@elm.example", "name": "Ada elsewhere", "role": "teacher"}
    made = await other.call("POST", "/accounts", 201, json=document)
    assert made["temporary_password"] is None
    assert (made["account"]["managed"], made["account"]["joined"]) == (False, False)
    account_id = made["account"]["id"]
    refused = await other.call("POST", f"/accounts/{account_id}/temporary-password", 403)
    assert refused["code"] == "not_managed"
    me = await (await sign_in(client, "ada@elm.example")).call("GET", "/me")
    assert (me["name"], me["role"]) == ("Ada", "admin")


async def test_accounts_are_paged_searched_and_filtered(admin: Person) -> None:
    for number, role in enumerate(["teacher", "student", "student", "student"]):
        document = {"email": f"p{number}@elm.example", "name": f"P_{number}%", "role": role}
        await admin.call("POST", "/accounts", 201, json=document)
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = await admin.call("GET", "/accounts", params=params)
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert names == ["Ada", "P_0%", "P_1%", "P_2%", "P_3%"]

    async def found(**params: str) -> list[str]:
        return [item["name"] for item in (await admin.call("GET", "/accounts", params=params))["items"]]

    assert await found(role="teacher") == ["P_0%"]
    assert await found(search="p_2") == ["P_2%"]
    assert await found(search="P2@ELM") == ["P_2%"]
    assert await found(search="%") == ["P_0%", "P_1%", "P_2%", "P_3%"]
    assert await found(search="\\") == []
    assert await found(role="student", search="p_0") == []
    for cursor in ("x", encode_cursor("a\x00", uuid4()), encode_cursor(1), "é"):
        await admin.call("GET", "/accounts", 422, params={"cursor": cursor})
    await admin.call("GET", "/accounts", 422, params={"role": "pupil"})
    await admin.call("GET", "/accounts", 422, params={"limit": "0"})


async def test_a_long_name_stops_no_list(admin: Person) -> None:
    """People choose their names, and a page may end with any of them."""
    tom, account = await admin.hire("tom@elm.example", "student", "Tom")
    await tom.call("PATCH", "/me", json={"name": "漢" * 200})
    await admin.call("PATCH", f"/accounts/{await admin.account_id()}", json={"name": "龍" * 200})
    first = await admin.call("GET", "/accounts", params={"limit": "1"})
    second = await admin.call("GET", "/accounts", params={"limit": "1", "cursor": first["next_cursor"]})
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [account["id"], str(await admin.account_id())]


async def test_a_stale_change_shows_both_values(admin: Person) -> None:
    _, account = await admin.hire("tom@elm.example", "teacher", "Tom")
    path = f"/accounts/{account['id']}"
    async with admin.client.get(f"/api/auth{path}", headers=admin.headers) as response:
        etag = response.headers["ETag"]
    await admin.call("PATCH", path, json={"name": "Tim"}, headers={"If-Match": etag})
    stale = await admin.call("PATCH", path, 412, json={"name": "Tam"}, headers={"If-Match": etag})
    assert stale["current"]["name"] == "Tim"
    assert stale["yours"] == {"name": "Tam"}
    await admin.call("PATCH", path, 422, json={})
    await admin.call("PATCH", path, 422, json={"name": "A"}, headers={"If-Match": "x"})
    await admin.call("DELETE", path, 422, headers={"If-Match": "x"})


async def test_of_many_changes_with_one_etag_one_counts(admin: Person) -> None:
    async def rename(number: int) -> int:
        body, headers = {"name": f"N{number}"}, admin.headers | {"If-Match": '"1"'}
        async with admin.client.patch("/api/auth/me", json=body, headers=headers) as response:
            return response.status

    assert sorted(await asyncio.gather(*map(rename, range(12)))) == [200] + [412] * 11


@pytest.mark.parametrize("change", [{"role": "student"}, {"status": "deactivated"}])
async def test_a_change_of_standing_ends_the_sessions(
    admin: Person, database: Database, change: dict[str, Any]
) -> None:
    tom, account = await admin.hire("tom@elm.example", "teacher")
    await admin.call("PATCH", f"/accounts/{account['id']}", json=change)
    await tom.call("GET", "/me", 401)
    await post(admin.client, "/refresh", 401, refresh_token=tom.refresh_token)
    last = [event.type for event in (await events(database))[-2:]]
    told = "auth.account-deactivated.v1" if "status" in change else "auth.account-updated.v1"
    assert set(last) == {told, "auth.session-revoked.v1"}


async def test_a_change_that_changes_nothing_is_no_event(admin: Person, database: Database) -> None:
    tom, account = await admin.hire("tom@elm.example", "teacher", "Tom")
    before = len(await events(database))
    await admin.call("PATCH", f"/accounts/{account['id']}", json={"name": "Tom", "role": "teacher"})
    await tom.call("GET", "/me")
    assert len(await events(database)) == before


async def test_a_deactivated_account_is_out_until_it_is_let_in_again(admin: Person) -> None:
    _, account = await admin.hire("tom@elm.example", "teacher")
    path = f"/accounts/{account['id']}"
    await admin.call("DELETE", path, 204)
    await admin.call("DELETE", path, 204)
    await post(admin.client, "/login", 401, email="tom@elm.example", password=PASSWORD)
    assert (await admin.call("POST", f"{path}/temporary-password", 409))["code"] == "cannot_sign_in"
    await admin.call("PATCH", path, json={"status": "active"})
    await sign_in(admin.client, "tom@elm.example")


async def test_a_school_keeps_an_admin(admin: Person) -> None:
    path = f"/accounts/{await admin.account_id()}"
    assert (await admin.call("PATCH", path, 409, json={"role": "teacher"}))["code"] == "last_admin"
    assert (await admin.call("DELETE", path, 409))["code"] == "last_admin"
    _, account = await admin.hire("tom@elm.example", "admin")
    await admin.call("DELETE", f"/accounts/{account['id']}", 204)
    await admin.call("PATCH", path, 409, json={"role": "student"})


async def test_two_admins_cannot_demote_each_other_at_once(admin: Person, sql: Sql) -> None:
    for attempt in range(5):
        other, account = await admin.hire(f"tom{attempt}@elm.example", "admin")
        mine, theirs = f"/accounts/{await admin.account_id()}", f"/accounts/{account['id']}"

        async def demote(who: Person, path: str) -> int:
            url = f"/api/auth{path}"
            async with who.client.patch(url, json={"role": "teacher"}, headers=who.headers) as response:
                return response.status

        statuses = await asyncio.gather(demote(admin, theirs), demote(other, mine))
        assert 200 in statuses
        admins = sql("SELECT count(*) FROM memberships WHERE role = 'admin' AND status = 'active'")
        assert admins == [(1,)]
        if statuses[1] == 200:
            admin = other


async def test_a_temporary_password_ends_the_sessions(admin: Person, database: Database) -> None:
    tom, account = await admin.hire("tom@elm.example", "teacher")
    answer = await admin.call("POST", f"/accounts/{account['id']}/temporary-password")
    await tom.call("GET", "/me", 401)
    await post(admin.client, "/login", 401, email=tom.email, password=PASSWORD)
    refused = await post(admin.client, "/login", 403, email=tom.email, password=answer["temporary_password"])
    assert refused["code"] == "password_change_required"
    await sign_in(admin.client, tom.email, answer["temporary_password"], new_password=PASSWORD)


async def test_a_school_lists_its_own_people_alone(client: Client, admin: Person) -> None:
    stranger = await register(client, "eve@oak.example")
    assert (await stranger.call("GET", "/accounts"))["items"][0]["name"] == "Ada"
    assert len((await stranger.call("GET", "/accounts"))["items"]) == 1


async def test_a_school_is_renamed(admin: Person, database: Database) -> None:
    async with admin.client.get("/api/auth/school", headers=admin.headers) as response:
        etag = response.headers["ETag"]
    changed = await admin.call("PATCH", "/school", json={"name": "Oak"}, headers={"If-Match": etag})
    assert changed["name"] == "Oak"
    event = (await events(database))[-1]
    assert (event.type, event.data["name"], event.sequence) == ("auth.school-registered.v1", "Oak", 2)
    stale = await admin.call("PATCH", "/school", 412, json={"name": "Ash"}, headers={"If-Match": etag})
    assert (stale["current"]["name"], stale["yours"]["name"]) == ("Oak", "Ash")


async def test_two_admins_change_the_school_at_once(
    admin: Person, database: Database, sql: Sql, somebody_waits: Callable[[], Awaitable[bool]]
) -> None:
    """Of two with the same ETag one is told what stands now; two who want the same name both have it."""
    sql("UPDATE schools SET second_factor = 'staff'")
    async with database.transaction() as tx:
        await tx.row("rename_school", name="Oak", version=1, **by(await admin.school_id()))
        change = {"second_factor": "none"}
        stale = asyncio.create_task(admin.call("PATCH", "/school", 412, json=change, headers={"If-Match": '"1"'}))
        await eventually(somebody_waits)
        same = asyncio.create_task(admin.call("PATCH", "/school", json={"name": "Oak"}))
        await eventually(somebody_waits)
    problem = await stale
    assert (problem["current"]["second_factor"], problem["yours"]["second_factor"]) == ("staff", "none")
    assert (await same)["name"] == "Oak"


async def test_a_foreign_token_is_refused(client: Client, issuer: Any) -> None:
    caller = issuer.caller("admin", uuid4())
    async with client.get("/api/auth/me", headers=caller.headers) as response:
        assert response.status == 401
