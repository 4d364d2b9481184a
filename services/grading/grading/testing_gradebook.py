"""A classroom whose gradebook the tests read, set policies for and export."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.identity import Role
from chassis.inbox import apply
from chassis.testing import Caller, Issuer
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id

Client = TestClient[Any, Any]
PAST = datetime.now(UTC) - timedelta(days=3)
FUTURE = datetime.now(UTC) + timedelta(days=3)
WORKS = ("Quiz 1", "Quiz 2", "Essay", "Late", "Ours")


@dataclass
class Room:
    """A classroom of three students with five works and a policy to come."""

    client: Client
    database: Database
    school: School
    teacher: Caller
    ada: Caller
    classroom_id: UUID = field(default_factory=new_id)
    topic_id: UUID = field(default_factory=new_id)
    bob: UUID = field(default_factory=new_id)
    cleo: UUID = field(default_factory=new_id)
    works: dict[str, UUID] = field(default_factory=lambda: {name: new_id() for name in WORKS})

    @property
    def path(self) -> str:
        return f"/classrooms/{self.classroom_id}"

    async def ask(self, caller: Caller, path: str, method: str = "GET", expect: int = 200, **options: Any) -> Any:
        headers = caller.headers | options.pop("headers", {})
        async with self.client.request(method, f"/api/grading{path}", headers=headers, **options) as answer:
            assert answer.status == expect, await answer.text()
            return (await answer.json()) | {"etag": answer.headers.get("ETag")}

    async def policy(self, policy: Any) -> Any:
        found = await self.ask(self.teacher, f"{self.path}/policy")
        return await self.ask(
            self.teacher, f"{self.path}/policy", "PUT", json=policy, headers={"If-Match": found["etag"]}
        )

    async def book(self) -> dict[str, Any]:
        page = await self.ask(self.teacher, f"{self.path}/gradebook")
        return {student["name"]: student for student in page["items"]}


async def room_of(client: Client, database: Database, school: School, issuer: Issuer) -> Room:
    """Ada: 90, 70 in the quizzes, 80 for an essay. Bob: 50, excused, 60 a day late. Cleo: nothing."""
    teacher, ada = (issuer.caller(role, school.school_id) for role in (Role.TEACHER, Role.STUDENT))
    made = Room(client, database, school, teacher, ada)
    room, works = made.classroom_id, made.works
    await apply(
        database,
        HANDLERS,
        [
            school.account(teacher.account_id, "Tess", "teacher"),
            school.account(ada.account_id, "Ada"),
            school.account(made.bob, "Bob"),
            school.account(made.cleo, "=Cleo"),
            school.classroom(room),
            school.teacher(new_id(), room, teacher.account_id),
            school.topic(made.topic_id, room, "Motion"),
            *(school.enrolment(new_id(), room, student) for student in (ada.account_id, made.bob, made.cleo)),
            school.assignment(works["Quiz 1"], room, "Quiz 1", topic_id=made.topic_id, due_at=PAST),
            school.assignment(works["Quiz 2"], room, "Quiz 2", due_at=FUTURE),
            school.assignment(works["Essay"], room, "+Essay", kind="homework", due_at=PAST),
            school.assignment(works["Late"], room, "Late", kind="homework", due_at=PAST, topic_id=made.topic_id),
            school.assignment(works["Ours"], room, "Ours", kind="group", due_at=PAST, assigned_to=[made.bob]),
            school.grades(works["Quiz 1"], room, [Given(ada.account_id, "90"), Given(made.bob, "50")]),
            school.grades(works["Quiz 2"], room, [Given(ada.account_id, "70"), Given(made.bob, None, excused=True)]),
            school.grades(works["Essay"], room, [Given(ada.account_id, "4", max_score="5")]),
            school.grades(
                works["Late"],
                room,
                [Given(made.bob, "60", late=True, late_seconds=86_400, submissions=[("55", 0), ("60", 86_400)])],
            ),
        ],
    )
    return made
