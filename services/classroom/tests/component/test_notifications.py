"""Notifications: what somebody should know of, and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from classroom.testing import Actor, Sql

School = dict[str, Actor]
DRAFT = "17.2345"


async def kinds(actor: Actor) -> list[str]:
    return [it["kind"] for it in (await actor.get("/notifications"))["notifications"]]


async def test_people_are_told_what_concerns_them(school: School, sql: Sql) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    for student in (sam, sue):
        await tara.post(f"{room}/students", {"account_id": student.id})
    soon = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    new: dict[str, Any] = {"kind": "homework", "title": "Work", "points_possible": 20, "status": "published"}
    work = f"/assignments/{(await tara.made(f'{room}/assignments', new | {'due_at': soon}))['id']}"
    hidden = f"/assignments/{(await tara.made(f'{room}/assignments', new | {'assigned_to': [sue.id]}))['id']}"
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
    assert ([it["kind"] for it in first["notifications"]], first["unseen"]) == (["graded", "commented"], 5)
    assert first["notifications"][0]["actor_name"] == "Tara"
    rest = (await sam.get(f"/notifications?cursor={first['next_cursor']}")).data
    assert ([it["kind"] for it in rest["notifications"]], rest["next_cursor"]) == (
        ["commented", "announced", "due_soon"],
        None,
    )
    until = rest["notifications"][0]["at"]
    assert (await sam.post("/notifications/seen", {"until": until})).status == 204
    await sam.post("/notifications/seen", {"until": "2020-01-01T00:00:00Z"})
    after = (await sam.get("/notifications")).data
    assert (after["unseen"], [it["seen"] for it in after["notifications"]]) == (2, [False, False, True, True, True])
    await sam.post("/notifications/seen", {"until": "2999-01-01T00:00:00Z"})
    await tara.made(f"{room}/announcements", {"body": "More"})
    assert (await sam.get("/notifications"))["unseen"] == 1
    await sam.put(f"{work}/submissions/me", {"body": "x"})
    await sam.post(f"{work}/submissions/me/turn-in")
    assert "due_soon" not in await kinds(sam)
    await tara.delete(f"{room}/students/{sam.id}")
    assert await kinds(sam) == []
