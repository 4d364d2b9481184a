"""Who did what to whom, from where: complete, readable, and never changed."""

import csv
import io
from typing import Any

import psycopg2.errors
import pytest

from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in


async def entries(admin: Person, **query: str) -> list[dict[str, Any]]:
    return list((await admin.call("GET", "/audit-log", params=query))["items"])


async def test_a_row_says_who_whom_what_and_from_where(admin: Person) -> None:
    _, account = await admin.hire("s@elm.example", "student", "Sam")
    headers = {"X-Forwarded-For": "192.0.2.7", "User-Agent": "Test/1"}
    path = f"/accounts/{account['id']}"
    await admin.call("PATCH", path, json={"role": "teacher"}, headers=headers)
    [row] = await entries(admin, action="account.changed")
    assert (row["actor_name"], row["subject_name"], row["subject_id"]) == ("Ada", "Sam", account["id"])
    assert (row["ip"], row["user_agent"], row["detail"]["after"]["role"]) == ("192.0.2.7", "Test/1", "teacher")


async def test_every_command_of_sessions_is_there(client: Client, admin: Person) -> None:
    _, account = await admin.hire("s@elm.example", "student")
    again = await sign_in(client, "s@elm.example")
    session = next(item["id"] for item in (await again.call("GET", "/me/sessions"))["items"] if not item["current"])
    await again.call("DELETE", f"/me/sessions/{session}", 204)
    await post(client, "/logout", 204, refresh_token=again.refresh_token)
    more = await sign_in(client, "s@elm.example")
    await more.call("POST", "/me/password", 204, json={"current_password": PASSWORD, "new_password": PASSWORD + "!"})
    await admin.call("DELETE", f"/accounts/{account['id']}/sessions", 204)
    await admin.call("POST", f"/accounts/{account['id']}/temporary-password")
    found = [row["action"] for row in await entries(admin, subject_id=account["id"])]
    assert found == [
        "password.reset",
        "sessions.ended",
        "password.changed",
        "session.opened",
        "session.ended",
        "session.ended",
        "session.opened",
        "session.opened",
        "password.changed",
        "account.created",
    ]


async def test_joining_is_noted(client: Client, admin: Person) -> None:
    await register(client, "t@oak.example")
    document = {"email": "t@oak.example", "name": "T", "role": "teacher"}
    code = (await admin.call("POST", "/accounts", 201, json=document))["joining_code"]
    await sign_in(client, "t@oak.example", joining_code=code)
    [row, _] = await entries(admin, action="session.opened")
    assert row["detail"] == {"joined": True}


async def test_rows_are_filtered_and_paged(admin: Person) -> None:
    for number in range(5):
        await admin.call("PATCH", "/me", json={"name": f"Ada {number}"})
    everything = await entries(admin)
    first = await admin.call("GET", "/audit-log?limit=3")
    rest = await admin.call("GET", f"/audit-log?limit=200&cursor={first['next_cursor']}")
    assert first["items"] + rest["items"] == everything
    assert rest["next_cursor"] is None
    middle = everything[2]["at"]
    assert await entries(admin, since=middle) == everything[:3]
    assert await entries(admin, until=middle) == everything[3:]
    assert await entries(admin, actor_id=str(await admin.account_id())) == everything
    assert await entries(admin, actor_id=str(await admin.school_id())) == []
    await admin.call("GET", "/audit-log?since=2026-01-01", 422)
    await admin.call("GET", "/audit-log?cursor=WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ", 422)


async def test_a_school_sees_its_own_alone(client: Client, admin: Person) -> None:
    other = await register(client, "eve@oak.example")
    assert {row["action"] for row in await entries(other)} == {"school.registered", "session.opened"}


async def test_the_export_is_whole_and_computes_nothing(admin: Person, sql: Sql) -> None:
    headers = {"User-Agent": '=HYPERLINK("http://evil.example")'}
    await admin.call("PATCH", "/me", json={"name": "@Ada"}, headers=headers)
    school = str(await admin.school_id())
    sql(
        "INSERT INTO audit_log (school_id, action) SELECT %s::uuid, 'filler' FROM generate_series(1, 2500)",
        school,
    )
    async with admin.client.get("/api/auth/audit-log.csv", headers=admin.headers) as response:
        assert (response.status, response.content_type) == (200, "text/csv")
        assert "audit-log.csv" in response.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(await response.text())))
    assert [int(row["id"]) for row in rows] == [row[0] for row in sql("SELECT id FROM audit_log ORDER BY id DESC")]
    [changed] = [row for row in rows if row["action"] == "account.changed"]
    assert changed["user_agent"] == '\'=HYPERLINK("http://evil.example")'
    assert changed["actor_name"] == "'@Ada"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET action = 'x'",
        "UPDATE audit_log SET ip = '9.9.9.9'",
        "UPDATE audit_log SET detail = jsonb_build_object('a', 1)",
        "UPDATE audit_log SET ip = '', actor_id = NULL WHERE actor_id IS NOT NULL",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ],
)
async def test_the_service_itself_can_only_add(admin: Person, sql: Sql, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        sql(statement)
    assert len(await entries(admin)) == 2
