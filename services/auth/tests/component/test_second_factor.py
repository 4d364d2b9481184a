"""TOTP and recovery codes over real HTTP and Postgres."""

import asyncio
import base64
import time
from typing import Any

import pytest

from auth.second_factor import totp
from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in

PROOF = {"password": PASSWORD}
ADA = {"email": "ada@elm.example", "password": PASSWORD}


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code is of the period in which it arrives, however long it was under way."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


def code(secret: str, off: int = 0) -> str:
    """What the app shows, `off` periods from now."""
    return totp.code_at(base64.b32decode(secret), int(time.time()) // totp.PERIOD + off)


def wrong(secret: str) -> str:
    near = {code(secret, off) for off in range(-3, 4)}
    return next(guess for guess in (f"{number:06}" for number in range(10)) if guess not in near)


async def enrol(person: Person) -> tuple[str, list[str]]:
    """The secret and the recovery codes; the code of the period before is spent."""
    secret = (await person.call("POST", "/me/second-factor", json=PROOF))["secret"]
    answer = await person.call("POST", "/me/second-factor/confirm", json={"code": code(secret, -1)})
    return secret, answer["recovery_codes"]


def forget_failures(sql: Sql) -> None:
    sql("UPDATE second_factors SET failures = 0, locked_until = NULL")


async def refused(client: Client, status: int, expected: str, **document: Any) -> Any:
    answer = await post(client, "/login", status, **document)
    assert answer["code"] == expected
    return answer


async def test_an_app_is_enrolled_and_asked_for(client: Client, admin: Person, sql: Sql) -> None:
    state = await admin.call("GET", "/me/second-factor")
    assert state == {"enabled": False, "required": False, "recovery_codes_left": 0}
    enrolment = await admin.call("POST", "/me/second-factor", json=PROOF)
    assert enrolment["uri"].startswith(
        "otpauth://totp/Homeroom%20Elm%3Aada%40elm.example?secret=" + enrolment["secret"]
    )
    await sign_in(client, "ada@elm.example")  # not confirmed: not asked for
    await admin.call("POST", "/me/second-factor/confirm", 401, json={"code": wrong(enrolment["secret"])})
    done = await admin.call("POST", "/me/second-factor/confirm", json={"code": code(enrolment["secret"], -1)})
    assert len(set(done["recovery_codes"])) == 10
    assert (await admin.call("GET", "/me/second-factor"))["recovery_codes_left"] == 10
    await refused(client, 403, "second_factor_required", **ADA)
    await refused(client, 401, "second_factor_invalid", **ADA, code=wrong(enrolment["secret"]))
    await sign_in(client, "ada@elm.example", code=code(enrolment["secret"]))
    (stored,) = sql("SELECT secret FROM second_factors")
    assert base64.b32decode(enrolment["secret"]) not in bytes(stored[0])


async def test_who_does_not_know_the_password_learns_nothing(client: Client, admin: Person) -> None:
    await enrol(admin)
    answers = [
        await post(client, "/login", 401, email=email, password="wrong", code="000000")
        for email in ("ada@elm.example", "nobody@elm.example")
    ]
    assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}


async def test_enrolling_needs_the_password_and_ends_other_sessions(client: Client, admin: Person) -> None:
    other = await sign_in(client, "ada@elm.example")
    await admin.call("POST", "/me/second-factor", 422, json={"password": "wrong"})
    await enrol(admin)
    await other.call("GET", "/me", 401)
    await admin.call("GET", "/me")
    assert (await admin.call("POST", "/me/second-factor", 409, json=PROOF))["code"] == "second_factor_exists"
    assert (await admin.call("POST", "/me/second-factor/confirm", 409, json={"code": "123456"}))["code"]


@pytest.mark.parametrize("off", [-1, 0, 1])
async def test_a_clock_may_be_one_period_off(client: Client, admin: Person, sql: Sql, off: int) -> None:
    secret, _ = await enrol(admin)
    sql("UPDATE second_factors SET last_step = 0")
    await sign_in(client, "ada@elm.example", code=code(secret, off))


@pytest.mark.parametrize("off", [-3, 3])
async def test_but_not_more(client: Client, admin: Person, off: int) -> None:
    secret, _ = await enrol(admin)
    await refused(client, 401, "second_factor_invalid", **ADA, code=code(secret, off))


async def test_a_code_is_good_once(client: Client, admin: Person) -> None:
    secret, _ = await enrol(admin)
    now = code(secret)
    await sign_in(client, "ada@elm.example", code=now)
    await refused(client, 401, "second_factor_invalid", **ADA, code=now)
    await refused(client, 401, "second_factor_invalid", **ADA, code=code(secret, -1))


