"""Live rooms: what members say and do, and what all of them see, over two replicas."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from chassis.contracts import check_event
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.identity import Role
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.outbox import unsent_events
from chassis.testing import Caller, Issuer, eventually, uuid7
from lecture_chat import wire
from lecture_chat.app import build
from lecture_chat.client import RefusedError, RoomClient, joined
from lecture_chat.config import Config
from lecture_chat.consumers import HANDLERS
from lecture_chat.entries import commands
from lecture_chat.rooms import routes as room_routes
from lecture_chat.rooms.rooms import ROOMS, Rooms
from lecture_chat.testing import LECTURES, World, always, in_room

Client = TestClient[Any, Any]
JOB_HOURS = 6


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Tests send faster than people."""
    return environment | {"MEMBER_SENDS_PER_SECOND": "1000", "ROOM_SENDS_PER_SECOND": "1000"}


@dataclass
class Live:
    """An open lecture of the world, with two replicas that serve it."""

    world: World
    lecture_id: str
    replicas: Sequence[Client]
    session: aiohttp.ClientSession

    def url(self, replica: int = 0) -> str:
        return str(self.replicas[replica].make_url(f"{LECTURES}/{self.lecture_id}"))

    def rooms(self, replica: int = 0) -> Rooms:
        app = self.replicas[replica].app
        assert app is not None
        rooms: Rooms = app[ROOMS]
        return rooms

    @asynccontextmanager
    async def joined(self, *places: tuple[Caller, int]) -> AsyncIterator[list[RoomClient]]:
        async with AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(in_room(self.session, [self.url(replica)], caller))
                for caller, replica in places
            ]

    async def get(self, caller: Caller, path: str) -> Any:
        answer = await self.replicas[0].get(f"{LECTURES}/{self.lecture_id}{path}", headers=caller.headers)
        assert answer.status == 200, await answer.text()
        return await answer.json() if "json" in answer.content_type else await answer.text()

    async def call(self, method: str, caller: Caller, path: str, body: Any = None) -> tuple[int, Any]:
        url = f"{LECTURES}/{self.lecture_id}{path}"
        answer = await self.replicas[0].request(method, url, headers=caller.headers, json=body)
        return answer.status, await answer.json() if "json" in answer.content_type else None


@pytest.fixture
async def live(client: Client, environment: dict[str, str], world: World) -> AsyncIterator[Live]:
    other: web.Application = build(Config.load(environment))
    async with TestClient(TestServer(other)) as second, aiohttp.ClientSession() as session:
        opening = {"assignment_id": str(world.lecture_id)}
        answer = await client.post(LECTURES, json=opening, headers=world.teacher.headers)
        yield Live(world, (await answer.json())["lecture_id"], [client, second], session)


def bodies(client: RoomClient) -> list[str]:
    return [entry["body"] for entry in client.entries if entry["type"] == "message"]


async def see(clients: Sequence[RoomClient], last_seq: int) -> None:
    """Wait until all have got so far."""

    async def caught_up() -> bool:
        return all(client.last_seq >= last_seq for client in clients)

    await eventually(caught_up)
    assert all(client.entries == clients[0].entries for client in clients)


async def refusal(work: Any) -> str:
    with pytest.raises(RefusedError) as refused:
        await asyncio.wait_for(work, 5)
    return refused.value.code


async def shown(client: RoomClient, kind: str, **fields: Any) -> Any:
    """Wait for the frame of this type that says so."""

    async def is_shown() -> Any:
        frame = client.other.get(kind, {})
        return frame if all(frame.get(name) == value for name, value in fields.items()) else None

    return await eventually(is_shown)


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
        await student.set("seen", seq=2)
        await student.set("seen", seq=1)
    async with live.joined((world.student, 0)) as (back,):
        you = back.other["hello"]["you"]
        assert (you["read_seq"], you["votes"]) == (2, {str(poll): 2})
        state = back.other["state"]
        assert (state["polls"], state["reactions"]) == ([], [{"seq": seq, "emoji": "👍", "count": 1}])


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


async def test_a_removed_student_is_out(live: Live, database: Database) -> None:
    """The table alone says so here; the event, heard at once, is tried with the faults."""
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 1)) as (teacher, student):
        await apply(database, HANDLERS, [world.enrolled(world.student.account_id, 2, "removed")])
        assert await refusal(student.say("still here")) == "not_member"

        async def is_out() -> bool:
            return student.close_code == 4005

        await eventually(is_out, within=5)
        await teacher.say("alone")
        await see([teacher], 1)
        assert student.entries == []


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


async def test_closing_ends_it_for_everyone_and_writes_attendance(live: Live, database: Database) -> None:
    world, absent = live.world, live.world.other_student.account_id
    await apply(database, HANDLERS, [world.enrolled(absent), world.named(absent, "Cleo", "student")])
    async with live.joined((world.teacher, 0), (world.student, 1), (world.student, 0)) as clients:
        await clients[1].say("one")
        await clients[1].say("two")
        await shown(clients[0], "presence", count=2)
        now = (await live.get(world.teacher, "/attendance"))["items"]
        assert {person["name"]: person["present"] for person in now} == {"Ben": True, "Cleo": False}
        assert (await live.call("PUT", world.teacher, f"/attendance/{absent}", {"present": True}))[0] == 409
        await asyncio.sleep(2)
        status, lecture = await live.call("POST", world.teacher, "/close")
        assert (status, lecture["close_reason"], lecture["message_count"]) == (200, "closed_by_teacher", 2)

        async def all_ended() -> bool:
            return all(client.close_code == 4010 for client in clients)

        await eventually(all_ended, within=5)
        assert {client.other["closed"]["reason"] for client in clients} == {"closed_by_teacher"}
        assert [client.last_seq for client in clients] == [2, 2, 2]
    written = (await live.get(world.teacher, "/attendance"))["items"]
    ben, cleo = sorted(written, key=lambda person: str(person["name"]))
    assert (ben["present"], ben["messages"], 2 <= ben["seconds"] < 30) == (True, 2, True)
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
    assert (statistics["messages"], statistics["authors"], statistics["visitors"]) == (2, 1, 2)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
        await live.session.ws_connect(
            f"{live.url()}/socket", protocols=("homeroom.v1", f"bearer.{world.student.token}")
        )


async def test_limits(live: Live, environment: dict[str, str]) -> None:
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
            await asyncio.wait_for(full.run(), 5)
            assert full.refusal == 409


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


async def test_a_late_enrolment_waits_for_its_event(live: Live, database: Database, issuer: Issuer) -> None:
    client = live.replicas[0]
    assert client.app is not None
    client.app[WAITS].seconds = 2.0
    newcomer = issuer.caller(Role.STUDENT, live.world.school_id)
    async with AsyncExitStack() as stack:
        joining = asyncio.create_task(stack.enter_async_context(in_room(live.session, [live.url()], newcomer)))
        await asyncio.sleep(0.1)
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
        assert await asyncio.wait_for(saying, 5) == 1


async def test_abandoned_lectures_are_closed(live: Live, database: Database) -> None:
    world = live.world
    assert await database.rows("list_abandoned", hours=JOB_HOURS) == []
    await apply(database, HANDLERS, [world.event("classroom-updated", world.classroom_id, 2, status="archived")])
    rows = await database.rows("list_abandoned", hours=JOB_HOURS)
    assert rows == [{"lecture_id": UUID(live.lecture_id), "reason": "classroom_closed"}]
