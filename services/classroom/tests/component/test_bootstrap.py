"""The bootstrap: complete, private, cached and never stale."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis import inbox
from chassis.db import Database
from chassis.events import Event
from chassis.identity import Role
from chassis.keys import CACHE
from chassis.testing import PATIENCE_SECONDS, Issuer, uuid7
from classroom import fragments
from classroom.assignments.commands import publish_scheduled
from classroom.bootstrap.models import Bootstrap
from classroom.consumers import HANDLERS
from classroom.testing import Actor, Sql, account_event, uncached

School = dict[str, Actor]
SECRET = "17.2345"


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches and sam attends."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    await school["tara"].post(f"{room}/students", {"account_id": school["sam"].id})
    return room


@pytest.fixture
async def quiz(school: School, room: str) -> str:
    """The path of a published quiz in it."""
    topic = await school["tara"].made(f"{room}/topics", {"title": "Numbers"})
    body = {"kind": "quiz", "title": "Quiz", "points_possible": 20, "status": "published", "topic_id": topic["id"]}
    return f"/assignments/{(await school['tara'].made(f'{room}/assignments', body))['id']}"


async def seen(actor: Actor) -> Bootstrap:
    answer = await actor.get("/bootstrap")
    assert answer.status == 200, answer.data
    return Bootstrap.model_validate_json(json.dumps(answer.data))


async def test_a_student_gets_all_of_their_classrooms(school: School, room: str, quiz: str) -> None:
    tara, sam = school["tara"], school["sam"]
    await tara.made(f"{room}/assignments", {"kind": "homework", "title": "Draft"})
    await tara.post(f"{room}/join-code")
    await tara.put(f"{quiz}/grades/{sam.id}", {"score": 15, "feedback": "Good", "released": True})
    found = await seen(sam)
    assert (found.role, found.person.name, found.summary) == ("student", "Sam", None)
    (view,) = found.classrooms
    assert (view.classroom.title, view.classroom.join_code, view.classroom.student_count) == ("Algebra", None, None)
    assert [teacher.name for teacher in view.teachers] == ["Tara"]
    assert [topic.title for topic in view.topics] == ["Numbers"]
    assert [(item.title, item.grade_count) for item in view.assignments] == [("Quiz", None)]
    ((grade,),) = [own.grades for own in found.own]
    assert (str(grade.score), str(grade.max_score), grade.feedback) == ("15", "20", "Good")


async def test_a_teacher_gets_drafts_codes_and_counts(school: School, room: str, quiz: str) -> None:
    tara = school["tara"]
    await tara.made(f"{room}/assignments", {"kind": "homework", "title": "Draft"})
    code = (await tara.post(f"{room}/join-code"))["join_code"]
    await tara.put(f"{quiz}/grades/{school['sam'].id}", {"score": SECRET})
    found = await seen(tara)
    (view,) = found.classrooms
    assert (view.classroom.join_code, view.classroom.student_count) == (code, 1)
    assert [(item.title, item.grade_count, item.released_count) for item in view.assignments] == [
        ("Quiz", 1, 0),
        ("Draft", 0, 0),
    ]
    assert found.own == []
    assert SECRET not in found.model_dump_json()
    assert (await seen(school["theo"])).classrooms == []


async def test_an_admin_gets_a_summary(school: School, room: str) -> None:
    found = await seen(school["admin"])
    assert found.summary is not None
    assert (found.summary.classrooms, found.summary.enrolments, found.classrooms) == (1, 1, [])
    foreign = await seen(school["other_admin"])
    assert foreign.summary is not None
    assert foreign.summary.classrooms == 0


async def test_who_is_not_known_yet_gets_an_empty_store(school: School, database: Database, sql: Sql) -> None:
    sql("DELETE FROM accounts")
    found = await seen(school["sam"])
    assert (found.person.name, found.person.email, found.classrooms) == ("", None, [])


async def test_what_has_not_changed_answers_304(school: School, room: str) -> None:
    sam = school["sam"]
    first = await sam.get("/bootstrap")
    again = await sam.get("/bootstrap", If_None_Match=first.headers["Etag"])
    assert (again.status, again.data, again.headers["Etag"]) == (304, None, first.headers["Etag"])
    await school["tara"].patch(room, {"title": "New"})
    changed = await sam.get("/bootstrap", If_None_Match=first.headers["Etag"])
    assert (changed.status, changed["classrooms"][0]["classroom"]["title"]) == (200, "New")


async def test_an_etag_that_the_gateway_made_weak_is_known_too(school: School, room: str) -> None:
    first = await school["sam"].get("/bootstrap")
    again = await school["sam"].get("/bootstrap", If_None_Match=f'"other", {first.headers["Etag"]}')
    assert (again.status, again.data) == (304, None)


async def test_who_is_a_student_now_sees_nothing_of_what_they_taught(
    school: School, room: str, database: Database, issuer: Issuer
) -> None:
    tara, theo = school["tara"], school["theo"]
    await tara.post(f"{room}/teachers", {"account_id": theo.id})
    code = (await tara.post(f"{room}/join-code"))["join_code"]
    assert code in str((await theo.get("/bootstrap")).data)
    await inbox.apply(database, HANDLERS, [account_event(theo, 2, role="student")])
    now = Actor(theo.client, "theo", issuer.caller(Role.STUDENT, theo.school_id, theo.caller.account_id))
    found = await seen(now)
    assert (found.classrooms, found.person.taught) == ([], [])
    assert (await now.get("/classrooms"))["items"] == []
    assert (await now.get(room)).status == 404


async def _teach(school: School, room: str) -> AsyncIterator[str]:
    tara, sam = school["tara"], school["sam"]
    yield "start"
    await tara.patch(room, {"title": "New"})
    yield "classroom"
    topic = await tara.made(f"{room}/topics", {"title": "More"})
    yield "topic"
    await tara.patch(f"/topics/{topic['id']}", {"title": "Other"})
    yield "topic renamed"
    await tara.delete(f"/topics/{topic['id']}")
    yield "topic deleted"
    work = await tara.made(f"{room}/assignments", {"kind": "homework", "title": "W", "points_possible": 5})
    yield "draft"
    path = f"/assignments/{work['id']}"
    await tara.patch(path, {"status": "published"})
    yield "published"
    await tara.put(f"{path}/grades/{sam.id}", {"score": 3})
    yield "graded"
    await tara.post(f"{path}/release")
    yield "released"
    await tara.patch(path, {"assigned_to": [school["sid"].id]})
    yield "for others"
    await tara.patch(path, {"assigned_to": None})
    yield "for all again"
    await tara.delete(path)
    yield "assignment deleted"


async def _talk(school: School, room: str) -> AsyncIterator[str]:
    tara, sam = school["tara"], school["sam"]
    new = {"kind": "homework", "title": "Said", "status": "published"}
    path = f"/assignments/{(await tara.made(f'{room}/assignments', new))['id']}"
    comment = await tara.made(f"{path}/comments", {"body": "For all"})
    yield "commented"
    await tara.made(f"{path}/comments", {"body": "For sam", "student_id": sam.id})
    await sam.made(f"{path}/comments", {"body": "From sam", "student_id": sam.id})
    yield "commented between two"
    await sam.post("/notifications/seen", {"until": datetime.now(UTC).isoformat()})
    yield "seen"
    await tara.delete(f"/comments/{comment['id']}")
    yield "comment deleted"
    said = await tara.made(f"{room}/announcements", {"body": "Welcome"})
    yield "announced"
    await tara.delete(f"/announcements/{said['id']}")
    yield "announcement deleted"


async def _come_and_go(school: School, room: str) -> AsyncIterator[str]:
    tara, sam = school["tara"], school["sam"]
    code = (await tara.post(f"{room}/join-code"))["join_code"]
    yield "code"
    await school["sue"].post("/enrollments", {"join_code": code})
    yield "joined"
    await tara.delete(f"{room}/join-code")
    yield "code disabled"
    await tara.post(f"{room}/teachers", {"account_id": school["theo"].id})
    yield "co-teacher"
    await tara.delete(f"{room}/teachers/{school['theo'].id}")
    yield "co-teacher gone"
    await tara.delete(f"{room}/students/{sam.id}")
    yield "removed"
    await tara.delete(room)
    yield "classroom deleted"


async def _work_together(school: School, room: str) -> AsyncIterator[str]:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    await tara.post(f"{room}/students", {"account_id": sue.id})
    new = {"kind": "group", "title": "Both", "due_at": "2020-01-01T08:00:00Z"}
    path = f"/assignments/{(await tara.made(f'{room}/assignments', new))['id']}"
    await tara.put(f"{path}/groups", {"groups": [{"name": "Red", "student_ids": [sam.id, sue.id]}]})
    yield "grouped while a draft"
    await tara.patch(path, {"status": "published"})
    yield "published with its groups"
    await sam.put(f"{path}/submissions/me", {"body": "x"})
    await sam.post(f"{path}/submissions/me/turn-in")
    yield "turned in late"
    await tara.patch(path, {"due_at": "2020-01-02T08:00:00Z"})
    yield "less late"
    await tara.patch(path, {"due_at": None})
    yield "due no more"
    await tara.delete(f"{room}/students/{sue.id}")
    yield "one of the group gone"
    await tara.post(f"{room}/students", {"account_id": sue.id})
    yield "and back"
    await sue.delete(f"{room}/students/me")
    yield "and gone again"
    code = (await tara.post(f"{room}/join-code"))["join_code"]
    await sue.post("/enrollments", {"join_code": code})
    yield "and back by code"


async def _require_fresh(school: School, database: Database, step: str) -> None:
    """What everybody is shown from the cache is what the database has, their count of notifications too."""
    for name in ("tara", "theo", "sam", "sue", "admin"):
        cached, fresh = await asyncio.gather(school[name].get("/bootstrap"), uncached(school[name], database))
        assert cached.data == fresh, (step, name)
        told = (await school[name].get("/notifications"))["unseen"]
        assert cached["person"]["unseen"] == told, (step, name)


async def test_every_command_is_seen_at_once(school: School, room: str, quiz: str, database: Database) -> None:
    """No relay runs here: what a command makes stale is forgotten with its answer."""
    for steps in (_teach, _talk, _work_together, _come_and_go):
        async for step in steps(school, room):
            await _require_fresh(school, database, step)


async def test_what_is_published_by_the_clock_is_seen_with_its_groups(
    school: School, room: str, database: Database, sql: Sql, client: TestClient[Any, Any]
) -> None:
    tara, sam = school["tara"], school["sam"]
    new = {"kind": "group", "title": "Later", "status": "scheduled", "publish_at": "2999-01-01T00:00:00Z"}
    path = f"/assignments/{(await tara.made(f'{room}/assignments', new))['id']}"
    await tara.put(f"{path}/groups", {"groups": [{"name": "Red", "student_ids": [sam.id]}]})
    for _ in range(2):
        assert (await seen(sam)).own[0].groups == []
    sql("UPDATE assignments SET publish_at = now() WHERE status = 'scheduled'")
    assert await publish_scheduled(database) == 1
    ((owed,),) = sql("SELECT invalidates FROM outbox WHERE type = 'classroom.assignment-created.v1'")
    assert client.app is not None
    await client.app[CACHE].invalidate(owed)
    assert [group.name for group in (await seen(sam)).own[0].groups] == ["Red"]


async def test_a_new_name_reaches_all_who_see_it(
    school: School, room: str, database: Database, client: TestClient[Any, Any]
) -> None:
    assert (await seen(school["sam"])).classrooms[0].teachers[0].name == "Tara"
    await inbox.apply(database, HANDLERS, [account_event(school["tara"], 2, name="Tamara")])
    assert client.app is not None
    *_, owed = await database.rows("outbox_invalidations", limit=10)
    await client.app[CACHE].invalidate(owed["invalidates"])
    assert (await seen(school["sam"])).classrooms[0].teachers[0].name == "Tamara"
    assert (await seen(school["tara"])).person.name == "Tamara"


async def test_a_new_name_of_the_school_reaches_all(
    school: School, room: str, database: Database, client: TestClient[Any, Any]
) -> None:
    sam = school["sam"]
    await seen(sam)
    told = {"school_id": str(sam.school_id), "name": "Elm"}
    event = Event("auth.school-registered.v1", "/homeroom/auth", sam.school_id, sam.school_id, 1, told)
    await inbox.apply(database, HANDLERS, [event])
    *_, owed = await database.rows("outbox_invalidations", limit=10)
    assert client.app is not None
    await client.app[CACHE].invalidate(owed["invalidates"])
    assert (await seen(sam)).person.school.name == "Elm"


async def test_a_bulk_change_refuses_all_older_fragments(
    school: School, room: str, database: Database, sql: Sql, client: TestClient[Any, Any]
) -> None:
    await seen(school["sam"])
    sql("UPDATE classrooms SET title = 'Behind its back'")
    assert (await seen(school["sam"])).classrooms[0].classroom.title == "Algebra"
    await database.execute("renew_school_cache", school_id=school["sam"].school_id)
    assert client.app is not None
    await client.app[CACHE].invalidate([fragments.school_key(school["sam"].school_id)])
    for _ in range(3):
        assert (await seen(school["sam"])).classrooms[0].classroom.title == "Behind its back"


async def test_a_slow_reader_never_puts_an_older_fragment_back(
    school: School, room: str, database: Database, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, reading, go_on = school["sam"], asyncio.Event(), asyncio.Event()
    rows = Database.rows

    async def slow_rows(self: Database, query: str, /, **params: Any) -> Any:
        found = await rows(self, query, **params)
        if query == "fragment_views" and not go_on.is_set():
            reading.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(Database, "rows", slow_rows)
    slow = asyncio.create_task(sam.get("/bootstrap"))
    await asyncio.wait_for(reading.wait(), PATIENCE_SECONDS)
    assert (await school["tara"].patch(room, {"title": "New"})).status == 200
    go_on.set()
    await slow
    assert (await seen(sam)).classrooms[0].classroom.title == "New"


async def test_redis_gone_is_slow_and_right(
    school: School, room: str, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await seen(school["sam"])
    assert client.app is not None
    cache = client.app[CACHE]

    async def gone(*_: Any, **__: Any) -> Any:
        raise ConnectionError("gone")

    monkeypatch.setattr(cache._reads, "mget", gone)
    monkeypatch.setattr(cache._client, "execute_command", gone)
    await school["tara"].patch(room, {"title": "New"})
    assert (await seen(school["sam"])).classrooms[0].classroom.title == "New"


async def test_a_students_answers_never_hold_a_draft_grade(school: School, room: str, quiz: str) -> None:
    tara, sam = school["tara"], school["sam"]
    await tara.post(f"{room}/students", {"account_id": school["sue"].id})
    await tara.put(f"{quiz}/grades/{sam.id}", {"score": SECRET, "feedback": "hidden words"})
    await tara.put(f"{quiz}/grades/{school['sue'].id}", {"score": SECRET, "released": True})
    await tara.put(f"{quiz}/grades/{school['sue'].id}", {"score": SECRET}, If_Match='"1"')
    paths = [
        "/bootstrap",
        "/classrooms",
        room,
        f"{room}/students",
        f"{room}/teachers",
        f"{room}/topics",
        f"{room}/assignments",
        quiz,
        f"{quiz}/grades",
        "/rosters",
        f"/rosters/{uuid7()}",
    ]
    for student in (sam, school["sue"]):
        for _ in range(2):
            for path in paths:
                text = json.dumps((await student.get(path)).data)
                assert SECRET not in text, path
                assert "hidden words" not in text, path


async def test_a_removed_student_sees_nothing_of_it(school: School, room: str, quiz: str) -> None:
    sam = school["sam"]
    await school["tara"].put(f"{quiz}/grades/{sam.id}", {"score": 5, "released": True})
    assert (await seen(sam)).own[0].grades
    await school["tara"].delete(f"{room}/students/{sam.id}")
    found = await seen(sam)
    assert (found.classrooms, found.own) == ([], [])
    await school["tara"].post(f"{room}/students", {"account_id": sam.id})
    assert str((await seen(sam)).own[0].grades[0].score) == "5"
