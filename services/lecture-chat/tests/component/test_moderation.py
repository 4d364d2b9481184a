"""Who may do what in a room, and what is refused."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.db import Database
from chassis.inbox import apply
from chassis.testing import PATIENCE_SECONDS, Issuer, uuid7
from lecture_chat.app import build
from lecture_chat.client import RoomClient
from lecture_chat.config import Config
from lecture_chat.consumers import HANDLERS
from lecture_chat.entries.commands import NewEntry, append
from lecture_chat.rooms import writers
from lecture_chat.rooms.room import Room
from lecture_chat.signals.commands import Signal
from lecture_chat.signals.commands import apply as apply_signals
from lecture_chat.testing import LECTURES, Live, always, make_world, refusal, see, shown, slowly


async def test_what_teachers_do(live: Live) -> None:
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        seq = await student.say("rude")
        assert await teacher.add("pin", seq=seq) == 2
        await shown(student, "state", pinned_seq=seq)
        assert await refusal(student.add("pin", seq=seq)) == "teachers_only"
        assert await refusal(teacher.add("pin", seq=99)) == "no_such_message"
        await teacher.add("delete", seq=seq)
        await see([teacher, student], 3)
        assert student.entries[2] | {"at": 0} == {
            "type": "deleted", "seq": 3, "author": {"account_id": str(world.teacher.account_id), "name": "Ada",
            "role": "teacher"}, "at": 0, "target": seq,
        }  # fmt: skip
        await shown(student, "state", pinned_seq=None)
        history = (await live.get(world.student, "/messages?since=0"))["items"]
        assert history[0]["deleted"]
        assert "rude" not in str(history)
        await teacher.add("mode", announcements_only=True)
        assert await refusal(student.say("may I?")) == "announcements_only"
        await teacher.say("I may")
        await teacher.add("mode", announcements_only=False)
        await teacher.set("mute", account_id=str(world.student.account_id), muted=True)
        assert (await shown(student, "muted", muted=True))["account_id"] == str(world.student.account_id)
        assert await refusal(student.say("hm")) == "muted"
        assert await refusal(student.set("mute", account_id=str(world.teacher.account_id), muted=True)) == (
            "teachers_only"
        )
        assert await refusal(teacher.set("mute", account_id=str(uuid7()), muted=True)) == "no_such_student"
        await teacher.set("mute", account_id=str(world.student.account_id), muted=False)
        assert await student.say("thanks") == 7
        mine = await student.say("oops")
        await student.add("delete", seq=mine)
        assert await refusal(student.add("delete", seq=5)) == "no_such_message"


async def test_what_was_taken_back_is_told_to_nobody_who_comes_later(live: Live) -> None:
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        await student.say("one")
        rude = await student.say("rude")
        await teacher.add("delete", seq=rude)
        await see([teacher, student], 3)
        for replica in (0, 1):
            async with live.joined((world.student, replica)) as (late,):
                await see([late], 3)
                assert late.entries == (await live.get(world.student, "/messages?since=0"))["items"]
                assert "rude" not in str(late.entries)


async def test_taking_back_over_http(live: Live) -> None:
    """No number is too odd, and no other entry is taken for the deletion."""
    for number in ("0", "-1", str(2**53 + 1), str(2**63), "1"):
        assert (await live.call("DELETE", live.world.student, f"/messages/{number}"))[0] == 404, number
    for client_id in ("http-delete-2", "target"):
        await live.call("POST", live.world.student, "/messages", {"client_id": client_id, "body": "x"})
    for _ in range(2):
        assert (await live.call("DELETE", live.world.student, "/messages/2"))[0] == 204
    items = (await live.get(live.world.student, "/messages?since=0"))["items"]
    assert [item.get("deleted", item["type"]) for item in items] == ["message", True, "deleted"]


FOR_TEACHERS: list[dict[str, Any]] = [
    {"type": "pin", "seq": 1},
    {"type": "mode", "announcements_only": True},
    {"type": "poll_open", "question": "?", "options": ["a", "b"]},
    {"type": "poll_close", "seq": 2},
    {"type": "delete", "seq": 1},
]
FOR_THEM_AS_SIGNALS: list[dict[str, Any]] = [
    {"type": "mute", "account_id": "teacher", "muted": True},
    {"type": "hand", "up": False, "account_id": "teacher"},
]


async def test_what_students_may_not(live: Live) -> None:
    """Each frame of a teacher's, and what is somebody else's; nothing of it happens."""
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        await teacher.say("mine")
        poll = await teacher.add("poll_open", question="Which?", options=["a", "b"])
        for frame in FOR_TEACHERS:
            code = await refusal(student.add(frame["type"], **{k: v for k, v in frame.items() if k != "type"}))
            assert code == ("no_such_message" if frame["type"] == "delete" else "teachers_only"), frame
        for frame in FOR_THEM_AS_SIGNALS:
            fields = {k: v for k, v in frame.items() if k != "type"} | {"account_id": str(world.teacher.account_id)}
            assert await refusal(student.set(frame["type"], **fields)) == "teachers_only", frame
        assert await student.say("last") == poll + 1
        await see([teacher, student], poll + 1)


async def test_another_rooms_numbers_mean_nothing_here(live: Live, database: Database, issuer: Issuer) -> None:
    """Numbers are a lecture's own: what exists in another room of the same replica is not reached from here."""
    elsewhere = make_world(issuer)
    await apply(database, HANDLERS, elsewhere.events())
    body = {"assignment_id": str(elsewhere.lecture_id)}
    answer = await live.replicas[0].post(LECTURES, json=body, headers=elsewhere.teacher.headers)
    other = replace(live, world=elsewhere, lecture_id=(await answer.json())["lecture_id"])
    async with other.joined((elsewhere.teacher, 0)) as (stranger,), live.joined((live.world.teacher, 0)) as (teacher,):
        for n in range(3):
            await stranger.say(f"{n}")
        poll = await stranger.add("poll_open", question="Which?", options=["a", "b"])
        assert await refusal(teacher.add("pin", seq=2)) == "no_such_message"
        assert await refusal(teacher.add("delete", seq=2)) == "no_such_message"
        assert await refusal(teacher.add("poll_close", seq=poll)) == "no_such_poll"
        assert await refusal(teacher.set("react", seq=2, emoji="👍")) == "no_such_message"
        assert await refusal(teacher.set("poll_vote", seq=poll, option=0)) == "no_such_poll"
        them = [str(person.account_id) for person in (elsewhere.student, elsewhere.teacher)]
        assert await refusal(teacher.set("mute", account_id=them[0], muted=True)) == "no_such_student"
        await teacher.add("send", body="look", mentions=them)
        await see([teacher], 1)
        assert teacher.entries[0]["mentions"] == []
        assert stranger.last_seq == 4