async def test_a_code_is_good_once_at_the_same_moment_too(client: Client, admin: Person, sql: Sql) -> None:
    secret, recovery = await enrol(admin)
    for good in (code(secret, 1), recovery[0]):

        async def attempt(given: str = good) -> int:
            async with client.post("/api/auth/login", json={**ADA, "code": given}) as response:
                return response.status

        statuses = await asyncio.gather(*(attempt() for _ in range(10)))
        assert statuses.count(200) == 1
        assert set(statuses) <= {200, 401, 429}
        forget_failures(sql)


async def test_a_recovery_code_is_good_once(client: Client, admin: Person, sql: Sql) -> None:
    _, recovery = await enrol(admin)
    await sign_in(client, "ada@elm.example", code=recovery[3].upper().replace("-", " "))
    await refused(client, 401, "second_factor_invalid", **ADA, code=recovery[3])
    assert (await admin.call("GET", "/me/second-factor"))["recovery_codes_left"] == 9
    assert sql("SELECT count(*) FROM audit_log WHERE action = 'recovery-code.used'") == [(1,)]
    assert recovery[4].encode() not in b"".join(bytes(row[0]) for row in sql("SELECT hash FROM recovery_codes"))


async def test_guessing_is_slowed_down_and_keeps_nobody_out(client: Client, admin: Person, sql: Sql) -> None:
    secret, recovery = await enrol(admin)
    guesses = [client.post("/api/auth/login", json={**ADA, "code": wrong(secret)}) for _ in range(12)]
    statuses = [response.status for response in await asyncio.gather(*guesses)]
    assert statuses.count(401) == 5
    assert statuses.count(429) == 7
    async with client.post("/api/auth/login", json={**ADA, "code": code(secret)}) as response:
        assert response.status == 429
        assert 0 < int(response.headers["Retry-After"]) <= 15
    await sign_in(client, "ada@elm.example", code=recovery[0])
    await sign_in(client, "ada@elm.example", code=code(secret))


async def test_the_owner_removes_it_with_password_and_code(client: Client, admin: Person, sql: Sql) -> None:
    secret, _ = await enrol(admin)
    remove = "/me/second-factor/remove"
    await admin.call("POST", remove, 401, json={**PROOF, "code": wrong(secret)})
    await admin.call("POST", remove, 422, json={"password": "wrong", "code": code(secret)})
    await admin.call("POST", remove, 204, json={**PROOF, "code": code(secret)})
    await sign_in(client, "ada@elm.example")
    assert sql("SELECT count(*) FROM recovery_codes") == [(0,)]
    assert sql("SELECT count(*) FROM audit_log WHERE action LIKE 'second-factor.%%'") == [(2,)]


async def test_who_removes_it_where_the_school_asks_for_one_stays_no_longer_than_a_token(
    client: Client, admin: Person
) -> None:
    secret, _ = await enrol(admin)
    await admin.call("PATCH", "/school", json={"second_factor": "admins"})
    await post(client, "/refresh", 200, refresh_token=admin.refresh_token)
    await admin.call("POST", "/me/second-factor/remove", 204, json={**PROOF, "code": code(secret)})
    await post(client, "/refresh", 401, refresh_token=admin.refresh_token)
    await refused(client, 403, "second_factor_enrolment_required", email="ada@elm.example", password=PASSWORD)


async def test_the_managing_school_alone_removes_another_ones(client: Client, admin: Person, sql: Sql) -> None:
    teacher, account = await admin.hire("t@elm.example", "teacher")
    await enrol(teacher)
    oak = await register(client, "eve@oak.example")
    joining = {"email": "t@elm.example", "name": "T", "role": "teacher"}
    await oak.call("POST", "/accounts", 201, json=joining)
    path = f"/accounts/{account['id']}/second-factor"
    assert (await oak.call("DELETE", path, 403))["code"] == "not_managed"
    await post(client, "/login", 403, email="t@elm.example", password=PASSWORD)
    await admin.call("DELETE", path, 204)
    await admin.call("DELETE", path, 204)
    await sign_in(client, "t@elm.example")
    removed = sql("SELECT actor_id <> subject_id FROM audit_log WHERE action = 'second-factor.removed'")
    assert removed == [(True,)]


