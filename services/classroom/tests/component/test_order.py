"""The order of topics and of assignments, and announcements."""

import asyncio
from collections.abc import Sequence
from itertools import permutations

import pytest

from chassis.db import Database
from chassis.testing import uuid7
from classroom.testing import Actor, events, uncached

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches and sam attends."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    await school["tara"].post(f"{room}/students", {"account_id": school["sam"].id})
    return room


async def topics(tara: Actor, room: str, *titles: str) -> list[str]:
    return [(await tara.made(f"{room}/topics", {"title": title}))["id"] for title in titles]


async def assignments(tara: Actor, room: str, topic: str | None, *titles: str) -> list[str]:
    body = {"kind": "homework", "status": "published", "topic_id": topic}
    return [(await tara.made(f"{room}/assignments", body | {"title": title}))["id"] for title in titles]


async def shown(actor: Actor, topic: str | None) -> list[str]:
    """The ids of a topic's assignments, in their order."""
    (view,) = (await actor.get("/bootstrap"))["classrooms"]
    found = [item for item in view["assignments"] if item["topic_id"] == topic]
    return [item["id"] for item in sorted(found, key=lambda item: item["position"])]


async def test_topics_are_put_in_order(school: School, room: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    one, two, three = await topics(tara, room, "1", "2", "3")
    assert (await tara.put(f"{room}/topics/order", {"topic_ids": [three, one]})).status == 204
    listed = (await sam.get(f"{room}/topics"))["items"]
    assert [(item["id"], item["position"]) for item in listed] == [(three, 0), (one, 1), (two, 2)]
    assert (await sam.get("/bootstrap")).data == await uncached(sam, database)
    told = [event for event in await events(database) if event.type == "classroom.topic-updated.v1"]
    assert {str(event.subject): event.data["position"] for event in told} == {three: 0, one: 1, two: 2}
    # The same order again is no change, and the same topic twice is none.
    await tara.put(f"{room}/topics/order", {"topic_ids": [three, one, two]})
    assert len([event for event in await events(database) if event.type == "classroom.topic-updated.v1"]) == 3
    assert (await tara.put(f"{room}/topics/order", {"topic_ids": [one, one]})).status == 422


async def test_what_is_not_there_is_not_put_in_order(school: School, room: str) -> None:
    """Of another classroom, deleted or unknown: each is named alike."""
    tara = school["tara"]
    other = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Other'}))['id']}"
    (mine,), (gone,), (theirs,) = [
        await topics(tara, place, title) for place, title in ((room, "1"), (room, "2"), (other, "1"))
    ]
    (work,), (lost,), (far,) = [
        await assignments(tara, place, None, title) for place, title in ((room, "1"), (room, "2"), (other, "1"))
    ]
    await tara.delete(f"/topics/{gone}")
    await tara.delete(f"/assignments/{lost}")
    for unknown in (gone, theirs, str(uuid7())):
        answer = await tara.put(f"{room}/topics/order", {"topic_ids": [mine, unknown]})
        assert (answer.status, answer["errors"][0]["field"]) == (422, "body.topic_ids.1")
        answer = await tara.put(f"{room}/assignments/order", {"topic_id": unknown, "assignment_ids": [work]})
        assert (answer.status, answer["errors"][0]["field"]) == (422, "body.topic_id")
    for unknown in (lost, far, str(uuid7())):
        answer = await tara.put(f"{room}/assignments/order", {"topic_id": None, "assignment_ids": [work, unknown]})
        assert (answer.status, answer["errors"][0]["field"]) == (422, "body.assignment_ids.1")


async def test_assignments_are_put_in_order_and_into_topics(school: School, room: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    (topic,) = await topics(tara, room, "1")
    one, two, three = await assignments(tara, room, None, "1", "2", "3")
    (four,) = await assignments(tara, room, topic, "4")
    tags = [(await tara.get(f"/assignments/{id_}")).headers["Etag"] for id_ in (one, two)]
    await tara.put(f"{room}/assignments/order", {"topic_id": None, "assignment_ids": [three, one]})
    assert await shown(sam, None) == [three, one, two]
    # A place among others is no other edition, but another topic is.
    assert (await tara.get(f"/assignments/{one}")).headers["Etag"] == tags[0]
    await tara.put(f"{room}/assignments/order", {"topic_id": topic, "assignment_ids": [two, four]})
    assert (await shown(sam, topic), await shown(sam, None)) == ([two, four], [three, one])
    assert (await tara.get(f"/assignments/{two}")).headers["Etag"] != tags[1]
    told = [event for event in await events(database) if event.type == "classroom.assignment-updated.v1"]
    assert [(str(event.subject), event.data["topic_id"]) for event in told] == [(two, topic)]
    # By a change it comes last there; what loses its topic comes after those without one; so does a copy.
    await tara.patch(f"/assignments/{three}", {"topic_id": topic})
    assert await shown(sam, topic) == [two, four, three]
    await tara.patch(f"/assignments/{two}", {"topic_id": topic, "title": "Stays"})
    assert await shown(sam, topic) == [two, four, three]
    await tara.delete(f"/topics/{topic}")
    assert await shown(sam, None) == [one, two, four, three]
    copy = (await tara.made(f"/assignments/{one}/copy", {"classroom_id": room.removeprefix("/classrooms/")}))["id"]
    assert await shown(tara, None) == [one, two, four, three, copy]
    for actor in (sam, tara):
        assert (await actor.get("/bootstrap")).data == await uncached(actor, database)


async def test_of_many_orders_at_once_one_stands(school: School, room: str) -> None:
    tara = school["tara"]
    ids = {"topic": await topics(tara, room, "1", "2", "3"), "assignment": await assignments(tara, room, None, *"123")}
    for kind, theirs in ids.items():
        orders: Sequence[tuple[str, ...]] = list(permutations(theirs))
        bodies = [
            {f"{kind}_ids": list(order)} | ({"topic_id": None} if kind == "assignment" else {}) for order in orders
        ]
        answers = await asyncio.gather(*(tara.put(f"{room}/{kind}s/order", body) for body in bodies))
        assert {answer.status for answer in answers} == {204}
        (view,) = (await tara.get("/bootstrap"))["classrooms"]
        places = {item["position"]: item["id"] for item in view[f"{kind}s"]}
        assert tuple(places[place] for place in range(3)) in orders


async def test_announcements(school: School, room: str, database: Database) -> None:
    tara, theo, sam = school["tara"], school["theo"], school["sam"]
    made = [(await tara.made(f"{room}/announcements", {"body": f"No. {n}"}))["id"] for n in range(22)]
    first = await sam.get(f"{room}/announcements?limit=20")
    rest = await sam.get(f"{room}/announcements?limit=20&cursor={first['next_cursor']}")
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    (view,) = (await sam.get("/bootstrap"))["classrooms"]
    assert [item["id"] for item in view["announcements"]] == made[:1:-1]
    assert (view["announcements"][0]["author_name"], view["announcements"][0]["edited_at"]) == ("Tara", None)
    path = f"/announcements/{made[-1]}"
    assert (await theo.patch(path, {"body": "x"})).code == "not_your_classroom"
    await tara.post(f"{room}/teachers", {"account_id": theo.id})
    assert (await theo.patch(path, {"body": "x"})).code == "not_your_announcement"
    edited = await tara.patch(path, {"body": "Better"}, If_Match='"1"')
    assert (edited["body"], edited["edited_at"] is None, edited.headers["Etag"]) == ("Better", False, '"2"')
    assert (await tara.patch(path, {"body": "Worse"}, If_Match='"1"'))["current"]["body"] == "Better"
    assert (await theo.delete(path)).status == 204
    assert (await tara.delete(path)).status == 404
    for actor in (sam, tara):
        assert (await actor.get("/bootstrap")).data == await uncached(actor, database)
    await tara.patch(room, {"status": "archived"})
    assert (await tara.post(f"{room}/announcements", {"body": "x"})).code == "classroom_archived"
