"""Signing in and out, and how soon a token that must no longer work stops working, on every service."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from chassis.testing import eventually, uuid7
from dev import services
from dev.stack import Stack
from tests.system.people import PASSWORD, Person, School

# Where every role is let in, service by service; the last two need a classroom.
DOORS = {
    "auth": "/api/auth/me",
    "classroom": "/api/classroom/bootstrap",
    "files": "/api/files/limits",
    "grading": "/api/grading/classrooms/{}/students",
    "lecture-chat": "/api/lecture-chat/lectures?classroom_id={}",
}
REVOKED_WITHIN = 5.0


async def test_from_registering_to_signing_out(school: School) -> None:
    person = await school.client("admin")
    assert await person.login()
    me = await person.get("/api/auth/me")
    assert (me["role"], me["school_name"], me["email"]) == ("admin", school.name, person.email)
    first = person.token

    answer = await person.ask("POST", "/api/auth/refresh", {}, {"Origin": school.url, "Authorization": ""})
    assert answer.status == 200
    assert answer.data["access_token"] != first
    person.token = answer.data["access_token"]
    assert (await person.ask("GET", "/api/auth/me")).status == 200

    assert (await person.ask("POST", "/api/auth/logout", {}, {"Origin": school.url})).status == 204
    assert (await person.ask("POST", "/api/auth/refresh", {}, {"Origin": school.url})).status == 401
    await refused(person, "/api/auth/me")
    assert (await school.admin.ask("GET", "/api/auth/me")).status == 200  # another session of the same person


async def refused(person: Person, path: str) -> None:
    async def is_refused() -> bool:
        return (await person.ask("GET", path)).status == 401

    await eventually(is_refused)


async def test_a_wrong_password_and_an_unknown_address_answer_alike(school: School) -> None:
    documents = [(school.admin.email, "wrong-" + PASSWORD), (f"nobody@{school.domain}", PASSWORD)]
    answers = [
        await school.admin.ask("POST", "/api/auth/login", {"email": email, "password": password})
        for email, password in documents
    ]
    assert [answer.status for answer in answers] == [401, 401]
    known, unknown = ({**answer.data, "request_id": ""} for answer in answers)
    assert known == unknown


async def test_a_temporary_password_must_be_replaced(school: School) -> None:
    document = {"email": f"tea@{school.domain}", "name": "Tea", "role": "teacher"}
    created = await school.admin.send("POST", "/api/auth/accounts", document)
    teacher = await school.client("tea", created["temporary_password"])
    answer = await teacher.ask("POST", "/api/auth/login", {"email": teacher.email, "password": teacher.password})
    assert (answer.status, answer.data["code"]) == (403, "password_change_required")
    temporary = teacher.password
    await teacher.choose_password(PASSWORD)
    assert (await teacher.get("/api/auth/me"))["role"] == "teacher"
    answer = await teacher.ask("POST", "/api/auth/login", {"email": teacher.email, "password": temporary})
    assert answer.status == 401


async def open_doors(school: School, teacher: Person) -> dict[str, str]:
    """The doors with a classroom of the teacher's; all of them are open, so every cache holds the token."""
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    doors = {service: path.format(room["id"]) for service, path in DOORS.items()}

    async def all_open() -> bool:
        return set((await statuses(teacher, doors)).values()) == {200}

    await eventually(all_open)
    return doors


async def statuses(person: Person, doors: dict[str, str]) -> dict[str, int]:
    return {service: (await person.ask("GET", path)).status for service, path in doors.items()}


def deactivate(school: School, teacher: Person) -> Awaitable[Any]:
    return school.admin.send("DELETE", f"/api/auth/accounts/{teacher.id}")


def make_student(school: School, teacher: Person) -> Awaitable[Any]:
    return school.admin.send("PATCH", f"/api/auth/accounts/{teacher.id}", {"role": "student"})


@pytest.mark.timed
@pytest.mark.parametrize("end", [deactivate, make_student])
async def test_a_token_stops_working_everywhere(
    school: School, end: Callable[[School, Person], Awaitable[Any]]
) -> None:
    assert DOORS.keys() == set(services.NAMES)
    teacher, colleague = await school.teacher("tea"), await school.teacher("tom")
    doors = await open_doors(school, teacher)
    await end(school, teacher)
    ended = time.monotonic()

    async def all_closed() -> bool:
        return set((await statuses(teacher, doors)).values()) == {401}

    await eventually(all_closed, within=REVOKED_WITHIN)
    assert time.monotonic() - ended < REVOKED_WITHIN
    # lecture-chat's second replica too: requests are spread over both.
    for _ in range(20):
        assert (await teacher.ask("GET", doors["lecture-chat"])).status == 401
    assert (await colleague.ask("GET", doors["auth"])).status == 200