async def test_a_school_asks_its_staff_for_one(client: Client, admin: Person) -> None:
    teacher, _ = await admin.hire("t@elm.example", "teacher")
    student, _ = await admin.hire("s@elm.example", "student")
    policy = {"second_factor": "staff"}
    assert (await admin.call("PATCH", "/school", 409, json=policy))["code"] == "second_factor_missing"
    await enrol(admin)
    assert (await admin.call("PATCH", "/school", json=policy))["second_factor"] == "staff"
    await teacher.call("GET", "/me", 401)
    await post(client, "/refresh", 401, refresh_token=teacher.refresh_token)
    await student.call("GET", "/me")
    await sign_in(client, "s@elm.example")
    login = {"email": "t@elm.example", "password": PASSWORD}
    token = (await refused(client, 403, "second_factor_enrolment_required", **login))["enrolment_token"]
    enrolment = await post(client, "/second-factor", 200, enrolment_token=token)
    given = {"enrolment_token": token, "code": code(enrolment["secret"], -1)}
    answer = await post(client, "/second-factor/confirm", 200, **given)
    assert len(answer["recovery_codes"]) == 10
    back = Person(client, "t@elm.example", answer["access_token"], answer["refresh_token"])
    assert (await back.call("GET", "/me/second-factor"))["required"] is True
    await post(client, "/second-factor", 409, enrolment_token=token)
    await post(client, "/second-factor/confirm", 409, **given)
    await sign_in(client, "t@elm.example", code=code(enrolment["secret"]))


async def test_only_the_admins_when_the_school_says_so(client: Client, admin: Person) -> None:
    await admin.hire("t@elm.example", "teacher")
    await enrol(admin)
    await admin.call("PATCH", "/school", json={"second_factor": "admins", "name": "Elm School"})
    await sign_in(client, "t@elm.example")
    await admin.call("PATCH", "/school", json={"second_factor": "none"})
    assert (await admin.call("GET", "/school"))["name"] == "Elm School"


async def test_a_temporary_password_is_replaced_before_enrolling(client: Client, admin: Person) -> None:
    await enrol(admin)
    await admin.call("PATCH", "/school", json={"second_factor": "staff"})
    made = await admin.call("POST", "/accounts", 201, json={"email": "t@elm.example", "name": "T", "role": "teacher"})
    first = {"email": "t@elm.example", "password": made["temporary_password"]}
    await refused(client, 403, "password_change_required", **first)
    answer = await refused(client, 403, "second_factor_enrolment_required", **first, new_password=PASSWORD)
    await post(client, "/login", 401, **first)
    enrolment = await post(client, "/second-factor", 200, enrolment_token=answer["enrolment_token"])
    given = {"enrolment_token": answer["enrolment_token"], "code": code(enrolment["secret"])}
    assert (await post(client, "/second-factor/confirm", 200, **given))["access_token"]


async def test_an_enrolment_ends_with_the_login_behind_it(client: Client, admin: Person) -> None:
    await enrol(admin)
    await admin.call("PATCH", "/school", json={"second_factor": "staff"})
    made = await admin.call("POST", "/accounts", 201, json={"email": "t@elm.example", "name": "T", "role": "teacher"})
    first = {"email": "t@elm.example", "password": made["temporary_password"], "new_password": PASSWORD}
    token = (await post(client, "/login", 403, **first))["enrolment_token"]
    for bad in ("", "x", "é", token[:-8], token[:-8] + "AAAAAAA=", "A" * 200):
        assert (await post(client, "/second-factor", 401, enrolment_token=bad))["code"] == "enrolment_invalid"
    for path in ("/me", "/me/second-factor"):
        async with client.get(f"/api/auth{path}", headers={"Authorization": f"Bearer {token}"}) as response:
            assert response.status == 401
    await admin.call("POST", f"/accounts/{made['account']['id']}/temporary-password", 200)
    await post(client, "/second-factor", 401, enrolment_token=token)


async def test_a_switch_is_no_way_around_it(client: Client, admin: Person) -> None:
    oak = await register(client, "eve@oak.example")
    guest = {"email": "eve@oak.example", "name": "Eve", "role": "admin"}
    joining = (await admin.call("POST", "/accounts", 201, json=guest))["joining_code"]
    await enrol(admin)
    await admin.call("PATCH", "/school", json={"second_factor": "staff"})
    there = {"school_id": str(await admin.school_id()), "joining_code": joining}
    assert (await oak.call("POST", "/switch", 403, json=there))["code"] == "second_factor_enrolment_required"
    await enrol(oak)
    await oak.call("POST", "/switch", 200, json=there)
