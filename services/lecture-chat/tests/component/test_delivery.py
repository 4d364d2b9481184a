"""What is said reaches all, once and in order, over two replicas; and who is out hears nothing."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.identity import Role
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.testing import PATIENCE_SECONDS, Issuer, eventually, somebody_waits
from lecture_chat import wire
from lecture_chat.client import RoomClient, joined
from lecture_chat.consumers import HANDLERS
from lecture_chat.entries import commands
from lecture_chat.entries.commands import Outcome
from lecture_chat.rooms import routes as room_routes
from lecture_chat.rooms.room import MemberSocket
from lecture_chat.testing import Live, always, bodies, in_room, refusal, see, shown


async def test_all_see_the_same_whatever_replica_they_are_in(live: Live) -> None:
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 0), (world.student, 1)) as clients:
        seqs = await asyncio.gather(*(clients[n % 3].say(f"{n}") for n in range(30)))
        assert sorted(seqs) == list(range(1, 31))
        await see(clients, 30)
        assert sorted(bodies(clients[2]), key=int) == [str(n) for n in range(30)]
        assert [client.gaps for client in clients] == [0, 0, 0]
        for entry in clients[0].entries:
            wire.ENTRY.validate_python(entry, strict=False)
        assert clients[0].entries[0]["author"]["name"] in {"Ada", "Ben"}
        assert clients[0].other["hello"]["you"] == {
            "account_id": str(world.teacher.account_id), "name": "Ada", "role": "teacher", "muted": False,
            "read_seq": 0, "votes": {}, "reactions": [],
        }  # fmt: skip
        # A cold room reads what it lacks from the table.
    async with live.joined((world.student, 1)) as late:
        await see(late, 30)
        assert late[0].entries == clients[0].entries


async def test_what_is_sent_again_is_stored_once(live: Live) -> None:
    """GUARANTEES 10: at any replica, over the socket and over HTTP."""
    async with live.joined((live.world.student, 0), (live.world.student, 1)) as clients:
        first = await clients[0].say("once", "same")
        assert await clients[1].say("once", "same") == first
        path, body = "/messages", {"client_id": "same", "body": "once"}
        assert await live.call("POST", live.world.student, path, body) == (200, {"client_id": "same", "seq": first})
        status, stored = await live.call("POST", live.world.student, path, {"client_id": "new", "body": "two"})
        assert (status, stored["seq"]) == (201, first + 1)
        # Another person's is another message.
        assert (await live.call("POST", live.world.teacher, path, body))[1]["seq"] == first + 2
        await see(clients, first + 2)


async def test_one_socket_has_only_so_much_under_way(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over it waits, and is stored in order."""
    monkeypatch.setattr(room_routes, "IN_FLIGHT", 3)
    most, answer = 0, room_routes._answer_entry

    def counted(socket: MemberSocket, client_id: str, outcome: Outcome | Exception) -> None:
        nonlocal most
        most = max(most, socket.in_flight)
        answer(socket, client_id, outcome)

    monkeypatch.setattr(room_routes, "_answer_entry", counted)
    async with live.joined((live.world.student, 0)) as clients:
        seqs = await asyncio.gather(*(clients[0].say(f"{n}") for n in range(50)))
        assert seqs == list(range(1, 51))
        await see(clients, 50)
    assert most == 3


