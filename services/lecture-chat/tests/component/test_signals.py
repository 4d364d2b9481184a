"""Hands, reactions, polls, mentions, presence: what a room shows beside its messages."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from chassis.db import Database, Executor
from chassis.errors import Unavailable
from chassis.inbox import apply
from chassis.testing import PATIENCE_SECONDS, uuid7
from lecture_chat.client import RefusedError
from lecture_chat.consumers import HANDLERS
from lecture_chat.rooms.states import read_present
from lecture_chat.signals.commands import KINDS
from lecture_chat.testing import Live, refusal, see, shown


async def test_hands_reactions_and_polls(live: Live, database: Database) -> None:
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        await student.set("hand", up=True)
        state = await shown(teacher, "state", hands_count=1)
        assert [hand["name"] for hand in state["hands"]] == ["Ben"]
        await teacher.set("hand", up=False, account_id=str(world.student.account_id))
        await shown(student, "state", hands_count=0)
        seq = await teacher.say("Clear?")
        for client in (teacher, student):
            await client.set("react", seq=seq, emoji="👍")
        await shown(teacher, "state", reactions=[{"seq": seq, "emoji": "👍", "count": 2}])
        await student.set("react", seq=seq, emoji="👍", on=False)
        await shown(teacher, "state", reactions=[{"seq": seq, "emoji": "👍", "count": 1}])
        assert await refusal(student.set("react", seq=99, emoji="👍")) == "no_such_message"
        poll = await teacher.add("poll_open", question="Which?", options=["a", "b", "c"])
        await teacher.set("poll_vote", seq=poll, option=0)
        await student.set("poll_vote", seq=poll, option=0)
        await student.set("poll_vote", seq=poll, option=2)
        await shown(student, "state", polls=[{"seq": poll, "counts": [1, 0, 1]}])
        assert await refusal(student.set("poll_vote", seq=poll, option=3)) == "no_such_option"
        assert await refusal(student.set("poll_vote", seq=seq, option=0)) == "no_such_poll"
        end = await teacher.add("poll_close", seq=poll)
        await see([teacher, student], end)
        assert student.entries[-1]["counts"] == [1, 0, 1]
        assert await refusal(student.set("poll_vote", seq=poll, option=1)) == "poll_closed"
        # From two devices, in one moment.
        async with live.joined((world.student, 1)) as (tab,):
            await asyncio.gather(student.set("seen", seq=2), tab.set("seen", seq=1))
    async with live.joined((world.student, 0)) as (back,):
        you = back.other["hello"]["you"]
        assert (you["read_seq"], you["votes"]) == (2, {str(poll): 2})
        state = back.other["state"]
        assert (state["polls"], state["reactions"]) == ([], [{"seq": seq, "emoji": "👍", "count": 1}])


async def test_a_message_has_so_many_kinds_of_emoji(live: Live) -> None:
    world = live.world
    kinds = [chr(0x1F600 + n) for n in range(KINDS + 1)]
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        seq, other = await teacher.say("one"), await teacher.say("two")
        # Together, so that some of them are judged in one round trip.
        told = await asyncio.gather(
            *(student.set("react", seq=seq, emoji=emoji) for emoji in kinds), return_exceptions=True
        )
        (refused,) = [error for error in told if isinstance(error, RefusedError)]
        assert refused.code == "too_many_kinds"
        left_out = kinds[told.index(refused)]
        known = next(emoji for emoji in kinds if emoji != left_out)
        await teacher.set("react", seq=seq, emoji=known)
        await teacher.set("react", seq=other, emoji=left_out)
        # What is gone has its place: to put and take away adds nothing for ever.
        await student.set("react", seq=seq, emoji=known, on=False)
        await teacher.set("react", seq=seq, emoji=known, on=False)
        assert await refusal(teacher.set("react", seq=seq, emoji=left_out)) == "too_many_kinds"
        await teacher.set("react", seq=seq, emoji=known)


async def test_a_newcomer_is_shown_the_newest_counts(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lecture_chat.rooms.states.REACTIONS", 3)
    world = live.world
    async with live.joined((world.teacher, 0)) as (teacher,):
        for n in range(5):
            await teacher.set("react", seq=await teacher.say(f"{n}"), emoji="👍")
        await shown(teacher, "state", rev=5)
        # From the memory of a room that ran all the time, and from the table.
        for replica in (0, 1):
            async with live.joined((world.student, replica)) as (late,):
                state = await shown(late, "state", rev=5)
                assert [item["seq"] for item in state["reactions"]] == [3, 4, 5]


async def test_mentions_and_files(live: Live) -> None:
    world, file_id = live.world, str(uuid7())
    async with live.joined((world.teacher, 0)) as (teacher,):
        people = [str(world.student.account_id), str(uuid7()), str(world.student.account_id)]
        await teacher.add("send", body="look", mentions=people, files=[{"file_id": file_id, "name": "a.pdf"}])
        await see([teacher], 1)
        assert teacher.entries[0]["mentions"] == [str(world.student.account_id)]
        assert teacher.entries[0]["files"] == [{"file_id": file_id, "name": "a.pdf"}]


async def test_presence(live: Live, database: Database) -> None:
    world = live.world
    async with live.joined((world.teacher, 0)) as (teacher,):
        async with live.joined((world.student, 1)) as (student,):
            presence = await shown(teacher, "presence", count=2)
            assert [person["name"] for person in presence["joined"]] in (["Ben"], ["Ada", "Ben"], ["Ben", "Ada"])
            await shown(student, "presence", count=2)
        gone = await shown(teacher, "presence", count=1)
        assert gone["left"] == [str(world.student.account_id)]


async def test_who_came_while_the_database_was_away_is_shown_afterwards(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[bool] = []

    async def away_once(db: Executor, lecture_ids: Sequence[UUID]) -> Any:
        if not failed:
            failed.append(True)
            raise Unavailable()
        return await read_present(db, lecture_ids)

    async with live.joined((live.world.teacher, 0)) as (teacher,):
        await shown(teacher, "presence", count=1)
        monkeypatch.setattr("lecture_chat.rooms.rooms.read_present", away_once)
        async with live.joined((live.world.student, 0)):
            await shown(teacher, "presence", count=2)
        assert failed


async def test_whoever_was_taken_for_lost_and_is_there_is_shown_again(
    live: Live, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their replica could not reach the table for a while, and another one has ended their time in the room."""
    world, stays = live.world, live.rooms(1).stays
    touch = stays.touch

    async def stay_away() -> None:
        return None

    monkeypatch.setattr(stays, "touch", stay_away)
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, _):
        await shown(teacher, "presence", count=2)
        with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("UPDATE presences SET left_at = seen_at WHERE role = 'student'")
            cursor.execute("UPDATE live_lectures SET presence_rev = presence_rev + 1")
        await shown(teacher, "presence", count=1)
        await touch()
        await shown(teacher, "presence", count=2)


async def test_the_hand_of_a_removed_student_can_be_taken_down(live: Live, database: Database) -> None:
    world, student_id = live.world, live.world.student.account_id
    async with live.joined((world.teacher, 0), (world.student, 0)) as (teacher, student):
        await student.set("hand", up=True)
        await apply(database, HANDLERS, [world.enrolled(student_id, 2, "removed")])
        await shown(teacher, "state", hands_count=1)
        await teacher.set("hand", up=False, account_id=str(student_id))
        await shown(teacher, "state", hands_count=0)
        assert await refusal(teacher.set("hand", up=False, account_id=str(student_id))) == "no_such_student"


async def test_a_signal_outlives_its_connection(live: Live) -> None:
    async with live.joined((live.world.student, 0)) as (student,):
        assert student._socket is not None
        connection = student._socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()
        await asyncio.wait_for(student.set("hand", up=True), PATIENCE_SECONDS)
        await shown(student, "state", hands_count=1)
        assert student.connects == 2
