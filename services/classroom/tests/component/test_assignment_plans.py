"""When an assignment appears, when it is due, for whom it is, and copies of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.db import Database
from classroom.assignments.commands import publish_scheduled
from classroom.testing import Actor, Sql, event_types, events, uncached

School = dict[str, Actor]
SOON = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches, and sam and sue attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    return room


async def add(school: School, room: str, **body: Any) -> Any:
    made = await school["tara"].made(f"{room}/assignments", {"kind": "homework", "title": "H"} | body)
    return made.data


async def test_what_is_scheduled_appears_when_its_time_comes(
    school: School, room: str, database: Database, sql: Sql
) -> None:
    tara, sam = school["tara"], school["sam"]
    made = await add(school, room, status="scheduled", publish_at=SOON)
    path = f"/assignments/{made['id']}"
    assert (await sam.get(path)).status == 404
    assert await publish_scheduled(database) == 0
    assert "assignment-created" not in await event_types(database)
    sql("UPDATE assignments SET publish_at = now() - interval '1 second'")
    await tara.patch(room, {"status": "archived"})
    assert await publish_scheduled(database) == 0
    await tara.patch(room, {"status": "active"})
    assert (await publish_scheduled(database), await publish_scheduled(database)) == (1, 0)
    shown = await sam.get(path)
    assert (shown["status"], shown["publish_at"]) == ("published", None)
    assert (await event_types(database)).count("assignment-created") == 1
    assert (await tara.patch(path, {"status": "draft"})).code == "already_published"


async def test_a_schedule_is_changed_and_taken_back(school: School, room: str) -> None:
    tara = school["tara"]
    path = f"/assignments/{(await add(school, room))['id']}"
    assert (await tara.patch(path, {"status": "scheduled"})).code == "missing"
    assert (await tara.patch(path, {"publish_at": SOON})).status == 422
    assert (await tara.patch(path, {"status": "scheduled", "publish_at": "2020-01-01T00:00:00Z"})).status == 422
    assert (await tara.patch(path, {"status": "scheduled", "publish_at": SOON}))["status"] == "scheduled"
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    moved = await tara.patch(path, {"publish_at": later})
    assert datetime.fromisoformat(moved["publish_at"]) == datetime.fromisoformat(later)
    back = await tara.patch(path, {"status": "draft"})
    assert (back["status"], back["publish_at"]) == ("draft", None)
    assert (await tara.patch(path, {"status": "published"}))["status"] == "published"


async def test_a_week_later_over_the_change_of_clocks_is_the_same_hour(school: School, room: str) -> None:
    tara = school["tara"]
    made = await add(school, room, due_local="2027-03-26T18:00:00", due_zone="Europe/Berlin")
    assert (made["due_at"], made["due_local"]) == ("2027-03-26T17:00:00Z", "2027-03-26T18:00:00")
    path = f"/assignments/{made['id']}"
    moved = await tara.patch(path, {"due_local": "2027-04-02T18:00:00"})
    assert (moved["due_at"], moved["due_zone"]) == ("2027-04-02T16:00:00Z", "Europe/Berlin")
    moment = await tara.patch(path, {"due_at": "2027-01-10T12:00:00Z"})
    assert (moment["due_local"], moment["due_at"]) == ("2027-01-10T13:00:00", "2027-01-10T12:00:00Z")
    elsewhere = await tara.patch(path, {"due_zone": "America/New_York"})
    assert (elsewhere["due_local"], elsewhere["due_at"]) == ("2027-01-10T13:00:00", "2027-01-10T18:00:00Z")
    assert (await tara.patch(path, {"due_at": None}))["due_local"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"due_zone": "Mars/Olympus"},
        {"due_zone": "../etc/passwd"},
        {"due_zone": "localtime"},
        {"due_zone": "right/UTC"},
        {"due_local": "2027-03-26T18:00:00Z"},
        {"due_at": "2027-03-26T18:00:00Z", "due_local": "2027-03-26T18:00:00"},
        {"status": "scheduled"},
        {"publish_at": SOON},
        {"assigned_to": []},
        {"turn_in_limit": 0},
        {"links": [{"url": "javascript:alert(1)"}]},
    ],
)
async def test_what_makes_no_sense_is_refused(school: School, room: str, wrong: dict[str, Any]) -> None:
    body = {"kind": "homework", "title": "H"} | wrong
    assert (await school["tara"].post(f"{room}/assignments", body)).status == 422


async def test_work_for_some_is_there_for_them_alone(school: School, room: str, database: Database) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    made = await add(school, room, status="published", assigned_to=[sam.id], points_possible=10)
    path = f"/assignments/{made['id']}"
    assert (await sam.get(path))["assigned_to"] is None
    assert (await sue.get(path)).status == 404
    assert [len((await who.get(f"{room}/assignments"))["items"]) for who in (sam, sue, tara)] == [1, 0, 1]
    assert (await tara.put(f"{path}/grades/{sue.id}", {"score": 1})).status == 404
    for assigned in ([sue.id], None, [sam.id, sue.id], [sam.id]):
        await tara.patch(path, {"assigned_to": assigned})
        for who in (sam, sue, tara):
            assert (await who.get("/bootstrap")).data == await uncached(who, database), (assigned, who.name)
    told = [event.data["assigned_to"] for event in await events(database) if ".assignment-" in event.type]
    assert told == [[sam.id], [sue.id], None, sorted([sam.id, sue.id]), [sam.id]]
    stranger = await tara.patch(path, {"assigned_to": [school["sid"].id]})
    assert (stranger.status, stranger.code) == (422, "unknown_student")


async def test_a_copy_is_a_draft_of_its_own(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    link = {"url": "https://example.org/a", "title": "A"}
    source = await add(
        school, room, status="published", assigned_to=[school["sam"].id], points_possible=7, links=[link],
        due_local="2027-03-26T18:00:00", due_zone="Europe/Berlin", turn_in_limit=2, accepts_late=False,
    )  # fmt: skip
    other = (await tara.made("/classrooms", {"title": "Other"}))["id"]
    topic = (await tara.made(f"/classrooms/{other}/topics", {"title": "One"}))["id"]
    path = f"/assignments/{source['id']}/copy"
    copied = await tara.post(path, {"classroom_id": other, "topic_id": topic})
    assert copied.status == 201
    differs = {name for name in source if source[name] != copied.data[name]}
    assert differs == {"id", "classroom_id", "topic_id", "status", "assigned_to"}
    assert (copied["classroom_id"], copied["topic_id"], copied["status"]) == (other, topic, "draft")
    foreign = (await school["theo"].made("/classrooms", {"title": "Theo's"}))["id"]
    assert (await tara.post(path, {"classroom_id": foreign})).status == 403
    assert (await school["theo"].post(path, {"classroom_id": foreign})).status == 403
    assert (await tara.post(path, {"classroom_id": room.split("/")[-1], "topic_id": topic})).code == "unknown_topic"
    await tara.patch(f"/classrooms/{other}", {"status": "archived"})
    assert (await tara.post(path, {"classroom_id": other})).code == "classroom_archived"
