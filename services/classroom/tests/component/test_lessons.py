"""Comments, notes and attendance."""

import asyncio
from typing import Any

import pytest

from chassis import inbox
from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.events import Event
from chassis.testing import uuid7
from classroom.consumers import HANDLERS, LECTURES
from classroom.testing import Actor, Sql, uncached

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches, and sam and sue attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    return room


@pytest.fixture
async def lecture(school: School, room: str) -> str:
    """The path of a published lecture."""
    body = {"kind": "lecture", "title": "L", "status": "published"}
    return f"/assignments/{(await school['tara'].made(f'{room}/assignments', body))['id']}"


def said(answer: Any) -> list[str]:
    return [item["body"] for item in answer["items"]]


async def test_comments_are_everybodys_or_of_one_student_and_the_teachers(school: School, lecture: str) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    path = f"{lecture}/comments"
    assert (await sam.post(path, {"body": " Hello "})).status == 201
    await tara.post(path, {"body": "Welcome"})
    await sam.post(path, {"body": "psst", "student_id": sam.id})
    await tara.post(path, {"body": "yes?", "student_id": sam.id})
    assert said(await sue.get(path)) == ["Hello", "Welcome"]
    private = f"{path}?student_id={sam.id}"
    assert said(await sam.get(private)) == said(await school["admin"].get(private)) == ["psst", "yes?"]
    for name in ("sue", "theo", "other_teacher"):
        assert (await school[name].get(private)).status == 404, name
        assert (await school[name].post(path, {"body": "x", "student_id": sam.id})).status in {403, 404}, name
    assert (await school["theo"].post(path, {"body": "x"})).status == 403
    assert (await tara.post(path, {"body": "x", "student_id": school["sid"].id})).status == 404


async def test_who_changes_and_deletes_comments(school: School, room: str, lecture: str) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    made = await sam.made(f"{lecture}/comments", {"body": "Helo"})
    path = f"/comments/{made['id']}"
    changed = await sam.patch(path, {"body": "Hello"})
    assert (changed["body"], changed["edited_at"] is not None) == ("Hello", True)
    for who in (tara, sue):
        assert (await who.patch(path, {"body": "x"})).code == "not_your_comment"
    assert (await sue.delete(path)).code == "not_your_comment"
    secret = f"/comments/{(await sam.made(f'{lecture}/comments', {'body': 's', 'student_id': sam.id}))['id']}"
    for method in ("PATCH", "DELETE"):
        assert (await sue.call(method, secret, {"body": "x"})).status == 404
    assert (await tara.delete(path)).status == 204
    assert (await sam.patch(path, {"body": "x"})).status == 404
    await tara.patch(room, {"status": "archived"})
    assert (await sam.delete(secret)).code == "classroom_archived"
    assert (await sam.post(f"{lecture}/comments", {"body": "x"})).code == "classroom_archived"


async def test_comments_are_paged_in_order(school: School, lecture: str) -> None:
    for n in range(5):
        await school["sam"].post(f"{lecture}/comments", {"body": str(n)})
    first = await school["sue"].get(f"{lecture}/comments?limit=3")
    rest = await school["sue"].get(f"{lecture}/comments?limit=3&cursor={first['next_cursor']}")
    assert (said(first), said(rest), rest["next_cursor"]) == (["0", "1", "2"], ["3", "4"], None)


@pytest.mark.parametrize("wrong", [{"body": ""}, {"body": "  "}, {"body": "x", "author_id": str(uuid7())}, {}])
async def test_a_wrong_comment_is_refused(school: School, lecture: str, wrong: dict[str, Any]) -> None:
    assert (await school["sam"].post(f"{lecture}/comments", wrong)).status == 422


async def test_an_older_revision_never_replaces_a_newer(school: School, lecture: str, database: Database) -> None:
    sam, me = school["sam"], f"{lecture}/notes/me"
    assert (await sam.put(me, {"rev": 2, "body": "Two", "seq": 17})).status == 200
    assert (await sam.put(me, {"rev": 1, "body": "One"})).code == "older_rev"
    assert (await sam.put(me, {"rev": 2, "body": "Other"})).code == "older_rev"
    assert (await sam.put(me, {"rev": 2, "body": "Two", "seq": 17})).status == 200
    await asyncio.gather(*(sam.put(me, {"rev": n, "body": str(n)}) for n in (5, 9, 3, 8, 4)))
    (note,) = (await sam.get(f"{lecture}/notes"))["items"]
    assert (note["rev"], note["body"]) == (9, "9")
    assert (await sam.get("/bootstrap")).data == await uncached(sam, database)
    assert (await sam.get("/bootstrap"))["own"][0]["notes"][0]["body"] == "9"


