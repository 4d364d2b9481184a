"""Giving and releasing grades through the API."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chassis import outbox
from chassis.contracts import check_event
from chassis.db import Database
from chassis.testing import uuid7
from classroom.grades.commands import store_results
from classroom.testing import Actor, Sql, events

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches, and sam and sue attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    return room


@pytest.fixture
async def quiz(school: School, room: str) -> str:
    """The path of a published quiz of 20 points in it."""
    body = {"kind": "quiz", "title": "Quiz", "points_possible": "20", "status": "published"}
    return f"/assignments/{(await school['tara'].made(f'{room}/assignments', body))['id']}"


async def grades(database: Database) -> list[Any]:
    return [event for event in await events(database) if ".grade-" in event.type]


async def test_a_draft_stays_here(school: School, quiz: str, database: Database) -> None:
    sam = school["sam"]
    grade = await school["tara"].put(f"{quiz}/grades/{sam.id}", {"score": "12.50", "feedback": "Good"})
    assert (grade.status, grade["score"], grade["max_score"], grade["released_at"]) == (200, "12.5", "20", None)
    assert (grade["name"], grade["graded_by"], grade.headers["Etag"]) == ("Sam", school["tara"].id, '"1"')
    assert await grades(database) == []
    shown = await school["tara"].get(quiz)
    assert (shown["grade_count"], shown["released_count"]) == (1, 0)


async def test_a_gradebook_reads_all_grades_of_its_students(school: School, room: str, quiz: str) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    await tara.put(f"{quiz}/grades/{sam.id}", {"score": "12.50", "feedback": "Good"})
    await tara.put(f"{quiz}/grades/{sue.id}", {"score": None, "excused": True, "released": True})
    (cell,) = (await tara.get(f"{room}/grades?student_id={sam.id}"))["items"]
    assert (cell["student_id"], cell["assignment_id"], cell["score"]) == (sam.id, quiz.rpartition("/")[2], "12.5")
    assert (cell["released_at"], cell["feedback"], cell["version"]) == (None, "Good", 1)
    both = (await tara.get(f"{room}/grades?student_id={sam.id}&student_id={sue.id}&student_id={sue.id}"))["items"]
    assert [(one["student_id"], one["excused"]) for one in both] == sorted([(sam.id, False), (sue.id, True)])
    assert (await tara.get(f"{room}/grades")).status == 422
    assert (await tara.get(f"{room}/grades?" + f"student_id={sam.id}&" * 51)).status == 422


async def test_release_tells_all_drafts_at_once(school: School, quiz: str, database: Database, sql: Sql) -> None:
    tara = school["tara"]
    for name, score in {"sam": 12, "sue": 15.5}.items():
        await tara.put(f"{quiz}/grades/{school[name].id}", {"score": score, "late": name == "sue"})
    assert (await tara.post(f"{quiz}/release")).data == {"released": 2}
    (event,) = await grades(database)
    assert event.type == "classroom.grade-released.v1"
    assert {(r["student_id"], r["score"], r["max_score"], r["late"], r["version"]) for r in event.data["results"]} == {
        (school["sam"].id, "12", "20", False, 2),
        (school["sue"].id, "15.5", "20", True, 2),
    }
    assert event.sequence == sql("SELECT version FROM assignments")[0][0] == 2
    assert (await tara.post(f"{quiz}/release")).data == {"released": 0}
    assert len(await grades(database)) == 1
    assert (await tara.get(quiz))["released_count"] == 2


async def test_more_than_500_are_released_in_several_events(
    school: School, quiz: str, database: Database, sql: Sql
) -> None:
    assignment_id = quiz.rsplit("/", 1)[1]
    sql(
        "INSERT INTO grades (school_id, assignment_id, student_id, score, max_score)"
        " SELECT %s, %s, uuid7(), 1, 20 FROM generate_series(1, 1101)",
        str(school["tara"].school_id),
        assignment_id,
    )
    sql("UPDATE assignments SET grade_count = 1101")
    assert (await school["tara"].post(f"{quiz}/release")).data == {"released": 1101}
    told = await grades(database)
    assert [len(event.data["results"]) for event in told] == [500, 500, 101]
    assert [event.sequence for event in told] == [2, 3, 4]


async def test_a_released_grade_changes_and_is_withdrawn(
    school: School, quiz: str, database: Database, sql: Sql
) -> None:
    tara, path = school["tara"], f"{quiz}/grades/{school['sam'].id}"
    await tara.put(path, {"score": 10, "released": True})
    await tara.put(path, {"score": 11, "released": True}, If_Match='"1"')
    await tara.put(path, {"score": 11}, If_Match='"2"')
    await tara.put(path, {"score": 19}, If_Match='"3"')
    assert (await tara.get(quiz))["released_count"] == 0
    await tara.put(path, {"score": None, "released": True}, If_Match='"4"')
    told = [(event.type.split(".")[1], event.data["results"][0]["score"]) for event in await grades(database)]
    assert told == [
        ("grade-released", "10"),
        ("grade-changed", "11"),
        ("grade-changed", None),
        ("grade-released", None),
    ]
    history = "SELECT version, score::int, released_at IS NOT NULL FROM grade_history ORDER BY version"
    assert sql(history) == [(1, 10, True), (2, 11, True), (3, 11, False), (4, 19, False), (5, None, True)]


async def test_a_stale_grade_shows_both_values(school: School, quiz: str, database: Database) -> None:
    path = f"{quiz}/grades/{school['sam'].id}"
    await school["tara"].put(path, {"score": 10})
    for header in ({}, {"If_Match": '"7"'}):
        late = await school["admin"].put(path, {"score": 20}, **header)
        assert (late.status, late["current"]["score"], late["yours"]["score"]) == (412, "10", "20")
    assert (await school["admin"].put(path, {"score": 20}, If_Match="*"))["version"] == 2


async def test_of_two_who_grade_at_once_one_is_told(school: School, quiz: str) -> None:
    path = f"{quiz}/grades/{school['sam'].id}"
    for tag in ({}, {"If_Match": '"1"'}):
        answers = await asyncio.gather(*(school["tara"].put(path, {"score": n}, **tag) for n in range(4)))
        assert sorted(answer.status for answer in answers) == [200, 412, 412, 412]


@pytest.mark.parametrize(
    "wrong", [{}, {"score": -1}, {"score": "NaN"}, {"score": "x"}, {"score": 1, "max_score": 1}, {"score": "1.23456"}]
)
async def test_a_wrong_grade_is_refused(school: School, quiz: str, wrong: dict[str, Any]) -> None:
    assert (await school["tara"].put(f"{quiz}/grades/{school['sam'].id}", wrong)).status == 422


async def test_only_students_of_the_classroom_are_graded(school: School, room: str, quiz: str) -> None:
    tara = school["tara"]
    for stranger in (school["sid"].id, school["other_student"].id, school["theo"].id, str(uuid7()), "x"):
        assert (await tara.put(f"{quiz}/grades/{stranger}", {"score": 1})).status == 404
    await tara.delete(f"{room}/students/{school['sam'].id}")
    assert (await tara.put(f"{quiz}/grades/{school['sam'].id}", {"score": 1})).status == 404


async def test_drafts_and_ungraded_work_take_no_grades(school: School, room: str) -> None:
    tara, sam = school["tara"], school["sam"]
    draft = await tara.made(f"{room}/assignments", {"kind": "homework", "title": "D", "points_possible": 5})
    free = await tara.made(f"{room}/assignments", {"kind": "homework", "title": "F", "status": "published"})
    for assignment, code in ((draft, "not_published"), (free, "ungraded")):
        path = f"/assignments/{assignment['id']}"
        assert (await tara.put(f"{path}/grades/{sam.id}", {"score": 1})).code == code
        assert (await tara.post(f"{path}/release")).code == code


async def test_who_sees_and_gives_grades(school: School, quiz: str) -> None:
    path = f"{quiz}/grades/{school['sam'].id}"
    await school["tara"].put(path, {"score": 10})
    for name, status in {"theo": 403, "sam": 403, "other_teacher": 404, "other_student": 403}.items():
        assert (await school[name].get(f"{quiz}/grades")).status == status, name
        assert (await school[name].put(path, {"score": 1})).status == status, name
        assert (await school[name].post(f"{quiz}/release")).status == status, name
    assert [item["score"] for item in (await school["admin"].get(f"{quiz}/grades"))["items"]] == ["10"]


async def test_grades_are_paged(school: School, quiz: str) -> None:
    for name in ("sam", "sue"):
        await school["tara"].put(f"{quiz}/grades/{school[name].id}", {"score": 10})
    first = await school["tara"].get(f"{quiz}/grades?limit=1")
    rest = await school["tara"].get(f"{quiz}/grades?limit=1&cursor={first['next_cursor']}")
    assert {item["name"] for item in first["items"] + rest["items"]} == {"Sam", "Sue"}
    assert rest["next_cursor"] is None


async def test_no_event_ever_carries_a_draft(school: School, quiz: str, database: Database) -> None:
    await school["tara"].put(f"{quiz}/grades/{school['sam'].id}", {"score": "17.25"})
    for event in await outbox.unsent_events(database, "classroom"):
        check_event(event)
        assert "17.25" not in str(event.data)


async def test_who_is_excused_has_no_score(school: School, quiz: str, database: Database) -> None:
    tara, path = school["tara"], f"{quiz}/grades/{school['sam'].id}"
    assert (await tara.put(path, {"score": 1, "excused": True})).status == 422
    grade = await tara.put(path, {"score": None, "excused": True, "released": True})
    assert (grade["excused"], grade["score"]) == (True, None)
    assert (await grades(database))[-1].data["results"][0]["excused"] is True
    await tara.put(path, {"score": 5, "released": True}, If_Match="*")
    assert (await grades(database))[-1].data["results"][0]["excused"] is False


async def test_one_is_released_and_then_the_rest(school: School, quiz: str, database: Database) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    for student in (sam, sue):
        await tara.put(f"{quiz}/grades/{student.id}", {"score": 12})
    assert (await tara.post(f"{quiz}/release", {"student_ids": [sue.id]})).data == {"released": 1}
    assert [len((await who.get("/bootstrap"))["own"][0]["grades"]) for who in (sam, sue)] == [0, 1]
    assert (await tara.post(f"{quiz}/release", {"student_ids": [school["sid"].id]})).data == {"released": 0}
    assert (await tara.post(f"{quiz}/release")).data == {"released": 1}
    assert [event.data["results"][0]["student_id"] for event in await grades(database)] == [sue.id, sam.id]


async def test_the_history_tells_who_changed_what(school: School, quiz: str) -> None:
    tara, path = school["tara"], f"{quiz}/grades/{school['sam'].id}"
    await tara.put(path, {"score": 10})
    await school["admin"].put(path, {"score": 11, "feedback": "Better"}, If_Match='"1"')
    await tara.post(f"{quiz}/release")
    first = await tara.get(f"{path}/history?limit=2")
    rest = await tara.get(f"{path}/history?limit=2&cursor={first['next_cursor']}")
    told = [(h["version"], h["score"], h["released_at"] is not None, h["graded_by_name"]) for h in first["items"]]
    assert told == [(3, "11", True, "Tara"), (2, "11", False, "Admin")]
    assert [h["score"] for h in rest["items"]] == ["10"]
    assert (await tara.get(f"{quiz}/grades/{school['sue'].id}/history"))["items"] == []


async def test_many_results_are_stored_at_once(school: School, quiz: str, database: Database, sql: Sql) -> None:
    """A draft stays a draft, a released grade stays released and its change is told; who is no student is left out."""
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    await tara.put(f"{quiz}/grades/{sam.id}", {"score": 1, "feedback": "Kept", "released": True})
    entry = {"number": 2, "score": "9", "max_score": "10", "late_seconds": 60}
    rows = [
        {"student_id": student, "score": "9.5", "late_seconds": 60, "number": 2, "submissions": [entry]}
        for student in (sam.id, sue.id, school["sid"].id)
    ]
    stored = await store_results(database, tara.school_id, UUID(quiz.split("/")[2]), rows)
    assert {(str(row["student_id"]), row["version"]) for row in stored} == {(sam.id, 2), (sue.id, 1)}
    last = (await grades(database))[-1]
    assert (last.type, len(last.data["results"])) == ("classroom.grade-changed.v1", 1)
    assert last.data["results"][0] | {"graded_at": None} == {
        "student_id": sam.id, "score": "9.5", "max_score": "20", "late": True, "late_seconds": 60, "excused": False,
        "submissions": [entry], "version": 2, "graded_at": None,
    }  # fmt: skip
    shown = {
        item["name"]: (item["feedback"], item["released_at"]) for item in (await tara.get(f"{quiz}/grades"))["items"]
    }
    assert (shown["Sam"][0], shown["Sue"]) == ("Kept", ("", None))
    assert (await tara.get(quiz))["grade_count"] == 2
