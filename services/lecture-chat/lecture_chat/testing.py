"""For tests: a classroom with a lecture, its people, and their clients."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from chassis.events import Event
from chassis.identity import Role
from chassis.testing import PATIENCE_SECONDS, Caller, Issuer, eventually, uuid7
from lecture_chat.client import RefusedError, RoomClient, joined
from lecture_chat.entries.encoding import Numbered
from lecture_chat.rooms.room import Room
from lecture_chat.rooms.rooms import ROOMS, Rooms

ReadPage = Callable[[Room, int], Awaitable[list[Numbered]]]

LECTURES = "/api/lecture-chat/lectures"


@dataclass(frozen=True)
class World:
    """A classroom with a teacher, a student and a lecture; and those who are not of it."""

    school_id: UUID
    classroom_id: UUID
    lecture_id: UUID
    homework_id: UUID
    teacher: Caller
    student: Caller
    other_teacher: Caller
    other_student: Caller
    foreigner: Caller

    def event(self, name: str, subject: UUID, version: int = 1, /, **data: Any) -> Event:
        """An event of the classroom service."""
        data |= {"classroom_id": str(self.classroom_id)}
        return Event(f"classroom.{name}.v1", "/homeroom/classroom", subject, self.school_id, version, data)

    def assignment(
        self, assignment_id: UUID, kind: str, status: str = "published", version: int = 1, **more: Any
    ) -> Event:
        """Something set; what this service does not keep is left out."""
        state = {"assignment_id": str(assignment_id), "kind": kind, "title": "Waves", "status": status, **more}
        return self.event("assignment-updated", assignment_id, version, **state)

    def lecture_for(self, *students: Caller) -> Event:
        """The lecture is for these students alone from now on."""
        theirs = [str(student.account_id) for student in students]
        return self.assignment(self.lecture_id, "lecture", version=2, assigned_to=theirs)

    def outsiders(self) -> list[Caller]:
        """Everybody to whom the lecture does not exist."""
        return [self.other_teacher, self.other_student, self.foreigner]

    def enrolled(self, account_id: UUID, version: int = 1, status: str = "active") -> Event:
        """A student who came, or went."""
        name = "student-enrolled" if status == "active" else "student-removed"
        subject = UUID(int=self.classroom_id.int ^ account_id.int)
        return self.event(name, subject, version, student_id=str(account_id), status=status)

    def teaching(self, account_id: UUID, version: int = 1, status: str = "active") -> Event:
        """A co-teacher who came, or went."""
        name = "teacher-added" if status == "active" else "teacher-removed"
        subject = UUID(int=self.classroom_id.int ^ account_id.int ^ 1)
        return self.event(name, subject, version, teacher_id=str(account_id), status=status)

    def named(self, account_id: UUID, name: str, role: str) -> Event:
        """An account of the school."""
        data = {"account_id": str(account_id), "name": name, "role": role, "status": "active"}
        return Event("auth.account-created.v1", "/homeroom/auth", account_id, self.school_id, 1, data)

    def events(self) -> list[Event]:
        """All that makes this world."""
        return [
            self.event("classroom-created", self.classroom_id, status="active"),
            self.event("teacher-added", uuid7(), teacher_id=str(self.teacher.account_id), status="active"),
            self.enrolled(self.student.account_id),
            self.named(self.teacher.account_id, "Ada", "teacher"),
            self.named(self.student.account_id, "Ben", "student"),
            self.assignment(self.lecture_id, "lecture"),
            self.assignment(self.homework_id, "homework"),
        ]


def make_world(issuer: Issuer) -> World:
    """A school with a classroom of two, and people beside it."""
    school_id = uuid7()
    return World(
        school_id=school_id,
        classroom_id=uuid7(),
        lecture_id=uuid7(),
        homework_id=uuid7(),
        teacher=issuer.caller(Role.TEACHER, school_id),
        student=issuer.caller(Role.STUDENT, school_id),
        other_teacher=issuer.caller(Role.TEACHER, school_id),
        other_student=issuer.caller(Role.STUDENT, school_id),
        foreigner=issuer.caller(Role.TEACHER, uuid7()),
    )


def always(caller: Caller) -> Callable[[], Awaitable[str]]:
    """The caller's one token, however often it is asked for."""

    async def token() -> str:
        return caller.token

    return token


@asynccontextmanager
async def in_room(
    session: aiohttp.ClientSession, urls: Sequence[str], caller: Caller, **options: Any
) -> AsyncIterator[RoomClient]:
    """The caller's client, joined; it comes back quickly."""
    client = RoomClient(session, urls, always(caller), pause=lambda _: 0.05, **options)
    async with joined(client):
        yield client


@dataclass
class Live:
    """An open lecture of the world, with two replicas that serve it."""

    world: World
    lecture_id: str
    replicas: Sequence[TestClient[Any, Any]]
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


def slowly(read: ReadPage, reading: asyncio.Event, go_on: asyncio.Event) -> ReadPage:
    """A room's reading of history that says when it begins and waits until it may."""

    async def waited(room: Room, since: int) -> list[Numbered]:
        reading.set()
        await go_on.wait()
        return await read(room, since)

    return waited


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
        await asyncio.wait_for(work, PATIENCE_SECONDS)
    return refused.value.code


async def shown(client: RoomClient, kind: str, **fields: Any) -> Any:
    """Wait for the frame of this type that says so."""

    async def is_shown() -> Any:
        frame = client.other.get(kind, {})
        return frame if all(frame.get(name) == value for name, value in fields.items()) else None

    return await eventually(is_shown)
