"""For tests: a classroom with a lecture, its people, and their clients."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp

from chassis.events import Event
from chassis.identity import Role
from chassis.testing import Caller, Issuer, uuid7
from lecture_chat.client import RoomClient, joined

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

    def assignment(self, assignment_id: UUID, kind: str, status: str = "published", version: int = 1) -> Event:
        """Something set; what this service does not keep is left out."""
        state = {"assignment_id": str(assignment_id), "kind": kind, "title": "Waves", "status": status}
        return self.event("assignment-updated", assignment_id, version, **state)

    def outsiders(self) -> list[Caller]:
        """Everybody to whom the lecture does not exist."""
        return [self.other_teacher, self.other_student, self.foreigner]

    def enrolled(self, account_id: UUID, version: int = 1, status: str = "active") -> Event:
        """A student who came, or went."""
        name = "student-enrolled" if status == "active" else "student-removed"
        subject = UUID(int=self.classroom_id.int ^ account_id.int)
        return self.event(name, subject, version, student_id=str(account_id), status=status)

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