async def test_resume_and_resync(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """GUARANTEES 12: who is too far behind is told so, and then holds what the database holds."""
    monkeypatch.setattr(room_routes, "RESUMABLE", 20)
    monkeypatch.setattr(room_routes, "NEWEST", 10)
    world = live.world
    student = RoomClient(live.session, [live.url()], always(world.student))
    async with live.joined((world.teacher, 0)) as (teacher,):
        await teacher.say("1")
        async with joined(student):
            await see([teacher, student], 1)
        for n in range(10):
            await teacher.say(f"{n + 2}")
        async with joined(student):
            await see([teacher, student], 11)
        assert (student.connects, student.resyncs, student.repeats) == (2, 0, 0)
        for n in range(30):
            await teacher.say(f"{n + 12}")
        async with joined(student):

            async def is_back() -> bool:
                return student.last_seq == 41

            await eventually(is_back)
        assert (student.resyncs, student.first_seq) == (1, 31)
        assert student.entries == teacher.entries[31:]
        assert student.entries == (await live.get(world.student, "/messages?limit=10"))["items"]
        older = (await live.get(world.student, "/messages?before=32&limit=500"))["items"]
        assert older == teacher.entries[:31]


async def test_a_removed_student_is_out(live: Live, database: Database) -> None:
    """The table alone says so here; the event, heard at once, is tried with the faults."""
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        await apply(database, HANDLERS, [world.enrolled(world.student.account_id, 2, "removed")])
        assert await refusal(student.say("still here")) == "not_member"

        async def is_out() -> bool:
            return student.close_code == 4005

        await eventually(is_out)
        await teacher.say("alone")
        await see([teacher], 1)
        assert student.entries == []
        again = RoomClient(live.session, [live.url()], always(world.student))
        await asyncio.wait_for(again.run(), PATIENCE_SECONDS)
        assert again.refusal == 404


async def test_whoever_a_lecture_is_not_for_any_more_is_out(live: Live, database: Database) -> None:
    """As a removed member; those it is for and its teachers stay, on either replica."""
    world, other = live.world, live.world.other_student
    await apply(database, HANDLERS, [world.enrolled(other.account_id)])
    async with live.joined((world.teacher, 0), (world.student, 1), (other, 0)) as (teacher, student, out):
        await out.say("for me")
        await apply(database, HANDLERS, [world.lecture_for(world.student)])

        async def is_out() -> bool:
            return out.close_code == 4005

        await eventually(is_out)
        await student.say("for me alone")
        await teacher.set("hand", up=True)
        await see([teacher, student], 2)
        assert (teacher.connects, student.connects, out.last_seq) == (1, 1, 1)


async def test_whoever_has_another_role_now_is_greeted_anew(live: Live, database: Database) -> None:
    """And is removed only when no role is left."""
    world, member = live.world, live.world.other_teacher
    account_id = member.account_id
    steps = [
        (world.teaching(account_id), "teacher"),
        (world.teaching(account_id, 2, "removed"), "student"),
        (world.teaching(account_id, 3), "teacher"),
    ]
    await apply(database, HANDLERS, [world.enrolled(account_id)])
    async with live.joined((member, 0), (world.student, 0)) as (client, student):
        assert client.other["hello"]["you"]["role"] == "student"
        for event, role in steps:
            await apply(database, HANDLERS, [event])
            await eventually(partial(is_greeted_as, client, role))
        await apply(database, HANDLERS, [world.enrolled(account_id, 2, "removed")])
        await client.add("mode", announcements_only=True)
        assert client.connects == 4
        await apply(database, HANDLERS, [world.teaching(account_id, 4, "removed")])

        async def is_out() -> bool:
            return client.close_code == 4005

        await eventually(is_out)
        assert student.connects == 1


async def is_greeted_as(client: RoomClient, role: str) -> bool:
    return bool(client.joined.is_set() and client.other["hello"]["you"]["role"] == role)


async def test_a_late_enrolment_waits_for_its_event(live: Live, database: Database, issuer: Issuer) -> None:
    client = live.replicas[0]
    assert client.app is not None
    client.app[WAITS].seconds = PATIENCE_SECONDS
    newcomer = issuer.caller(Role.STUDENT, live.world.school_id)
    async with AsyncExitStack() as stack:
        joining = asyncio.create_task(stack.enter_async_context(in_room(live.session, [live.url()], newcomer)))
        await somebody_waits(client.app[WAITS])
        await apply(database, HANDLERS, [live.world.enrolled(newcomer.account_id)])
        joined = await joining
        assert joined.connects == 1


async def test_a_room_is_forgotten_with_its_last_member(live: Live) -> None:
    async with live.joined((live.world.teacher, 0)):
        assert live.rooms()._rooms

    async def is_empty() -> bool:
        return not live.rooms()._rooms

    await eventually(is_empty)


async def test_a_database_that_is_away_stores_nothing_and_says_so(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    real = commands.append

    async def away(*_: Any) -> Any:
        raise Unavailable()

    async with live.joined((live.world.student, 0)) as (student,):
        monkeypatch.setattr(commands, "append", away)
        saying = asyncio.create_task(student.say("later"))
        await shown(student, "error", code="unavailable")
        monkeypatch.setattr(commands, "append", real)
        assert await asyncio.wait_for(saying, PATIENCE_SECONDS) == 1
