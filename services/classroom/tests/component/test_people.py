"""Teachers and students of a classroom through the API."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis import inbox
from chassis.db import Database
from chassis.identity import Role
from chassis.keys import WAITS
from chassis.testing import PATIENCE_SECONDS, Issuer, somebody_waits, uuid7
from classroom.consumers import HANDLERS
from classroom.people import commands
from classroom.testing import Actor, Sql, account_event, event_types, events, settle

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches."""
    return f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"


async def students(school: School, room: str) -> list[str]:
    return [item["name"] for item in (await school["tara"].get(f"{room}/students"))["items"]]


async def count(school: School, room: str) -> int:
    return int((await school["tara"].get(room))["student_count"])


async def test_a_student_joins_by_code_and_leaves(school: School, room: str, database: Database) -> None:
    code = (await school["tara"].post(f"{room}/join-code"))["join_code"]
    joined = await school["sam"].post("/enrollments", {"join_code": code})
    assert (joined.status, joined["title"], joined["join_code"]) == (201, "Algebra", None)
    assert (await school["sam"].get(room)).status == 200
    assert (await students(school, room), await count(school, room)) == (["Sam"], 1)
    assert (await school["sam"].delete(f"{room}/students/me")).status == 204
    assert (await school["sam"].delete(f"{room}/students/me")).status == 404
    assert (await school["sam"].get(room)).status == 404
    assert (await students(school, room), await count(school, room)) == ([], 0)
    assert (await event_types(database))[2:] == ["student-enrolled", "student-removed"]


async def test_who_comes_back_is_the_same_row(school: School, room: str, database: Database) -> None:
    body = {"account_id": school["sam"].id}
    assert (await school["tara"].post(f"{room}/students", body)).status == 204
    assert (await school["tara"].delete(f"{room}/students/{school['sam'].id}")).status == 204
    assert (await school["tara"].post(f"{room}/students", body)).status == 204
    told = (await events(database))[2:]
    assert [event.sequence for event in told] == [1, 2, 3]
    assert len({event.subject for event in told}) == 1
    assert [event.data["status"] for event in told] == ["active", "removed", "active"]


async def test_enrolling_twice_happens_once(school: School, room: str, database: Database) -> None:
    code = (await school["tara"].post(f"{room}/join-code"))["join_code"]
    for _ in range(2):
        assert (await school["sam"].post("/enrollments", {"join_code": code})).status == 201
        assert (await school["tara"].post(f"{room}/students", {"account_id": school["sam"].id})).status == 204
    keyed = [
        await school["tara"].post(f"{room}/students", {"account_id": school["sue"].id}, Idempotency_Key="sue")
        for _ in range(2)
    ]
    assert [answer.status for answer in keyed] == [204, 204]
    assert await count(school, room) == 2
    assert (await event_types(database)).count("student-enrolled") == 2