async def test_the_teacher_sees_everyones_notes_with_coverage(school: School, room: str, lecture: str) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    await sam.put(f"{lecture}/notes/me", {"rev": 1, "body": "Mine"})
    seen = await tara.get(f"{lecture}/notes")
    assert ([item["name"] for item in seen["items"]], seen["coverage"]) == (["Sam"], {"students": 2, "written": 1})
    own = await sue.get(f"{lecture}/notes")
    assert (own["items"], own["coverage"]) == ([], None)
    assert (await school["theo"].get(f"{lecture}/notes")).status == 403
    homework = await tara.made(f"{room}/assignments", {"kind": "homework", "title": "H", "status": "published"})
    assert (await sam.put(f"/assignments/{homework['id']}/notes/me", {"rev": 1, "body": "x"})).code == "no_lecture"


def held(lecture: str, room: str, school: School, sequence: int, status: str, *there: tuple[str, int]) -> Event:
    """What lecture-chat tells of a lecture; `there` are students and their seconds."""
    tara = school["tara"]
    data = {
        "lecture_id": "0193e4a0-0007-7003-8000-0000000000aa",
        "classroom_id": room.split("/")[-1],
        "assignment_id": lecture.split("/")[-1],
        "opened_by": tara.id,
        "opened_at": "2026-11-24T08:00:00Z",
        "closed_at": "2026-11-24T09:00:00Z" if status == "closed" else None,
        "status": status,
        "head_seq": 12,
        "message_count": 10,
        "attendance": [
            {"student_id": s, "seconds": n, "first_joined_at": None, "present": n > 1800, "messages": 1}
            for s, n in there
        ],
    }
    name = "closed" if status == "closed" else "opened"
    return Event(
        f"lecture-chat.lecture-{name}.v1", "/homeroom/lecture-chat", uuid7(), tara.school_id, sequence, data
    )  # fmt: skip


async def test_attendance_comes_from_the_lecture(school: School, room: str, lecture: str, database: Database) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    opened = held(lecture, room, school, 1, "open")
    closed = held(lecture, room, school, 2, "closed", (sam.id, 3000), (sue.id, 60))
    await inbox.apply(database, HANDLERS, [opened])
    assert [live["assignment_id"] for live in (await uncached(sam, database))["classrooms"][0]["live"]] == [
        lecture.split("/")[-1]
    ]
    await inbox.apply(database, HANDLERS, [closed])
    # An older state that comes late, or again, changes nothing.
    await inbox.apply(database, HANDLERS, [held(lecture, room, school, 1, "open")])
    assert (await uncached(tara, database))["classrooms"][0]["live"] == []
    (seen,) = (await tara.get(f"{lecture}/attendance"))["items"]
    assert {a["name"]: (a["seconds"], a["present"]) for a in seen["attendance"]} == {
        "Sam": (3000, True),
        "Sue": (60, False),
    }
    (own,) = (await sam.get(f"{lecture}/attendance"))["items"]
    assert [a["student_id"] for a in own["attendance"]] == [sam.id]
    corrected = held(lecture, room, school, 3, "closed", (sam.id, 3000), (sue.id, 3000))
    await inbox.apply(database, HANDLERS, [corrected])
    (seen,) = (await tara.get(f"{lecture}/attendance"))["items"]
    assert {a["present"] for a in seen["attendance"]} == {True}
    owed = await database.rows("outbox_invalidations", limit=100)
    assert {f"student-view:{room.split('/')[-1]}"} <= {key for row in owed for key in row["invalidates"]}


async def test_every_example_of_lectures_is_understood(database: Database, sql: Sql) -> None:
    for name in LECTURES:
        for _, event in default_contracts().types[name].examples():
            await inbox.apply(database, HANDLERS, [event])
            assert sql("SELECT count(*) > 0 FROM live_lectures WHERE lecture_id = %s", event.data["lecture_id"])
