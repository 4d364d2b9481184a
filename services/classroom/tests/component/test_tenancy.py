"""Children under another parent are not there; nobody says who they are in a body (GUARANTEES 43, 44)."""

from typing import Any

import pytest

from chassis.db import Database
from classroom.testing import Actor, event_types

School = dict[str, Actor]
WORK = {"kind": "homework", "title": "x", "points_possible": 5, "status": "published"}


async def room(teacher: Actor) -> str:
    return f"/classrooms/{(await teacher.made('/classrooms', {'title': 'Algebra'}))['id']}"


async def test_a_child_of_another_parent_is_not_there(school: School) -> None:
    tara, theo, sam = school["tara"], school["theo"], school["sam"]
    theirs, mine = await room(tara), await room(theo)
    await tara.post(f"{theirs}/students", {"account_id": sam.id})
    topic = (await tara.made(f"{theirs}/topics", {"title": "One"}))["id"]
    await theo.post(f"{mine}/teachers", {"account_id": school["admin"].id})
    assert (await theo.delete(f"{mine}/students/{sam.id}")).status == 404
    assert (await theo.delete(f"{mine}/teachers/{tara.id}")).status == 404
    own = f"/assignments/{(await theo.made(f'{mine}/assignments', WORK))['id']}"
    assert (await theo.put(f"{own}/grades/{sam.id}", {"score": 1})).status == 404
    assert (await theo.patch(own, {"topic_id": topic})).code == "unknown_topic"


@pytest.mark.parametrize("more", [{"role": "admin"}, {"school_id": "x"}, {"grade": 1}, {"released": True}])
async def test_nobody_says_who_they_are_or_what_they_got(
    school: School, database: Database, more: dict[str, Any]
) -> None:
    tara, sam = school["tara"], school["sam"]
    code = (await tara.post(f"{await room(tara)}/join-code"))["join_code"]
    before = await event_types(database)
    assert (await sam.post("/enrollments", {"join_code": code} | more)).status == 422
    assert (await tara.post("/classrooms", {"title": "x"} | more)).status == 422
    assert await event_types(database) == before
