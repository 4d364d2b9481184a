"""The leak oracle (GUARANTEES 26): two worlds that differ in nothing but a secret look the same to a student.

A secret is what a student must not learn: a peer's results, what a teacher has not released or took back, why a
total was set by hand, what others were set, how others did at a quiz. Whatever a student can ask is asked in both
worlds, with every id they could know of; an answer that differs tells of the secret, in whatever form: as a number, in
a mean, in a count, in a total.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import redis
from aiohttp.test_utils import TestClient

from chassis import openapi
from chassis.db import Database
from chassis.events import Event
from chassis.identity import Role
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.testing import Caller, Issuer, Stack
from grading.consumers import HANDLERS
from grading.items.jobs import analyse_changed
from grading.routes import api
from grading.testing import Given, School, Tried, new_id

Client = TestClient[Any, Any]
DOCUMENT = openapi.document(api)
NAMES = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Fay")


@dataclass(frozen=True)
class World:
    """Six students; Ada asks. `secrets` are the scores that she must not learn."""

    school: School = field(default_factory=School)
    classroom_id: UUID = field(default_factory=new_id)
    topic_id: UUID = field(default_factory=new_id)
    students: list[UUID] = field(default_factory=lambda: [new_id() for _ in NAMES])
    pairs: list[UUID] = field(default_factory=lambda: [new_id() for _ in NAMES])
    quiz: UUID = field(default_factory=new_id)
    small_quiz: UUID = field(default_factory=new_id)
    essay: UUID = field(default_factory=new_id)
    for_bob: UUID = field(default_factory=new_id)
    question: UUID = field(default_factory=new_id)

    @property
    def ada(self) -> UUID:
        return self.students[0]

    def shared(self) -> list[Event]:
        """What is the same in every world."""
        school, room = self.school, self.classroom_id
        return [
            school.classroom(room),
            school.topic(self.topic_id, room),
            *(school.account(student, name) for student, name in zip(self.students, NAMES, strict=True)),
            *(school.enrolment(pair, room, student) for pair, student in zip(self.pairs, self.students, strict=True)),
            school.assignment(self.quiz, room, "Quiz", topic_id=self.topic_id),
            school.assignment(self.small_quiz, room, "Small quiz", topic_id=self.topic_id),
            school.assignment(self.essay, room, "Essay", kind="homework"),
            school.grades(self.quiz, room, [Given(student, "50") for student in self.students]),
            school.grades(self.small_quiz, room, [Given(self.ada, "50")]),
        ]

    def secret(self, score: str) -> list[Event]:
        """What Ada must not learn: results of a class too small for means, one taken back, work set for another."""
        school, room, bob = self.school, self.classroom_id, self.students[1]
        questions = school.questions(self.quiz, room, [self.question])
        tried = [Tried(student, {self.question: int(score) % 3}) for student in self.students]
        return [
            school.grades(self.small_quiz, room, [Given(bob, score), Given(self.students[2], score)]),
            school.grades(self.essay, room, [Given(self.ada, score)]),
            school.grades(self.essay, room, [Given(self.ada, None, 2)], changed=True),
            school.grades(self.essay, room, [Given(bob, score, late=True, submissions=[(score, 90_000)])]),
            school.assignment(self.for_bob, room, f"For Bob {score}", kind="homework", assigned_to=[bob]),
            school.grades(self.for_bob, room, [Given(bob, score)]),
            questions,
            school.attempts(self.quiz, room, tried),
        ]

    def ids(self) -> Iterator[dict[str, str]]:
        """Every combination of ids that Ada could know of."""
        assignments = (self.quiz, self.small_quiz, self.essay, self.for_bob)
        for assignment_id in assignments:
            for student_id in self.students[:3]:
                found = {"assignment_id": assignment_id, "student_id": student_id, "teacher_id": student_id}
                found |= {"classroom_id": self.classroom_id, "topic_id": self.topic_id}
                yield {name: str(value) for name, value in found.items()}


async def override(client: Client, teacher: Caller, world: World, score: str) -> None:
    """Totals set by hand: a peer's, and the reason for Ada's own."""
    for student_id, percent in ((world.ada, "70"), (world.students[1], score)):
        path = f"/api/grading/classrooms/{world.classroom_id}/students/{student_id}/override"
        body = {"percent": percent, "reason": f"Because {score}"}
        async with client.put(path, headers=teacher.headers | {"If-Match": "*"}, json=body) as answer:
            assert answer.status == 200, await answer.text()


async def everything(client: Client, caller: Caller, world: World) -> dict[str, str]:
    """Each answer that the caller gets, by request."""
    answers = {}
    for path, item in DOCUMENT["paths"].items():
        for method in item:
            for ids in world.ids():
                url = DOCUMENT["servers"][0]["url"] + path.format(**ids)
                sent: dict[str, Any] = {} if method == "get" else {"json": {}}
                async with client.request(method, url, headers=caller.headers, **sent) as answer:
                    answers[f"{method} {url}"] = f"{answer.status} {forget_request(await answer.text())}"
    return answers


def forget_request(text: str) -> str:
    return re.sub(r'"request_id":\s*"[^"]*"', "", text)


async def compare(client: Client, database: Database, issuer: Issuer) -> dict[str, tuple[str, str]]:
    """What tells Ada's answers apart when the secret is another one."""
    world = World()
    ada = issuer.caller(Role.STUDENT, world.school.school_id, world.ada)
    admin = issuer.caller(Role.ADMIN, world.school.school_id)
    assert client.app is not None
    client.app[WAITS].seconds = 0
    await apply(database, HANDLERS, world.shared())
    seen = []
    for version, score in enumerate(("37", "91")):
        await database_back(database, world, version)
        await apply(database, HANDLERS, later(world.secret(score), version))
        await override(client, admin, world, score)
        await analyse_changed(database)
        seen.append(await everything(client, ada, world))
    first, second = seen
    assert any(answer.startswith("200") for answer in first.values())
    return {request: (first[request], second[request]) for request in first if first[request] != second[request]}


