"""Who may do what: every operation, every kind of caller, every kind of id (GUARANTEES 42, 43)."""

import re
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from auth.app import api
from auth.testing import PASSWORD, Client, Sql, post, register
from auth.testing import Person as SignedIn
from chassis import openapi
from chassis.testing_api import NOWHERE, Person, Row, check_access, operations

DOCUMENT = openapi.document(api)
SIGNED_IN = ("student", "teacher", "admin", "admin of another school")


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(SIGNED_IN, status)


def admins(status: int) -> dict[str, int]:
    return dict.fromkeys(SIGNED_IN[2:], status)


def package() -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("package", b"no zip", filename="school.zip")
    return {"data": form}


def sending(**document: Any) -> Any:
    return lambda: {"json": document}


def staying() -> dict[str, Any]:
    return {"allow_redirects": False}


TABLE = {
    "POST /schools": Row({"anybody": 422}, sending()),
    "POST /login": Row({"anybody": 401}, sending(email="nobody@elm.example", password=PASSWORD)),
    "POST /refresh": Row({"anybody": 401}),
    "POST /logout": Row({"anybody": 204}),
    "GET /password-rule": Row({"anybody": 200}),
    "GET /.well-known/jwks.json": Row({"anybody": 200}),
    "GET /me": Row(everybody(200)),
    "PATCH /me": Row(everybody(200), sending(name="Me")),
    "POST /me/password": Row(everybody(204), sending(current_password=PASSWORD, new_password=PASSWORD)),
    "GET /me/sessions": Row(everybody(200)),
    "DELETE /me/sessions/{session_id}": Row(everybody(204)),
    "GET /accounts": Row(admins(200)),
    "POST /accounts": Row(admins(422), sending(email="no address", name="E", role="student")),
    "GET /accounts/{account_id}": Row(admins(200)),
    "PATCH /accounts/{account_id}": Row(admins(200), sending(name="Other")),
    "DELETE /accounts/{account_id}": Row(admins(204)),
    "POST /accounts/{account_id}/temporary-password": Row(admins(200)),
    "POST /accounts/{account_id}/joining-code": Row(admins(409)),
    "DELETE /accounts/{account_id}/sessions": Row(admins(204)),
    "DELETE /me/sessions": Row(everybody(204)),
    "GET /me/memberships": Row(everybody(200)),
    "POST /switch": Row(everybody(404), sending(school_id=NOWHERE)),
    "GET /invitations": Row(admins(200)),
    "GET /invitations/counts": Row(admins(200)),
    "POST /invitations": Row(admins(201), sending(email="new@elm.example", name="N", role="student")),
    "POST /invitations/{invitation_id}/resend": Row(admins(200)),
    "DELETE /invitations/{invitation_id}": Row(admins(204)),
    "POST /invitations/{token}/preview": Row({"anybody": 404}),
    "POST /invitations/{token}/accept": Row({"anybody": 404}, sending(password=PASSWORD)),
    "POST /password-resets": Row({"anybody": 204}, sending(email="nobody@elm.example")),
    "POST /password-resets/{token}": Row({"anybody": 404}, sending(password=PASSWORD)),
    "GET /audit-log": Row(admins(200)),
    "GET /audit-log.csv": Row(admins(200)),
    "GET /me/second-factor": Row(everybody(200)),
    "POST /me/second-factor": Row(everybody(422), sending(password="wrong")),
    "POST /me/second-factor/confirm": Row(everybody(409), sending(code="123456")),
    "POST /me/second-factor/remove": Row(everybody(422), sending(password="wrong", code="123456")),
    "DELETE /accounts/{account_id}/second-factor": Row(admins(204)),
    "POST /second-factor": Row({"anybody": 401}, sending(enrolment_token="x")),
    "POST /second-factor/confirm": Row({"anybody": 401}, sending(enrolment_token="x", code="123456")),
    "GET /providers": Row(admins(200)),
    "POST /providers": Row(
        admins(422), sending(name="P", issuer="https://127.0.0.1", client_id="c", client_secret="s")
    ),
    "PATCH /providers/{provider_id}": Row(admins(200), sending(name="Other")),
    "DELETE /providers/{provider_id}": Row(admins(204)),
    "DELETE /accounts/{account_id}/identities": Row(admins(204)),
    "GET /schools/{school_id}/sign-in": Row({"anybody": 200}),
    "GET /oidc/{provider_id}/start": Row({"anybody": 303}, staying),
    "GET /oidc/{provider_id}/callback": Row({"anybody": 303}, staying, open_query=True),
    "GET /api-tokens": Row(admins(200)),
    "POST /api-tokens": Row(admins(201), sending(name="SIS", role="teacher", scope="read", expires_in_days=1)),
    "DELETE /api-tokens/{token_id}": Row(admins(204)),
    "POST /token": Row({"anybody": 401}, sending(token="hr_x")),
    "GET /school": Row(everybody(200)),
    "PATCH /school": Row(admins(200), sending(name="Other")),
    "POST /rosters": Row(admins(202), package),
    "GET /rosters": Row(admins(200)),
    "GET /rosters/{roster_id}": Row(admins(200)),
    "POST /accounts/{account_id}/export": Row(admins(202)),
    "GET /accounts/{account_id}/export": Row(admins(200)),
    "GET /accounts/{account_id}/export.zip": Row(admins(409)),
    "POST /accounts/{account_id}/erase": Row(admins(422), sending(confirm="somebody else")),
    "GET /accounts/{account_id}/erase": Row(admins(404)),
    "POST /me/export": Row(everybody(202)),
    "GET /me/export": Row(everybody(200)),
    "GET /me/export.zip": Row(everybody(409)),
}