async def test_many_enrol_at_once_and_the_count_stays_right(school: School, room: str, sql: Sql) -> None:
    names = ["sam", "sue", "sid"]
    code = (await school["tara"].post(f"{room}/join-code"))["join_code"]
    await asyncio.gather(
        *(school[name].post("/enrollments", {"join_code": code}) for name in names * 4),
        *(school["tara"].post(f"{room}/students", {"account_id": school[name].id}) for name in names),
    )
    assert await count(school, room) == 3
    assert sql("SELECT count(*) FROM outbox WHERE type = 'classroom.student-enrolled.v1'") == [(3,)]
    path = f"{room}/students/{school['sam'].id}"
    answers = await asyncio.gather(*(school["tara"].delete(path) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [204, 404, 404, 404]
    assert await count(school, room) == 2


async def test_only_active_students_of_the_school_are_enrolled(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    for unknown in (str(uuid7()), school["other_student"].id):
        assert (await tara.post(f"{room}/students", {"account_id": unknown})).status == 404
    assert (await tara.post(f"{room}/students", {"account_id": school["theo"].id})).code == "wrong_role"
    await inbox.apply(database, HANDLERS, [account_event(school["sid"], 2, status="deactivated")])
    assert (await tara.post(f"{room}/students", {"account_id": school["sid"].id})).status == 404


async def test_who_may_see_and_change_students(school: School, room: str) -> None:
    await school["tara"].post(f"{room}/students", {"account_id": school["sam"].id})
    body = {"account_id": school["sue"].id}
    assert (await school["theo"].get(f"{room}/students")).status == 200
    assert (await school["theo"].post(f"{room}/students", body)).status == 403
    assert (await school["theo"].delete(f"{room}/students/{school['sam'].id}")).status == 403
    assert (await school["sam"].get(f"{room}/students")).status == 403
    assert (await school["sam"].post(f"{room}/students", body)).status == 403
    assert (await school["other_teacher"].get(f"{room}/students")).status == 404
    assert (await school["other_teacher"].post(f"{room}/students", body)).status == 404
    assert (await school["admin"].post(f"{room}/students", body)).status == 204
    assert await students(school, room) == ["Sam", "Sue"]
    teachers = await school["sam"].get(f"{room}/teachers")
    assert [(item["name"], item["email"]) for item in teachers["items"]] == [("Tara", None)]


async def test_students_are_paged_by_name(school: School, room: str) -> None:
    for name in ("sue", "sam", "sid"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    first = await school["tara"].get(f"{room}/students?limit=2")
    rest = await school["tara"].get(f"{room}/students?limit=2&cursor={first['next_cursor']}")
    assert [item["name"] for item in first["items"] + rest["items"]] == ["Sam", "Sid", "Sue"]
    assert rest["next_cursor"] is None


async def test_a_co_teacher_may_what_the_first_may(school: School, room: str, database: Database) -> None:
    assert (await school["tara"].post(f"{room}/teachers", {"account_id": school["theo"].id})).status == 204
    assert (await school["theo"].patch(room, {"title": "Ours"})).status == 200
    assert (await school["tara"].delete(f"{room}/teachers/{school['theo'].id}")).status == 204
    assert (await school["theo"].patch(room, {"title": "Mine"})).status == 403
    assert (await event_types(database))[2:] == ["teacher-added", "classroom-updated", "teacher-removed"]


async def test_the_last_teacher_stays(school: School, room: str) -> None:
    last = await school["tara"].delete(f"{room}/teachers/{school['tara'].id}")
    assert (last.status, last.code) == (409, "last_teacher")
    assert (await school["tara"].delete(f"{room}/teachers/{school['theo'].id}")).status == 404
    assert (await school["tara"].post(f"{room}/teachers", {"account_id": school["sam"].id})).code == "wrong_role"


async def test_two_teachers_who_remove_each_other_leave_one(school: School, room: str, sql: Sql) -> None:
    for _ in range(3):
        await school["admin"].post(f"{room}/teachers", {"account_id": school["tara"].id})
        await school["admin"].post(f"{room}/teachers", {"account_id": school["theo"].id})
        await asyncio.gather(
            school["admin"].delete(f"{room}/teachers/{school['theo'].id}"),
            school["admin"].delete(f"{room}/teachers/{school['tara'].id}"),
        )
        assert sql("SELECT count(*) FROM classroom_teachers WHERE status = 'active'") == [(1,)]
        assert sql("SELECT teacher_count FROM classrooms") == [(1,)]


async def test_a_code_that_is_rotated_while_it_is_typed_enrols_nobody(
    school: School, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (await school["tara"].post(f"{room}/join-code"))["join_code"]
    join = commands.join

    async def late(*arguments: Any) -> None:
        await school["tara"].post(f"{room}/join-code")
        await join(*arguments)

    monkeypatch.setattr(commands, "join", late)
    assert (await school["sam"].post("/enrollments", {"join_code": code})).status == 404
    assert await count(school, room) == 0


async def test_an_account_that_is_on_its_way_is_waited_for(
    school: School, room: str, client: TestClient[Any, Any], database: Database, issuer: Issuer
) -> None:
    assert client.app is not None
    client.app[WAITS].seconds = PATIENCE_SECONDS
    new = Actor(client, "new", issuer.caller(Role.STUDENT, school["tara"].school_id))
    enrolling = asyncio.create_task(school["tara"].post(f"{room}/students", {"account_id": new.id}))
    await somebody_waits(client.app[WAITS])
    await settle(database, [new])
    assert (await enrolling).status == 204


async def test_a_class_joins_at_once_by_one_code(
    school: School, room: str, client: TestClient[Any, Any], issuer: Issuer, sql: Sql
) -> None:
    code = (await school["tara"].post(f"{room}/join-code"))["join_code"]
    pupils = [Actor(client, f"p{n}", issuer.caller(Role.STUDENT, school["tara"].school_id)) for n in range(50)]
    answers = await asyncio.gather(*(pupil.post("/enrollments", {"join_code": code}) for pupil in pupils * 2))
    assert {answer.status for answer in answers} == {201}
    assert sql("SELECT student_count FROM classrooms") == [(50,)]
