"""Signing in and out over real HTTP and Postgres."""

import asyncio
import threading
import unicodedata
from typing import Any
from uuid import uuid4

import jwt
import psycopg2.errors
import pytest
from aiohttp import web
from argon2 import PasswordHasher

from auth.passwords import Passwords
from auth.resources import AUTH
from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in
from chassis.contracts import check_event
from chassis.db import Database
from chassis.outbox import unsent_events
from chassis.testing import PATIENCE_SECONDS, eventually

ORIGIN = {"Origin": "https://localhost:8443"}


async def types(database: Database) -> list[str]:
    events = await unsent_events(database, "auth")
    for event in events:
        check_event(event)
    return [event.type.removeprefix("auth.").removesuffix(".v1") for event in events]


async def test_registering_a_school_signs_its_admin_in(client: Client, admin: Person, database: Database) -> None:
    me = await admin.call("GET", "/me")
    assert (me["name"], me["role"], me["email"], me["school_name"]) == ("Ada", "admin", "ada@elm.example", "Elm")
    assert await types(database) == ["school-registered", "account-created"]


async def test_an_address_belongs_to_one_account_whatever_its_case(client: Client, admin: Person) -> None:
    document = {"school_name": "B", "name": "B", "email": "ADA@elm.example", "password": PASSWORD}
    answer = await post(client, "/schools", 409, **document)
    assert answer["code"] == "email_taken"
    assert (await sign_in(client, " Ada@ELM.example ")).access_token


async def test_registering_one_address_many_times_at_once_makes_one_school(client: Client, sql: Sql) -> None:
    document = {"school_name": "S", "name": "N", "email": "n@n.example", "password": PASSWORD}

    async def register() -> int:
        async with client.post("/api/auth/schools", json=document) as response:
            return response.status

    statuses = await asyncio.gather(*(register() for _ in range(12)))
    assert sorted(statuses) == [201] + [409] * 11
    assert sql("SELECT (SELECT count(*) FROM schools), (SELECT count(*) FROM accounts)") == [(1, 1)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no"},
        {"email": None},
        {"email": "=?utf-8?q?eve=40oak.example=2c?=@elm.example"},
        {"password": "short"},
        {"name": "  "},
        {"school_name": ""},
        {"more": 1},
    ],
)
async def test_what_is_wrong_with_a_registration_is_named(client: Client, wrong: dict[str, Any]) -> None:
    document = {"school_name": "B", "name": "B", "email": "b@b.example", "password": PASSWORD} | wrong
    answer = await post(client, "/schools", 422, **document)
    assert answer["errors"][0]["field"] == f"body.{next(iter(wrong))}"


async def test_the_token_is_as_published(client: Client, admin: Person) -> None:
    async with client.get("/api/auth/.well-known/jwks.json") as response:
        keys = (await response.json())["keys"]
    header = jwt.get_unverified_header(admin.access_token)
    assert header == {"alg": "ES256", "typ": "JWT", "kid": keys[0]["kid"]}
    claims = jwt.decode(
        admin.access_token, jwt.PyJWK(keys[0]), ["ES256"], audience="homeroom", issuer="https://homeroom"
    )
    assert set(claims) == {"iss", "aud", "sub", "sid", "school", "role", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] == 600
    assert "d" not in keys[0]


async def test_unknown_missing_and_wrong_passwords_answer_alike(
    client: Client, admin: Person, database: Database
) -> None:
    await admin.call("POST", "/accounts", 201, json={"email": "x@elm.example", "name": "X", "role": "student"})
    answers = [
        await post(client, "/login", 401, email=email, password="wrong")
        for email in ("ada@elm.example", "x@elm.example", "nobody@elm.example", "no address")
    ]
    assert len({(answer["code"], answer["detail"]) for answer in answers}) == 1


async def test_a_password_is_the_same_however_a_keyboard_writes_it(client: Client) -> None:
    """Letters and their marks apart are three times as long, and the longest password is counted together."""
    together = "ấềổứị" * 40
    apart = unicodedata.normalize("NFD", together)
    given = {"school_name": "Elm", "name": "Ada", "email": "ada@elm.example", "password": apart}
    await post(client, "/schools", 201, **given)
    for written in (together, apart):
        await sign_in(client, "ada@elm.example", written)


