"""Topics through the API."""

import asyncio

import pytest

from chassis.db import Database
from chassis.testing import uuid7
from classroom.testing import Actor, event_types, events

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches and sam attends."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    await school["tara"].post(f"{room}/students", {"account_id": school["sam"].id})
    return room


async def test_topics_come_in_order(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    for title in ("Numbers", "Letters"):
        await tara.made(f"{room}/topics", {"title": title})
    first = await tara.made(f"{room}/topics", {"title": "Before", "position": 0})
    assert first["position"] == 0
    shown = await school["sam"].get(f"{room}/topics")
    assert [(item["title"], item["position"]) for item in shown["items"]] == [
        ("Numbers", 0),
        ("Before", 0),
        ("Letters", 1),
    ]
    page = await school["sam"].get(f"{room}/topics?limit=2")
    rest = await school["sam"].get(f"{room}/topics?limit=2&cursor={page['next_cursor']}")
    assert [item["title"] for item in rest["items"]] == ["Letters"]
    assert (await event_types(database))[-1] == "topic-created"
    assert (await school["sue"].get(f"{room}/topics")).status == 404


async def test_titles_are_unique_among_living_topics(school: School, room: str) -> None:
    tara = school["tara"]
    topic = await tara.made(f"{room}/topics", {"title": "Numbers"})
    other = await tara.made(f"{room}/topics", {"title": "Letters"})
    assert (await tara.post(f"{room}/topics", {"title": "NUMBERS"})).code == "title_taken"
    assert (await tara.patch(f"/topics/{other['id']}", {"title": "numbers"})).code == "title_taken"
    keyed = await tara.post(f"{room}/topics", {"title": "numbers"}, Idempotency_Key="t")
    assert keyed.code == "title_taken"
    assert (await tara.delete(f"/topics/{topic['id']}")).status == 204
    await tara.made(f"{room}/topics", {"title": "Numbers"})


async def test_one_of_many_with_the_same_title_wins(school: School, room: str) -> None:
    answers = await asyncio.gather(*(school["tara"].post(f"{room}/topics", {"title": "Same"}) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]


async def test_a_topic_is_renamed_and_moved(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    topic = await tara.made(f"{room}/topics", {"title": "Numbers"})
    path = f"/topics/{topic['id']}"
    assert topic.headers["Etag"] == '"1"'
    moved = await tara.patch(path, {"position": 4}, If_Match='"1"')
    assert (moved["title"], moved["position"], moved["version"]) == ("Numbers", 4, 2)
    stale = await tara.patch(path, {"title": "x"}, If_Match='"1"')
    assert (stale.status, stale["current"]["position"], stale["yours"]) == (412, 4, {"title": "x"})
    assert (await tara.delete(path, If_Match='"1"')).status == 412
    assert (await events(database))[-1].data["position"] == 4
    assert (await tara.patch(path, {"position": -1})).status == 422
    assert (await tara.patch(path, {"classroom_id": str(uuid7())})).status == 422


async def test_a_deleted_topic_leaves_its_assignments(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    topic = await tara.made(f"{room}/topics", {"title": "Numbers"})
    body = {"kind": "homework", "title": "Count", "topic_id": topic["id"], "status": "published"}
    published = await tara.made(f"{room}/assignments", body)
    draft = await tara.made(f"{room}/assignments", body | {"status": "draft"})
    assert (await tara.delete(f"/topics/{topic['id']}")).status == 204
    for assignment in (published, draft):
        assert (await tara.get(f"/assignments/{assignment['id']}"))["topic_id"] is None
    deleted, updated = (await events(database))[-2:]
    assert (deleted.type, deleted.data["status"]) == ("classroom.topic-deleted.v1", "deleted")
    assert (updated.type, str(updated.subject)) == ("classroom.assignment-updated.v1", published["id"])
    assert (await tara.delete(f"/topics/{topic['id']}")).status == 404
    assert (await tara.patch(f"/topics/{topic['id']}", {"title": "x"})).status == 404


async def test_who_may_change_topics(school: School, room: str) -> None:
    topic = await school["tara"].made(f"{room}/topics", {"title": "Numbers"})
    path = f"/topics/{topic['id']}"
    for name, status in {"theo": 403, "sam": 403, "other_teacher": 404, "admin": 200}.items():
        assert (await school[name].patch(path, {"title": "x"})).status == status, name
    for name, status in {"theo": 403, "sam": 403, "other_admin": 404}.items():
        assert (await school[name].delete(path)).status == status, name
        assert (await school[name].post(f"{room}/topics", {"title": "y"})).status == status, name