async def database_back(database: Database, world: World, version: int) -> None:
    """The second world begins as the first did: nobody's secret results are there."""
    if version:
        gone = [
            world.school.grades(assignment, world.classroom_id, [Given(student, None, 9) for student in students])
            for assignment, students in (
                (world.small_quiz, world.students[1:]),
                (world.essay, world.students),
                (world.for_bob, world.students[1:]),
            )
        ]
        await apply(database, HANDLERS, gone)


def later(events: list[Event], version: int) -> list[Event]:
    """The same with versions that are newer than those of the worlds before."""
    for event in events:
        for one in event.data.get("results", []) + event.data.get("attempts", []):
            one["version"] += 10 * version
    return events


async def test_a_student_learns_nothing_of_what_is_not_theirs(
    client: Client, database: Database, issuer: Issuer
) -> None:
    """GUARANTEES 26: REST of grading, exports included."""
    assert await compare(client, database, issuer) == {}


async def test_a_mean_over_few_would_be_seen(
    client: Client, database: Database, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 26: means over fewer than five students tell of a peer."""
    monkeypatch.setattr("grading.views.SMALLEST_CLASS", 1)
    differing = await compare(client, database, issuer)
    assert any("/me/quizzes/" in request for request in differing)


async def test_nothing_of_a_student_is_in_events_or_caches(
    client: Client, database: Database, issuer: Issuer, stack: Stack
) -> None:
    """GUARANTEES 26: what grading publishes and caches names no score and no student."""
    world = World()
    admin = issuer.caller(Role.ADMIN, world.school.school_id)
    await apply(database, HANDLERS, [*world.shared(), *world.secret("37")])
    await override(client, admin, world, "37")
    path = f"/api/grading/classrooms/{world.classroom_id}/policy"
    async with client.put(path, headers=admin.headers, json={"missing": "0"}) as answer:
        assert answer.status == 200
    await analyse_changed(database)
    published = [str(row["data"]) for row in await database.rows("list_outbox")]
    assert len(published) == 2
    assert [text for text in published if "score" in text or "'percent'" in text or "Because" in text] == []
    assert [text for text in published for student in world.students if str(student) in text] == []
    with redis.Redis.from_url(stack.redis_url) as cache:
        assert list(cache.scan_iter("grading:fragment:*")) == []