async def test_a_temporary_password_must_be_changed(client: Client, admin: Person) -> None:
    made = await admin.call("POST", "/accounts", 201, json={"email": "t@elm.example", "name": "T", "role": "teacher"})
    temporary = {"email": "t@elm.example", "password": made["temporary_password"]}
    assert (await post(client, "/login", 403, **temporary))["code"] == "password_change_required"
    same = await post(client, "/login", 422, **temporary, new_password=made["temporary_password"])
    assert same["errors"][0]["field"] == "body.new_password"
    teacher = await sign_in(client, "t@elm.example", made["temporary_password"], new_password=PASSWORD)
    assert (await teacher.call("GET", "/me"))["role"] == "teacher"
    await post(client, "/login", 401, **temporary)
    await sign_in(client, "t@elm.example")


async def test_a_browser_gets_its_refresh_token_as_a_cookie_only(client: Client, admin: Person) -> None:
    document = {"email": "ada@elm.example", "password": PASSWORD}
    async with client.post("/api/auth/login", json=document, headers=ORIGIN) as response:
        assert (await response.json())["refresh_token"] is None
        cookie = response.headers["Set-Cookie"]
    for part in ("homeroom_refresh=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/api/auth", "Max-Age=2592000"):
        assert part in cookie
    sent = {"Cookie": cookie.split(";")[0], **ORIGIN}
    async with client.post("/api/auth/refresh", headers=sent) as response:
        assert response.status == 200
        assert (await response.json())["refresh_token"] is None
        assert response.headers["Set-Cookie"].split(";")[0] != sent["Cookie"]
    evil = sent | {"Origin": "https://evil.example"}
    async with client.post("/api/auth/refresh", headers=evil) as response:
        assert response.status == 403
    async with client.post("/api/auth/logout", headers=sent) as response:
        assert response.status == 204
        assert "Max-Age=0" in response.headers["Set-Cookie"]
    async with client.post("/api/auth/refresh", headers=sent) as response:
        assert response.status == 401


async def test_refresh_rotates(client: Client, admin: Person) -> None:
    first = await post(client, "/refresh", 200, refresh_token=admin.refresh_token)
    assert first["refresh_token"] != admin.refresh_token
    second = await post(client, "/refresh", 200, refresh_token=first["refresh_token"])
    assert second["refresh_token"] not in {first["refresh_token"], admin.refresh_token}


async def test_parallel_refreshes_get_the_same_successor(client: Client, admin: Person, sql: Sql) -> None:
    answers = await asyncio.gather(
        *(post(client, "/refresh", 200, refresh_token=admin.refresh_token) for _ in range(50))
    )
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert sql("SELECT count(*) FROM refresh_tokens") == [(2,)]


async def test_reuse_after_the_grace_ends_the_family(
    client: Client, admin: Person, database: Database, sql: Sql
) -> None:
    successor = await post(client, "/refresh", 200, refresh_token=admin.refresh_token)
    sql("UPDATE refresh_tokens SET used_at = now() - interval '61 s' WHERE used_at IS NOT NULL")
    answer = await post(client, "/refresh", 401, refresh_token=admin.refresh_token)
    assert answer["code"] == "refresh_reused"
    await post(client, "/refresh", 401, refresh_token=successor["refresh_token"])
    await admin.call("GET", "/me", 401)
    assert (await types(database))[-1] == "session-revoked"
    assert sql("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1") == [("refresh.reused",)]


async def test_nothing_else_is_a_refresh_token(client: Client, admin: Person) -> None:
    for token in ("", "x", admin.access_token[:200], "é" * 10):
        await post(client, "/refresh", 401, refresh_token=token)
    async with client.post("/api/auth/refresh") as response:
        assert response.status == 401
    async with client.get("/api/auth/me", headers={"Authorization": f"Bearer {admin.refresh_token}"}) as response:
        assert response.status == 401


