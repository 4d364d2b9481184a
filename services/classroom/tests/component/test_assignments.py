"""Assignments through the API."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.db import Database
from chassis.testing import eventually, uuid7
from classroom.testing import Actor, Answer, Sql, event_types, events

School = dict[str, Actor]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
HOMEWORK = {"kind": "homework", "title": "Count", "points_possible": "10", "status": "published"}


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches and sam attends."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    await school["tara"].post(f"{room}/students", {"account_id": school["sam"].id})
    return room


async def test_a_draft_is_known_to_its_teachers_alone(school: School, room: str, database: Database) -> None:
    draft = await school["tara"].made(f"{room}/assignments", HOMEWORK | {"status": "draft"})
    assert await event_types(database) == ["classroom-created", "teacher-added", "student-enrolled"]
    for name, status in {"tara": 200, "admin": 200, "theo": 404, "sam": 404, "other_teacher": 404}.items():
        assert (await school[name].get(f"/assignments/{draft['id']}")).status == status, name
        listed = await school[name].get(f"{room}/assignments")
        if listed.status == 200:
            assert bool(listed["items"]) == (status == 200), name


async def test_publishing_is_the_first_event(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    draft = await tara.made(f"{room}/assignments", HOMEWORK | {"status": "draft"})
    path = f"/assignments/{draft['id']}"
    await tara.patch(path, {"title": "Count to ten"})
    published = await tara.patch(path, {"status": "published"})
    assert (published["status"], published.headers["Etag"]) == ("published", '"3"')
    await tara.patch(path, {"due_at": "2026-12-01T10:00:00+01:00"})
    assert (await tara.patch(path, {"status": "draft"})).code == "already_published"
    assert (await event_types(database))[3:] == ["assignment-created", "assignment-updated"]
    last = (await events(database))[-1]
    assert (last.data["due_at"], last.data["points_possible"]) == ("2026-12-01T09:00:00.000000Z", "10")
    assert (await school["sam"].get(path))["title"] == "Count to ten"


async def test_a_quiz_counts_the_best_attempt_unless_said_otherwise(school: School, room: str) -> None:
    tara = school["tara"]
    quiz = await tara.made(f"{room}/assignments", {"kind": "quiz", "title": "Q"})
    assert quiz["counts"] == "best"
    assert (await tara.patch(f"/assignments/{quiz['id']}", {"counts": "latest"}))["counts"] == "latest"
    assert (await tara.made(f"{room}/assignments", {"kind": "lecture", "title": "L"}))["counts"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "exam", "title": "x"},
        {"kind": "homework", "title": "x", "counts": "best"},
        {"kind": "material", "title": "x", "points_possible": "5"},
        {"kind": "homework", "title": "x", "points_possible": "0"},
        {"kind": "homework", "title": "x", "points_possible": "NaN"},
        {"kind": "homework", "title": "x", "points_possible": "1.00001"},
        {"kind": "homework", "title": "x", "due_at": "2026-12-01T10:00:00"},
        {"kind": "homework", "title": "x", "status": "deleted"},
        {"kind": "homework", "title": "x", "released": True},
        {"kind": "homework", "title": "x", "topic_id": str(uuid7())},
    ],
)
async def test_a_wrong_assignment_is_refused(school: School, room: str, wrong: dict[str, Any]) -> None:
    answer = await school["tara"].post(f"{room}/assignments", wrong)
    assert answer.status == 422, answer.data


@pytest.mark.parametrize("wrong", [{"counts": "best"}, {"kind": "quiz"}, {"title": None}, {"points_possible": -1}])
async def test_a_wrong_patch_is_refused(school: School, room: str, wrong: dict[str, Any]) -> None:
    assignment = await school["tara"].made(f"{room}/assignments", HOMEWORK)
    assert (await school["tara"].patch(f"/assignments/{assignment['id']}", wrong)).status == 422


async def test_the_topic_must_be_the_classrooms_own(school: School, room: str) -> None:
    tara = school["tara"]
    other = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Other'}))['id']}"
    foreign = await tara.made(f"{other}/topics", {"title": "Numbers"})
    own = await tara.made(f"{room}/topics", {"title": "Numbers"})
    wrong = await tara.post(f"{room}/assignments", HOMEWORK | {"topic_id": foreign["id"]})
    assert (wrong.status, wrong.code) == (422, "unknown_topic")
    assignment = await tara.made(f"{room}/assignments", HOMEWORK | {"topic_id": own["id"]})
    path = f"/assignments/{assignment['id']}"
    assert (await tara.patch(path, {"topic_id": foreign["id"]})).code == "unknown_topic"
    assert (await tara.patch(path, {"topic_id": None}))["topic_id"] is None


async def test_a_stale_patch_shows_both_values(school: School, room: str) -> None:
    assignment = await school["tara"].made(f"{room}/assignments", HOMEWORK)
    path = f"/assignments/{assignment['id']}"
    await school["tara"].patch(path, {"title": "One"}, If_Match='"1"')
    late = await school["admin"].patch(path, {"title": "Two"}, If_Match='"1"')
    assert (late.status, late["current"]["title"], late["yours"]) == (412, "One", {"title": "Two"})
    assert (await school["admin"].delete(path, If_Match='"1"')).status == 412


async def test_a_deleted_assignment_is_gone(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    published = await tara.made(f"{room}/assignments", HOMEWORK)
    draft = await tara.made(f"{room}/assignments", HOMEWORK | {"status": "draft"})
    for assignment in (published, draft):
        assert (await tara.delete(f"/assignments/{assignment['id']}")).status == 204
        assert (await tara.get(f"/assignments/{assignment['id']}")).status == 404
    assert (await tara.get(f"{room}/assignments"))["items"] == []
    assert (await event_types(database))[3:] == ["assignment-created", "assignment-deleted"]


async def test_assignments_are_paged(school: School, room: str) -> None:
    for number in range(5):
        await school["tara"].made(f"{room}/assignments", HOMEWORK | {"title": f"Number {number}"})
    first = await school["sam"].get(f"{room}/assignments?limit=3")
    rest = await school["sam"].get(f"{room}/assignments?limit=3&cursor={first['next_cursor']}")
    assert [item["title"] for item in first["items"] + rest["items"]] == [f"Number {n}" for n in range(5)]
    assert first["items"][0]["grade_count"] is None


async def test_who_may_change_assignments(school: School, room: str) -> None:
    path = f"/assignments/{(await school['tara'].made(f'{room}/assignments', HOMEWORK))['id']}"
    for name, status in {"theo": 403, "sam": 403, "other_teacher": 404, "admin": 200}.items():
        assert (await school[name].patch(path, {"title": "x"})).status == status, name
    for name, status in {"theo": 403, "sam": 403, "other_admin": 404}.items():
        assert (await school[name].delete(path)).status == status, name
        assert (await school[name].post(f"{room}/assignments", HOMEWORK)).status == status, name
    assert (await school["theo"].get(path)).status == 200
    assert (await school["sue"].get(path)).status == 404


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e300, "1899-12-31T23:00:00Z"]
)
async def test_times_at_the_ends_of_the_calendar_are_refused(school: School, room: str, moment: Any) -> None:
    """Stored, they could never be read again."""
    tara = school["tara"]
    work = {"kind": "homework", "title": "W"}
    assert (await tara.post(f"{room}/assignments", work | {"due_at": moment})).status == 422
    path = f"/assignments/{(await tara.made(f'{room}/assignments', work))['id']}"
    assert (await tara.patch(path, {"due_at": moment})).status == 422
    assert (await tara.post(f"{room}/join-code", {"expires_at": moment})).status == 422


async def test_nothing_is_hung_under_a_topic_that_is_being_deleted(school: School, room: str, sql: Sql) -> None:
    tara = school["tara"]
    work = {"kind": "homework", "title": "W"}
    path = f"/assignments/{(await tara.made(f'{room}/assignments', work))['id']}"
    for number in range(10):
        topic = (await tara.made(f"{room}/topics", {"title": f"T {number}"}))["id"]
        await asyncio.gather(
            *(tara.post(f"{room}/assignments", work | {"topic_id": topic}) for _ in range(4)),
            tara.patch(path, {"topic_id": topic}),
            tara.delete(f"/topics/{topic}"),
        )
    assert sql("SELECT count(*) FROM assignments a JOIN topics t ON t.id = a.topic_id WHERE t.status = 'deleted'") == [
        (0,)
    ]


async def _while_held(sql: Sql, database_url: str, meanwhile: str, answering: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer to a request that waits for what somebody else changes and then commits."""
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute(meanwhile)
        asked = asyncio.create_task(answering)

        async def waits() -> bool:
            return sql(WAITING) == [(1,)]

        await eventually(waits)
        other.commit()
    return await asked