async def test_whoever_a_lecture_is_not_for_any_more_is_heard_no_more(live: Live, database: Database) -> None:
    """Judged where it is stored, so that an open socket is no way around it."""
    world, lecture_id = live.world, UUID(live.lecture_id)
    student, teacher = world.student.account_id, world.teacher.account_id
    await apply(database, HANDLERS, [world.lecture_for(world.other_student)])
    message = {"body": "x", "mentions": [], "files": []}
    entries = [NewEntry(author, "a", "message", message) for author in (student, teacher)]
    assert [told.refusal for told in await append(database, lecture_id, entries)] == ["not_member", None]
    signals = [
        Signal("hand", student, student, active=True),
        Signal("hand", teacher, teacher, active=True),
        Signal("mute", teacher, student, active=True),
    ]
    assert await apply_signals(database, lecture_id, signals) == ["not_member", None, "no_such_student"]


@pytest.mark.parametrize("who", ["teacher", "student"])
async def test_whoever_is_still_coming_in_learns_who_was_muted(
    live: Live, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    world, reading, go_on = live.world, asyncio.Event(), asyncio.Event()
    async with live.joined((world.teacher, 0), (world.student, 0)) as (teacher, student):
        await teacher.say("one")
        monkeypatch.setattr(Room, "_page", slowly(Room._page, reading, go_on))
        async with live.joined((getattr(world, who), 0)) as (late,):
            await reading.wait()
            await teacher.set("mute", account_id=str(world.student.account_id), muted=True)
            await shown(student, "muted", muted=True)
            assert "muted" not in late.other
            go_on.set()
            await shown(late, "muted", account_id=str(world.student.account_id), muted=True)


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is sent is sent in one moment, however slow the machine."""
    monkeypatch.setattr(writers, "_now", lambda: 0.0)


async def test_limits(live: Live, environment: dict[str, str], one_moment: None) -> None:
    tight = {"MEMBER_SENDS_PER_SECOND": "0.5", "ROOM_MEMBERS": "1"}
    async with TestClient(TestServer(build(Config.load(environment | tight)))) as small:
        live.replicas = [small]
        async with live.joined((live.world.student, 0)) as (student,):
            await student.say("one")
            await student.raw({"type": "send", "client_id": "fast", "body": "x"})
            error = await shown(student, "error", code="rate_limited")
            assert error["ref"] == "fast"
            assert 0 < error["retry_after_ms"] <= 2000
            status, problem = await live.call("POST", live.world.student, "/messages", {"client_id": "c", "body": "x"})
            assert (status, problem["code"]) == (429, "rate_limited")
            full = RoomClient(live.session, [live.url()], always(live.world.teacher))
            await asyncio.wait_for(full.run(), PATIENCE_SECONDS)
            assert full.refusal == 409
            # Who is there already may come again: their connection may be lost and not known to be.
            await shown(student, "presence", count=1)
            async with live.joined((live.world.student, 0)) as (again,):
                assert again.connects == 1


async def test_signals_are_limited_and_a_teacher_can_end_a_flood(
    live: Live, environment: dict[str, str], one_moment: None
) -> None:
    tight = {"MEMBER_SENDS_PER_SECOND": "0.5", "ROOM_SENDS_PER_SECOND": "0.1"}
    async with TestClient(TestServer(build(Config.load(environment | tight)))) as small:
        live.replicas = [small]
        async with live.joined((live.world.teacher, 0), (live.world.student, 0)) as (teacher, student):
            await student.raw({"type": "send", "client_id": "flood", "body": "x"})
            await shown(student, "error", code="rate_limited", ref="flood")
            assert await teacher.add("mode", announcements_only=True) == 1
            for n in range(3):
                await student.raw({"type": "hand", "up": True, "ref": f"{n}"})
            await shown(student, "error", code="rate_limited", ref="2")


WRONG: list[dict[str, Any]] = [
    {"type": "send", "client_id": "a", "body": "   "},
    {"type": "send", "client_id": "a", "body": "x" * 4001},
    {"type": "send", "client_id": "a", "body": "null \x00"},
    {"type": "send", "client_id": "a b", "body": "x"},
    {"type": "react", "ref": "a", "seq": 1, "emoji": "not one"},
    {"type": "poll_open", "client_id": "a", "question": "?", "options": ["only"]},
    {"type": "send", "client_id": "a", "body": "x", "role": "teacher"},
]


async def test_what_is_wrong_is_named_and_changes_nothing(live: Live) -> None:
    async with live.joined((live.world.student, 0)) as (student,):
        for frame in WRONG:
            student.other.pop("error", None)
            await student.raw(frame)
            error = await shown(student, "error", code="invalid")
            assert error["errors"], frame
        assert await student.say("fine") == 1