async def test_headers_may_hold_any_bytes(client: Client, admin: Person) -> None:
    document = {"email": admin.email, "password": PASSWORD}
    odd = {"User-Agent": "x\udcff\udc80" * 200, "X-Forwarded-For": "\udcff"}
    async with client.post("/api/auth/login", json=document, headers=odd) as response:
        assert response.status == 200
    cookie = {"Cookie": "homeroom_refresh=\udcff"}
    async with client.post("/api/auth/refresh", headers=cookie) as response:
        assert response.status == 401


async def test_logout_ends_the_session_at_once(client: Client, admin: Person, database: Database) -> None:
    await post(client, "/logout", 204, refresh_token=admin.refresh_token)
    await post(client, "/logout", 204, refresh_token=admin.refresh_token)
    await admin.call("GET", "/me", 401)
    await post(client, "/refresh", 401, refresh_token=admin.refresh_token)
    assert (await types(database)).count("session-revoked") == 1


async def test_a_new_password_ends_the_other_sessions(client: Client, admin: Person, database: Database) -> None:
    other = await sign_in(client, admin.email)
    wrong = {"current_password": "wrong", "new_password": "another battery"}
    answer = await admin.call("POST", "/me/password", 422, json=wrong)
    assert answer["errors"][0]["field"] == "body.current_password"
    change = {"current_password": PASSWORD, "new_password": "another battery"}
    await admin.call("POST", "/me/password", 204, json=change)
    await admin.call("GET", "/me")
    await other.call("GET", "/me", 401)
    await post(client, "/login", 401, email=admin.email, password=PASSWORD)
    await sign_in(client, admin.email, "another battery")


async def test_sessions_are_listed_and_ended_by_their_owner_alone(client: Client, admin: Person) -> None:
    other = await sign_in(client, admin.email)
    stranger = await register(client, "eve@oak.example")
    sessions = (await admin.call("GET", "/me/sessions"))["items"]
    assert [session["current"] for session in sessions] == [False, True]
    foreign = await stranger.call("DELETE", f"/me/sessions/{sessions[0]['id']}", 404)
    unknown = await stranger.call("DELETE", f"/me/sessions/{uuid4()}", 404)
    assert foreign["detail"] == unknown["detail"]
    await admin.call("DELETE", f"/me/sessions/{sessions[0]['id']}", 204)
    await other.call("GET", "/me", 401)
    assert len((await admin.call("GET", "/me/sessions"))["items"]) == 1


async def test_one_changes_ones_own_name(client: Client, admin: Person, database: Database) -> None:
    me = await admin.call("PATCH", "/me", json={"name": " Ada L. "})
    assert me["name"] == "Ada L."
    assert (await types(database))[-1] == "account-updated"
    await admin.call("PATCH", "/me", 412, json={"name": "B"}, headers={"If-Match": '"1"'})
    await admin.call("PATCH", "/me", 422, json={"role": "admin"})


async def test_a_hash_is_renewed_when_the_parameters_changed(client: Client, admin: Person, sql: Sql) -> None:
    outdated = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    sql("UPDATE accounts SET password_hash = %s", outdated)
    await asyncio.gather(*(sign_in(client, admin.email) for _ in range(4)))
    assert sql("SELECT password_hash FROM accounts") != [(outdated,)]


async def test_many_logins_leave_reads_quick(
    app: web.Application, client: Client, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them ends before the read has been answered."""
    answered, verify, passwords = threading.Event(), Passwords._verify, app[AUTH].passwords

    def held(self: Passwords, password: str, password_hash: str) -> bool:
        assert answered.wait(PATIENCE_SECONDS)
        return verify(self, password, password_hash)

    async def all_are_judged() -> bool:
        return passwords._waiting == 20

    monkeypatch.setattr(Passwords, "_verify", held)
    logins = asyncio.gather(*(sign_in(client, admin.email) for _ in range(20)))
    await eventually(all_are_judged)
    await admin.call("GET", "/me")
    answered.set()
    await logins


async def test_the_audit_log_cannot_be_changed(admin: Person, sql: Sql) -> None:
    for statement in ("UPDATE audit_log SET action = ''", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            sql(statement)
