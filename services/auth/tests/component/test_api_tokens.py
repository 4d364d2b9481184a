"""Programs: API tokens over real HTTP and Postgres."""

import hashlib
import re
from typing import Any

import jwt
import pytest

from auth.testing import PASSWORD, Client, Person, Sql, post
from chassis.contracts import check_event
from chassis.db import Database
from chassis.outbox import unsent_events

NEW = {"name": "SIS", "role": "admin", "scope": "write", "expires_in_days": 365}


async def create(admin: Person, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await admin.call("POST", "/api-tokens", 201, json={**NEW, **more})
    return made


async def program(client: Client, admin: Person, **more: Any) -> Person:
    """Signed in with a new token."""
    token = (await create(admin, **more))["token"]
    answer = await post(client, "/token", 200, token=token)
    return Person(client, "", answer["access_token"], "")


async def test_a_program_signs_in_without_a_password(client: Client, admin: Person, sql: Sql) -> None:
    made = await create(admin)
    assert re.fullmatch(r"hr_[\w-]{43}", made["token"])
    assert made["api_token"]["hint"] == made["token"][-4:]
    answer = await post(client, "/token", 200, token=made["token"])
    assert (answer["expires_in"], answer["scope"], answer["token_type"]) == (600, "write", "Bearer")
    sis = Person(client, "", answer["access_token"], "")
    me = await sis.call("GET", "/me")
    assert (me["id"], me["name"], me["role"], me["email"]) == (made["api_token"]["account_id"], "SIS", "admin", None)
    await sis.call("POST", "/accounts", 201, json={"email": "t@elm.example", "name": "T", "role": "teacher"})
    (listed,) = (await admin.call("GET", "/api-tokens"))["items"]
    assert listed["last_used_at"]
    assert listed["created_by"] == str(await admin.account_id())
    assert made["token"] not in str(listed)
    assert [bytes(row[0]) for row in sql("SELECT hash FROM api_tokens")] == [
        hashlib.sha256(made["token"].encode()).digest()
    ]


async def test_the_access_token_names_its_scope(client: Client, admin: Person) -> None:
    reader = await program(client, admin, scope="read")
    claims = jwt.decode(reader.access_token, options={"verify_signature": False})
    assert claims["scope"] == "read"
    assert "scope" not in jwt.decode(admin.access_token, options={"verify_signature": False})


async def test_one_that_reads_changes_nothing(client: Client, admin: Person) -> None:
    reader = await program(client, admin, scope="read")
    await reader.call("GET", "/accounts")
    for method, path in (("PATCH", "/me"), ("POST", "/accounts"), ("DELETE", f"/accounts/{await admin.account_id()}")):
        answer = await reader.call(method, path, 403, json={"name": "Me"})
        assert answer["code"] == "read_only"
    socket = {"Upgrade": "websocket", "Connection": "Upgrade"}
    protocol = {"Sec-WebSocket-Protocol": f"homeroom.v1, bearer.{reader.access_token}"}
    assert (await reader.call("GET", "/me", 403, headers=socket | protocol))["code"] == "read_only"


async def test_a_teachers_program_is_no_admin(client: Client, admin: Person) -> None:
    teacher = await program(client, admin, role="teacher")
    assert (await teacher.call("GET", "/me"))["role"] == "teacher"
    await teacher.call("GET", "/accounts", 403)


async def test_a_program_does_not_outlive_itself(client: Client, admin: Person) -> None:
    """It makes no admins, tokens, providers or passwords of others, and touches no policy."""
    sis = await program(client, admin)
    _, other = await admin.hire("t@elm.example", "teacher")
    path = f"/accounts/{other['id']}"
    _, former = await admin.hire("former@elm.example", "admin")
    await admin.call("DELETE", f"/accounts/{former['id']}", 204)
    appointed = {"email": "a@elm.example", "name": "A", "role": "admin"}
    for method, where, document in (
        ("POST", "/accounts", appointed),
        ("PATCH", path, {"role": "admin"}),
        ("PATCH", f"/accounts/{former['id']}", {"status": "active"}),
        ("POST", "/invitations", appointed),
        ("POST", f"{path}/temporary-password", None),
        ("DELETE", f"{path}/second-factor", None),
        ("POST", "/api-tokens", NEW),
        ("GET", "/api-tokens", None),
        ("GET", "/providers", None),
        ("PATCH", "/school", {"second_factor": "none"}),
        ("POST", "/me/second-factor", {"password": PASSWORD}),
    ):
        answer = await sis.call(method, where, 403, json=document)
        assert answer["code"] == "people_only", where


async def test_a_revoked_token_ends_at_once(client: Client, admin: Person, database: Database) -> None:
    made = await create(admin)
    answer = await post(client, "/token", 200, token=made["token"])
    sis = Person(client, "", answer["access_token"], "")
    await admin.call("DELETE", f"/api-tokens/{made['api_token']['id']}", 204)
    await sis.call("GET", "/me", 401)
    assert (await post(client, "/token", 401, token=made["token"]))["code"] == "api_token_invalid"
    await admin.call("DELETE", f"/api-tokens/{made['api_token']['id']}", 204)
    events = await unsent_events(database, "auth")
    for event in events:
        check_event(event)
    last = [event.type for event in events][-3:]
    assert sorted(last) == ["auth.account-created.v1", "auth.account-deactivated.v1", "auth.session-revoked.v1"]
    (listed,) = (await admin.call("GET", "/api-tokens"))["items"]
    assert listed["revoked_at"]


async def test_putting_the_program_out_ends_its_token(client: Client, admin: Person) -> None:
    made = await create(admin)
    path = f"/accounts/{made['api_token']['account_id']}"
    await admin.call("DELETE", path, 204)
    await post(client, "/token", 401, token=made["token"])
    await admin.call("PATCH", path, json={"status": "active"})
    await post(client, "/token", 401, token=made["token"])


async def test_an_expired_token_is_none(client: Client, admin: Person, sql: Sql) -> None:
    token = (await create(admin))["token"]
    sql("UPDATE api_tokens SET expires_at = now() + interval '100 seconds'")
    answer = await post(client, "/token", 200, token=token)
    assert 90 <= answer["expires_in"] <= 100
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 600
    sql("UPDATE api_tokens SET expires_at = now()")
    await post(client, "/token", 401, token=token)


@pytest.mark.parametrize("token", ["", "hr_", "hr_" + "x" * 43, "é"])
async def test_what_is_no_token(client: Client, admin: Person, token: str) -> None:
    await post(client, "/token", 401, token=token)


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_in_days": 0},
        {"expires_in_days": 367},
        {"expires_in_days": None},
        {"role": "student"},
        {"scope": "person"},
        {"name": " "},
    ],
)
async def test_what_is_refused(admin: Person, wrong: dict[str, Any]) -> None:
    await admin.call("POST", "/api-tokens", 422, json={**NEW, **wrong})


async def test_a_program_is_no_admin_to_leave_the_school_to(client: Client, admin: Person, sql: Sql) -> None:
    made = await create(admin)
    me = await admin.account_id()
    assert (await admin.call("DELETE", f"/accounts/{me}", 409))["code"] == "last_admin"
    accounts = (await admin.call("GET", "/accounts"))["items"]
    assert {row["id"]: row["service"] for row in accounts} == {str(me): False, made["api_token"]["account_id"]: True}
    assert sql("SELECT count(*) FROM audit_log WHERE action = 'api-token.created'") == [(1,)]
