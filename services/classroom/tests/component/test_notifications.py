"""Notifications: what somebody should know of, and nothing else."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.db import Database
from chassis.keys import CACHE
from classroom.notifications.commands import notice
from classroom.quizzes.testing import open_quiz
from classroom.testing import Actor, Sql

School = dict[str, Actor]
DRAFT = "17.2345"


async def unseen(actor: Actor) -> int:
    """As the cache has it."""
    count: int = (await actor.get("/bootstrap"))["person"]["unseen"]
    return count


async def kinds(actor: Actor) -> list[str]:
    return [it["kind"] for it in (await actor.get("/notifications"))["notifications"]]


async def test_people_are_told_what_concerns_them(school: School, database: Database) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    for student in (sam, sue):
        await tara.post(f"{room}/students", {"account_id": student.id})
    soon = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    new: dict[str, Any] = {"kind": "homework", "title": "Work", "points_possible": 20, "status": "published"}
    work = f"/assignments/{(await tara.made(f'{room}/assignments', new | {'due_at': soon}))['id']}"
    hidden = f"/assignments/{(await tara.made(f'{room}/assignments', new | {'assigned_to': [sue.id]}))['id']}"
    await notice(database)
    await tara.made(f"{room}/announcements", {"body": "Welcome"})
    await tara.made(f"{work}/comments", {"body": "For all"})
    await tara.made(f"{work}/comments", {"body": "For sam", "student_id": sam.id})
    await sue.made(f"{hidden}/comments", {"body": "A question"})
    await tara.put(f"{work}/grades/{sam.id}", {"score": DRAFT})
    assert await kinds(sam) == ["commented", "commented", "announced", "due_soon"]
    assert await kinds(sue) == ["commented", "announced", "due_soon"]
    assert await kinds(tara) == ["commented"]
    for other in ("theo", "sid", "admin", "other_teacher"):
        assert await kinds(school[other]) == []
    assert DRAFT not in json.dumps((await sam.get("/notifications")).data)
    await tara.post(f"{work}/release")
    first = (await sam.get("/notifications?limit=2")).data
    # Work with a released result is finished, as work that was handed in is: its due date is near no more.
    assert ([it["kind"] for it in first["notifications"]], first["unseen"]) == (["graded", "commented"], 4)
    assert first["notifications"][0]["actor_name"] == "Tara"
    rest = (await sam.get(f"/notifications?cursor={first['next_cursor']}")).data
    assert ([it["kind"] for it in rest["notifications"]], rest["next_cursor"]) == (
        ["commented", "announced"],
        None,
    )
    until = rest["notifications"][0]["at"]
    assert (await sam.post("/notifications/seen", {"until": until})).status == 204
    await sam.post("/notifications/seen", {"until": "2020-01-01T00:00:00Z"})
    after = (await sam.get("/notifications")).data
    assert (after["unseen"], [it["seen"] for it in after["notifications"]]) == (2, [False, False, True, True])
    await sam.post("/notifications/seen", {"until": "2999-01-01T00:00:00Z"})
    await tara.made(f"{room}/announcements", {"body": "More"})
    assert (await sam.get("/notifications"))["unseen"] == 1
    assert "due_soon" in await kinds(sue)
    await sue.put(f"{work}/submissions/me", {"body": "x"})
    await sue.post(f"{work}/submissions/me/turn-in")
    assert "due_soon" not in await kinds(sue)
    await tara.delete(f"{room}/students/{sam.id}")
    assert await kinds(sam) == []


async def _invalidate(school: School, database: Database) -> list[str]:
    """Do what the relay does with the outbox's keys; returns them, each as often as it was named."""
    rows = await database.rows("outbox_invalidations", limit=1000)
    keys = [key for row in rows for key in row["invalidates"]]
    app = school["sam"].client.app
    assert app is not None
    await app[CACHE].invalidate(keys)
    return keys


async def test_a_due_date_comes_near_and_passes(school: School, database: Database) -> None:
    """Time alone changes nothing that is cached: the job does, once for all its processes."""
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    for student in (sam, sue):
        await tara.post(f"{room}/students", {"account_id": student.id})
    new = {"kind": "homework", "title": "Work", "points_possible": 20, "status": "published", "assigned_to": [sam.id]}

    def due(**away: float) -> str:
        return (datetime.now(UTC) + timedelta(**away)).isoformat()

    work = f"/assignments/{(await tara.made(f'{room}/assignments', new | {'due_at': due(days=3)}))['id']}"
    await notice(database)
    assert (await unseen(sam), await kinds(sam)) == (0, [])
    await tara.patch(work, {"due_at": due(days=1)})
    await _invalidate(school, database)
    before = len(await database.rows("outbox_invalidations", limit=1000))
    await asyncio.gather(notice(database), notice(database))
    after = await database.rows("outbox_invalidations", limit=1000)
    assert len(after) - before == 1
    assert [key for key in after[-1]["invalidates"] if sue.id in key] == []
    await _invalidate(school, database)
    assert (await unseen(sam), await kinds(sam), await unseen(sue)) == (1, ["due_soon"], 0)
    await sam.put(f"{work}/submissions/me", {"body": "x"})
    await sam.post(f"{work}/submissions/me/turn-in")
    assert (await unseen(sam), await kinds(sam)) == (0, [])
    await sam.post(f"{work}/submissions/me/reclaim")
    assert await unseen(sam) == 1
    await tara.patch(work, {"due_at": due(minutes=-1)})
    await notice(database)
    await _invalidate(school, database)
    assert (await unseen(sam), await kinds(sam)) == (0, [])