async def test_a_copy_into_a_topic_that_is_deleted_meanwhile_has_none(
    school: School, room: str, sql: Sql, database_url: str
) -> None:
    tara = school["tara"]
    work = f"/assignments/{(await tara.made(f'{room}/assignments', HOMEWORK))['id']}"
    topic = (await tara.made(f"{room}/topics", {"title": "Gone"}))["id"]
    where = {"classroom_id": room.rsplit("/", 1)[1], "topic_id": topic}
    deleting = "SELECT FROM topics FOR UPDATE; UPDATE topics SET status = 'deleted'"
    copied = await _while_held(sql, database_url, deleting, tara.post(f"{work}/copy", where))
    assert (copied.status, copied["topic_id"]) == (201, None)


async def test_a_grade_for_what_is_not_graded_any_more_is_refused(
    school: School, room: str, sql: Sql, database_url: str
) -> None:
    tara = school["tara"]
    work = f"/assignments/{(await tara.made(f'{room}/assignments', HOMEWORK))['id']}"
    ungrading = "UPDATE assignments SET points_possible = NULL"
    grading = tara.put(f"{work}/grades/{school['sam'].id}", {"score": 1})
    assert (await _while_held(sql, database_url, ungrading, grading)).status == 412
    assert (await tara.put(f"{work}/grades/{school['sam'].id}", {"score": 1})).code == "ungraded"
