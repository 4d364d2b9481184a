"""The end of a lecture: for everyone, with attendance, statistics and a transcript."""

import asyncio
from contextlib import closing
from uuid import UUID

import aiohttp
import psycopg2
import pytest

from chassis.contracts import check_event
from chassis.db import Database
from chassis.inbox import apply
from chassis.outbox import unsent_events
from chassis.testing import eventually, uuid7
from lecture_chat.client import RoomClient
from lecture_chat.consumers import HANDLERS
from lecture_chat.rooms.room import Room
from lecture_chat.testing import Live, shown, slowly

JOB_HOURS = 6


async def test_attendance_is_read_by_name_page_by_page(live: Live, database: Database) -> None:
    world, others = live.world, {name: uuid7() for name in ("Zoe", "Abel", "Mia", "")}
    enrolled = [world.enrolled(account_id) for account_id in others.values()]
    named = [world.named(account_id, name, "student") for name, account_id in others.items() if name]
    await apply(database, HANDLERS, enrolled + named)

    async def names() -> list[str]:
        page = await live.get(world.teacher, "/attendance?limit=2")
        read = [person["name"] for person in page["items"]]
        while page["next_cursor"]:
            page = await live.get(world.teacher, f"/attendance?limit=2&cursor={page['next_cursor']}")
            read += [person["name"] for person in page["items"]]
        return read

    by_name = ["", "Abel", "Ben", "Mia", "Zoe"]
    assert await names() == by_name
    assert (await live.call("POST", world.teacher, "/close"))[0] == 200
    assert await names() == by_name


async def test_closing_ends_it_for_everyone_and_writes_attendance(
    live: Live, database: Database, database_url: str
) -> None:
    world, absent = live.world, live.world.other_student.account_id
    await apply(database, HANDLERS, [world.enrolled(absent), world.named(absent, "Cleo", "student")])
    async with live.joined((world.teacher, 0), (world.student, 1), (world.student, 0)) as clients:
        await clients[1].say("one")
        await clients[1].say("two")
        await shown(clients[0], "presence", count=2)
        now = (await live.get(world.teacher, "/attendance"))["items"]
        assert {person["name"]: person["present"] for person in now} == {"Ben": True, "Cleo": False}
        assert (await live.call("PUT", world.teacher, f"/attendance/{absent}", {"present": True}))[0] == 409
        with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
            for table, column in (("live_lectures", "opened_at"), ("presences", "joined_at")):
                cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '1 hour'")
        status, lecture = await live.call("POST", world.teacher, "/close")
        assert (status, lecture["close_reason"], lecture["message_count"]) == (200, "closed_by_teacher", 2)

        async def all_ended() -> bool:
            return all(client.close_code == 4010 for client in clients)

        await eventually(all_ended)
        assert {client.other["closed"]["reason"] for client in clients} == {"closed_by_teacher"}
        assert [client.last_seq for client in clients] == [2, 2, 2]
    written = (await live.get(world.teacher, "/attendance"))["items"]
    ben, cleo = sorted(written, key=lambda person: str(person["name"]))
    assert (ben["present"], ben["messages"], 3600 <= ben["seconds"] < 7200) == (True, 2, True)
    assert (cleo["present"], cleo["messages"], cleo["seconds"], cleo["first_joined_at"]) == (False, 0, 0, None)
    status, corrected = await live.call("PUT", world.teacher, f"/attendance/{absent}", {"present": True})
    assert (status, corrected["present"], corrected["set_by"]) == (200, True, str(world.teacher.account_id))
    assert (await live.call("PUT", world.teacher, f"/attendance/{uuid7()}", {"present": True}))[0] == 404
    status, problem = await live.call("POST", world.student, "/messages", {"client_id": "x", "body": "late"})
    assert (status, problem["code"]) == (409, "closed")
    events = await unsent_events(database, "lecture-chat")
    assert [(event.type.split(".")[1], event.sequence) for event in events] == [
        ("lecture-opened", 1), ("lecture-closed", 2), ("lecture-closed", 3),
    ]  # fmt: skip
    for event in events:
        check_event(event)
    last = {entry["student_id"]: entry["present"] for entry in events[-1].data["attendance"]}
    assert last == {str(world.student.account_id): True, str(absent): True}
    text = await live.get(world.student, "/transcript?format=text")
    assert text.splitlines()[2].endswith("Ben: one")
    told = await live.get(world.student, "/transcript")
    assert [entry["seq"] for entry in told["items"]] == [1, 2]
    statistics = await live.get(world.teacher, "/statistics")
    assert (statistics["messages"], statistics["authors"], statistics["students"]) == (2, 1, 1)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
        await live.session.ws_connect(
            f"{live.url()}/socket", protocols=("homeroom.v1", f"bearer.{world.student.token}")
        )


async def test_whoever_is_still_coming_in_is_told_the_end_too(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, reading, go_on = live.world, asyncio.Event(), asyncio.Event()
    async with live.joined((world.teacher, 0)) as (teacher,):
        await teacher.say("one")
        monkeypatch.setattr(Room, "_page", slowly(Room._page, reading, go_on))
        async with live.joined((world.student, 0)) as (late,):
            await reading.wait()
            await live.call("POST", world.teacher, "/close")
            await eventually(lambda: ended(teacher))
            go_on.set()
            await eventually(lambda: ended(late))
            assert (late.last_seq, late.other["closed"]["reason"]) == (1, "closed_by_teacher")


async def ended(client: RoomClient) -> bool:
    return client.close_code == 4010


async def test_abandoned_lectures_are_closed(live: Live, database: Database) -> None:
    world = live.world
    assert await database.rows("list_abandoned", hours=JOB_HOURS) == []
    await apply(database, HANDLERS, [world.event("classroom-updated", world.classroom_id, 2, status="archived")])
    rows = await database.rows("list_abandoned", hours=JOB_HOURS)
    assert rows == [{"lecture_id": UUID(live.lecture_id), "reason": "classroom_closed"}]