async def test_the_count_is_right_while_redis_is_gone(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    tara, sam = school["tara"], school["sam"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    await tara.post(f"{room}/students", {"account_id": sam.id})
    assert await unseen(sam) == 0
    app = sam.client.app
    assert app is not None

    async def gone(*_: Any, **__: Any) -> Any:
        raise ConnectionError("gone")

    monkeypatch.setattr(app[CACHE]._client, "mget", gone)
    monkeypatch.setattr(app[CACHE]._client, "execute_command", gone)
    await tara.made(f"{room}/announcements", {"body": "Welcome"})
    assert await unseen(sam) == 1
    await sam.post("/notifications/seen", {"until": datetime.now(UTC).isoformat()})
    assert await unseen(sam) == 0


async def test_work_that_is_handed_back_is_told_once(school: School, database: Database, sql: Sql) -> None:
    tara, sam = school["tara"], school["sam"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    await tara.post(f"{room}/students", {"account_id": sam.id})
    new = {"kind": "homework", "title": "Work", "points_possible": 20, "status": "published"}
    work = f"/assignments/{(await tara.made(f'{room}/assignments', new))['id']}"

    async def turned_in() -> str:
        await sam.put(f"{work}/submissions/me", {"body": "x"}, If_Match="*")
        return f"/submissions/{(await sam.post(f'{work}/submissions/me/turn-in'))['id']}"

    assert (await tara.post(f"{await turned_in()}/return")).status == 200
    (told,) = (await sam.get("/notifications"))["notifications"]
    assert (told["kind"], told["title"], told["actor_name"]) == ("returned", "Work", "Tara")
    assert (await unseen(sam), await unseen(tara)) == (1, 0)
    submission = await turned_in()
    assert await kinds(sam) == []
    await tara.put(f"{submission}/grade", {"score": DRAFT})
    await tara.post(f"{submission}/return")
    assert await kinds(sam) == ["returned"]
    await tara.post(f"{work}/release")
    assert (await kinds(sam), await unseen(sam)) == (["graded"], 1)
    sql("UPDATE grades SET released_at = released_at - interval '1 hour'")
    assert sorted(await kinds(sam)) == ["graded", "returned"]


async def test_a_quiz_that_opens_is_told_once_to_those_it_is_for(school: School, database: Database) -> None:
    """By its publication or its time, by whichever of the jobs comes first."""
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    quiz = await open_quiz(tara, [sam, sue])
    await tara.patch(quiz.path, {"assigned_to": [sam.id]})

    async def both() -> int:
        """The work of two processes at once; how often somebody was told."""
        before = len(await database.rows("outbox_invalidations", limit=1000))
        await asyncio.gather(notice(database), notice(database))
        told = len(await database.rows("outbox_invalidations", limit=1000)) - before
        await _invalidate(school, database)
        return told

    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert (await tara.patch(f"{quiz.path}/quiz", {"opens_at": soon})).status == 200
    assert (await both(), await kinds(sam)) == (0, [])
    await tara.patch(f"{quiz.path}/quiz", {"opens_at": datetime.now(UTC).isoformat()})
    assert (await both(), await both()) == (1, 0)
    assert (await kinds(sam), await unseen(sam)) == (["quiz_opened"], 1)
    assert (await kinds(sue), await unseen(sue), await kinds(tara)) == ([], 0, [])
    await tara.patch(f"{quiz.path}/quiz", {"opens_at": soon})
    await _invalidate(school, database)
    assert (await kinds(sam), await unseen(sam)) == ([], 0)


async def test_what_was_announced_is_told_without_markup(school: School) -> None:
    tara, sam = school["tara"], school["sam"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    await tara.post(f"{room}/students", {"account_id": sam.id})
    await tara.made(
        f"{room}/announcements", {"body": "# Trip\n\nBring **food** and [the form](https://elm.example/f)."}
    )
    (told,) = (await sam.get("/notifications"))["notifications"]
    assert told["title"] == "Trip – Bring food and the form."