async def test_each_role_sees_what_it_may(school: School) -> None:
    teacher, student = await school.teacher(), await school.student()
    expected = {
        "/api/auth/accounts": (200, 403, 403),
        "/api/auth/rosters": (200, 403, 403),
        "/api/classroom/rosters": (200, 403, 403),
        "/api/grading/teachers": (200, 403, 403),
        "/api/auth/school": (200, 200, 200),
        "/api/classroom/bootstrap": (200, 200, 200),
        "/api/files/limits": (200, 200, 200),
    }
    people = (school.admin, teacher, student)
    found = {path: tuple([(await person.ask("GET", path)).status for person in people]) for path in expected}
    assert found == expected
    assert (await student.ask("POST", "/api/classroom/classrooms", {"title": "Mine"})).status == 403


async def test_nothing_of_another_school_is_there(new_school: Callable[[], Awaitable[School]]) -> None:
    ours, theirs = await new_school(), await new_school()
    teacher = await theirs.teacher()
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    for found, absent in [
        (f"/api/auth/accounts/{teacher.id}", f"/api/auth/accounts/{uuid7()}"),
        (f"/api/classroom/classrooms/{room['id']}", f"/api/classroom/classrooms/{uuid7()}"),
        (f"/api/grading/classrooms/{room['id']}", f"/api/grading/classrooms/{uuid7()}"),
    ]:
        answers = [await ours.admin.ask("GET", path) for path in (found, absent)]
        assert [answer.status for answer in answers] == [404, 404]
        foreign, unknown = ({**answer.data, "request_id": ""} for answer in answers)
        assert foreign == unknown


@pytest.mark.parametrize("service", services.NAMES)
async def test_a_service_believes_no_header(school: School, ours: Stack, service: str) -> None:
    """GUARANTEES 38: asked directly, without a token but with what a gateway might say."""
    claims = school.admin.claims
    forged = {
        "X-User-Id": claims["sub"],
        "X-Account-Id": claims["sub"],
        "X-School-Id": claims["school"],
        "X-Session-Id": claims["sid"],
        "X-Role": "admin",
        "X-Original-URI": "/api/auth/login",
        "X-Forwarded-For": "127.0.0.1",
    }
    path = DOORS[service].format(uuid7())
    async with aiohttp.ClientSession() as session:
        for port in [ours.plan().ports[name] for name in services.web_names(service)]:
            async with session.get(f"http://127.0.0.1:{port}{path}", headers=forged) as answer:
                assert answer.status == 401
                assert (await answer.json())["status"] == 401


@pytest.mark.usefixtures("ours")
async def test_too_many_schools_from_one_address(school: School) -> None:
    """The limit is counted before anything is looked at: a document that is refused is enough."""
    client = await school.client("nobody")
    answers = [await client.ask("POST", "/api/auth/schools", {}) for _ in range(20)]
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.status for answer in answers} == {422, 429}
    assert len(refused) >= 10
    for answer in refused:
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.data["status"] == 429
    assert (await school.admin.ask("GET", "/api/auth/me")).status == 200


async def test_a_person_switches_schools(new_school: Callable[[], Awaitable[School]]) -> None:
    """In a client that takes gzip, as browsers do: the answer is whole, and the old school's token ends."""
    elm, oak = await new_school(), await new_school()
    teacher = await elm.teacher()
    document = {"email": teacher.email, "name": "Tea at Oak", "role": "teacher"}
    code = (await oak.admin.send("POST", "/api/auth/accounts", document))["joining_code"]
    old, gzip = teacher.token, {"Accept-Encoding": "gzip"}
    wrong = await teacher.ask("POST", "/api/auth/switch", {"school_id": oak.id, "joining_code": "no"}, gzip)
    assert 400 <= wrong.status < 500
    asked = {"school_id": oak.id, "joining_code": code}
    answer = await teacher.ask("POST", "/api/auth/switch", asked, gzip | {"Origin": elm.url})
    assert (answer.status, answer.headers.get("Cache-Control")) == (200, "no-store")
    assert "Content-Encoding" not in answer.headers, "what tells a token is not compressed (BREACH)"
    teacher.token = answer.data["access_token"]
    me = await teacher.ask("GET", "/api/auth/me", headers=gzip)
    assert (me.data["name"], me.data["school_id"]) == ("Tea at Oak", oak.id)
    schools = await teacher.ask("GET", "/api/auth/me/memberships", headers=gzip)
    assert {school["school_id"] for school in schools.data["items"]} == {elm.id, oak.id}
    teacher.token = old
    await refused(teacher, "/api/auth/me")
