"""Who may do what: every operation, every kind of caller, every kind of id (GUARANTEES 42, 43)."""

from typing import Any

import aiohttp
import pytest

from auth.app import api
from auth.testing import PASSWORD, Client, register
from auth.testing import Person as SignedIn
from chassis import openapi
from chassis.testing_api import Person, Row, check_access, operations

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


TABLE = {
    "POST /schools": Row({"anybody": 422}, sending()),
    "POST /login": Row({"anybody": 401}, sending(email="nobody@elm.example", password=PASSWORD)),
    "POST /refresh": Row({"anybody": 401}),
    "POST /logout": Row({"anybody": 204}),
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
    "GET /school": Row(everybody(200)),
    "PATCH /school": Row(admins(200), sending(name="Other")),
    "POST /rosters": Row(admins(202), package),
    "GET /rosters": Row(admins(200)),
    "GET /rosters/{roster_id}": Row(admins(200)),
}


@pytest.fixture
async def people(client: Client, admin: SignedIn) -> dict[str, Person]:
    """Somebody of each kind; the ids of the two schools are foreign to each other."""
    other = await register(client, "eve@oak.example")
    student, pupil = await admin.hire("student@elm.example", "student")
    teacher, _ = await admin.hire("teacher@elm.example", "teacher")
    elm, oak = (
        await _ids(admin, pupil["id"]),
        await _ids(other, (await other.hire("s@oak.example", "student"))[1]["id"]),
    )
    found = {"anonymous": Person({}, elm, oak)}
    for name, person in zip(SIGNED_IN[:3], (student, teacher, admin), strict=True):
        found[name] = Person(person.headers, elm | {"session_id": await _session(person)}, oak)
    found["admin of another school"] = Person(other.headers, oak, elm)
    return found


async def _ids(admin: SignedIn, account_id: str) -> dict[str, str]:
    roster = await admin.call("POST", "/rosters", 202, **package())
    return {"account_id": account_id, "session_id": await _session(admin), "roster_id": roster["id"]}


async def _session(person: SignedIn) -> str:
    return str((await person.call("GET", "/me/sessions"))["items"][0]["id"])


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(DOCUMENT)


@pytest.mark.parametrize("operation", TABLE)
async def test_who_may_use(client: Client, people: dict[str, Person], operation: str) -> None:
    await check_access(client, DOCUMENT, operation, TABLE[operation], people)


async def test_an_operation_open_to_all_would_be_seen(client: Client, people: dict[str, Person]) -> None:
    with pytest.raises(AssertionError, match="student"):
        await check_access(client, DOCUMENT, "GET /me", Row(admins(200)), people)