@pytest.fixture
async def people(client: Client, admin: SignedIn, sql: Sql) -> dict[str, Person]:
    """Somebody of each kind; the ids of the two schools are foreign to each other."""
    other = await register(client, "eve@oak.example")
    student, pupil = await admin.hire("student@elm.example", "student")
    teacher, _ = await admin.hire("teacher@elm.example", "teacher")
    elm, oak = (
        await _ids(admin, sql, pupil["id"]),
        await _ids(other, sql, (await other.hire("s@oak.example", "student"))[1]["id"]),
    )
    found = {"anonymous": Person({}, elm, oak)}
    for name, person in zip(SIGNED_IN[:3], (student, teacher, admin), strict=True):
        found[name] = Person(person.headers, elm | {"session_id": await _session(person)}, oak)
    found["admin of another school"] = Person(other.headers, oak, elm)
    sql(RUNNING_EXPORTS)
    return found


RUNNING_EXPORTS = """
INSERT INTO personal_data_requests (school_id, account_id, kind, services, requested_by, expires_at)
SELECT school_id, account_id, 'export', '{auth}', account_id, now() + interval '1 day' FROM memberships
"""
PROVIDER = """
INSERT INTO providers (school_id, name, issuer, client_id, client_secret)
VALUES (%s, 'P', 'https://127.0.0.1', 'c', 'x') RETURNING id::text
"""


async def _ids(admin: SignedIn, sql: Sql, account_id: str) -> dict[str, str]:
    school_id = str(await admin.school_id())
    program = {"name": "SIS", "role": "teacher", "scope": "read", "expires_in_days": 1}
    made = await admin.call("POST", "/api-tokens", 201, json=program)
    signing_in = {"token_id": made["api_token"]["id"], "provider_id": sql(PROVIDER, school_id)[0][0]}
    roster = await admin.call("POST", "/rosters", 202, **package())
    guest = {"email": "guest@ash.example", "name": "Guest", "role": "student"}
    invitation = await admin.call("POST", "/invitations", 201, json=guest)
    mailed = signing_in | {"school_id": school_id, "invitation_id": invitation["id"], "token": "A" * 43}
    return mailed | {"account_id": account_id, "session_id": await _session(admin), "roster_id": roster["id"]}


async def _session(person: SignedIn) -> str:
    return str((await person.call("GET", "/me/sessions"))["items"][0]["id"])


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(DOCUMENT)


@pytest.mark.parametrize("operation", TABLE)
async def test_who_may_use(client: Client, people: dict[str, Person], operation: str) -> None:
    row = TABLE[operation]
    if "anybody" in row.answers:
        # What is public in one school is so for the people of all others.
        people = {name: replace(person, foreign=_nowhere(person)) for name, person in people.items()}
    await check_access(client, DOCUMENT, operation, row, people)


async def test_a_program_that_reads_changes_nothing(client: Client, admin: SignedIn) -> None:
    program = {"name": "SIS", "role": "admin", "scope": "read", "expires_in_days": 1}
    token = (await admin.call("POST", "/api-tokens", 201, json=program))["token"]
    reader = replace(admin, access_token=(await post(client, "/token", 200, token=token))["access_token"])
    for operation in api.operations:
        if operation.method != "GET" and not operation.public:
            path = re.sub(r"\{\w+\}", NOWHERE, operation.path)
            assert (await reader.call(operation.method, path, 403))["code"] == "read_only", operation.path


async def test_an_operation_open_to_all_would_be_seen(client: Client, people: dict[str, Person]) -> None:
    with pytest.raises(AssertionError, match="student"):
        await check_access(client, DOCUMENT, "GET /me", Row(admins(200)), people)


def _nowhere(person: Person) -> dict[str, str]:
    return dict.fromkeys(person.own, NOWHERE) | {"token": "B" * 43}
