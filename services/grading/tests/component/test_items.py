"""Item analysis from events: who is in it, when it is made again, and that it is told of once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from chassis.contracts import check_event
from chassis.db import Database
from chassis.events import Event
from chassis.identity import Role
from chassis.inbox import apply
from chassis.outbox import unsent_events
from chassis.testing import Caller, Issuer
from grading.consumers import HANDLERS
from grading.items.jobs import analyse_changed
from grading.testing import School, Tried, new_id

Client = TestClient[Any, Any]


@dataclass
class Quiz:
    """Six students at a quiz of three questions: the n-th student gets the first n of 6 marks."""

    client: Client
    database: Database
    school: School
    teacher: Caller
    classroom_id: UUID = field(default_factory=new_id)
    quiz_id: UUID = field(default_factory=new_id)
    questions: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(3)])
    students: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(6)])
    pairs: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(6)])

    async def hear(self, *events: Event) -> None:
        await apply(self.database, HANDLERS, events)

    def attempt(self, place: int, **more: Any) -> Tried:
        marks = {question: min(max(place + 1 - 2 * n, 0), 2) for n, question in enumerate(self.questions)}
        return Tried(self.students[place], marks, **more)

    def marked(self, *attempts: Tried) -> Event:
        return self.school.attempts(self.quiz_id, self.classroom_id, attempts)

    def asked(self) -> Event:
        return self.school.questions(self.quiz_id, self.classroom_id, self.questions)

    def enrolled(self, place: int, status: str = "active", version: int = 1) -> Event:
        return self.school.enrolment(
            self.pairs[place], self.classroom_id, self.students[place], status=status, version=version
        )

    async def get(self, path: str) -> Any:
        async with self.client.get(f"/api/grading{path}", headers=self.teacher.headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def statistics(self) -> Any:
        while await analyse_changed(self.database):
            pass
        return await self.get(f"/quizzes/{self.quiz_id}/statistics")


@pytest.fixture
async def quiz(client: Client, database: Database, school: School, issuer: Issuer) -> Quiz:
    made = Quiz(client, database, school, issuer.caller(Role.TEACHER, school.school_id))
    await made.hear(
        school.classroom(made.classroom_id),
        school.teacher(new_id(), made.classroom_id, made.teacher.account_id),
        school.assignment(made.quiz_id, made.classroom_id),
        *(made.enrolled(place) for place in range(6)),
    )
    return made


async def test_nothing_is_known_before_answers_may_show(quiz: Quiz) -> None:
    shown = await quiz.statistics()
    assert (shown["released"], shown["attempts"], shown["quiz"], shown["questions"]) == (False, 0, None, [])


async def test_a_quiz_is_analysed_in_whatever_order_its_events_come(quiz: Quiz) -> None:
    await quiz.hear(quiz.marked(*(quiz.attempt(place) for place in range(6))))
    await quiz.statistics()
    await quiz.hear(quiz.asked())
    shown = await quiz.statistics()
    assert (shown["released"], shown["attempts"], shown["max_mark"], shown["up_to_date"]) == (True, 6, "6", True)
    assert (shown["quiz"]["mean"], shown["quiz"]["median"]) == ("3.5", "3.5")
    assert [question["title"] for question in shown["questions"]] == ["Question 1", "Question 2", "Question 3"]
    first = shown["questions"][0]
    assert (first["n"], first["mean"], first["facility"]) == (6, "1.8333333333", "0.9166666667")
    assert [(choice["correct"], choice["chosen"]) for choice in first["choices"]] == [(True, 5), (False, 1)]


async def test_few_attempts_are_counted_and_hidden(quiz: Quiz) -> None:
    await quiz.hear(quiz.asked(), quiz.marked(*(quiz.attempt(place) for place in range(4))))
    shown = await quiz.statistics()
    assert (shown["attempts"], shown["quiz"], shown["questions"][0]["facility"]) == (4, None, None)
    assert (await quiz.get(f"/classrooms/{quiz.classroom_id}"))["hardest_questions"] == []


async def test_one_attempt_a_student_of_those_enrolled(quiz: Quiz) -> None:
    again = quiz.attempt(0, number=2)
    await quiz.hear(
        quiz.asked(),
        quiz.marked(*(quiz.attempt(place) for place in range(6)), again, quiz.attempt(1, number=3, counts=False)),
    )
    assert (await quiz.statistics())["attempts"] == 6
    await quiz.hear(quiz.enrolled(5, "removed", 2))
    assert (await quiz.get(f"/quizzes/{quiz.quiz_id}/statistics"))["up_to_date"] is False
    shown = await quiz.statistics()
    assert (shown["attempts"], shown["up_to_date"], shown["quiz"]["highest"]) == (5, True, "5")
    await quiz.hear(quiz.enrolled(5, "active", 3))
    assert (await quiz.statistics())["attempts"] == 6


async def test_each_attempt_compares_its_own_version(quiz: Quiz) -> None:
    attempts = [quiz.attempt(place, version=2) for place in range(6)]
    old = [quiz.attempt(5, attempt_id=one.attempt_id) for one in attempts]
    await quiz.hear(quiz.asked(), quiz.marked(*attempts))
    before = await quiz.statistics()
    await quiz.hear(quiz.marked(*old))
    after = await quiz.statistics()
    assert after["quiz"] == before["quiz"]


async def test_the_hardest_questions_of_a_classroom(quiz: Quiz) -> None:
    await quiz.hear(quiz.asked(), quiz.marked(*(quiz.attempt(place) for place in range(6))))
    await quiz.statistics()
    hardest = (await quiz.get(f"/classrooms/{quiz.classroom_id}"))["hardest_questions"]
    assert [question["title"] for question in hardest] == ["Question 3", "Question 2", "Question 1"]
    assert hardest[0]["quiz_title"] == "Quiz 1"
    await quiz.hear(quiz.school.questions(quiz.quiz_id, quiz.classroom_id, quiz.questions[:1], version=2))
    await quiz.statistics()
    hardest = (await quiz.get(f"/classrooms/{quiz.classroom_id}"))["hardest_questions"]
    assert [question["title"] for question in hardest] == ["Question 1"]


async def test_a_report_is_told_of_once(quiz: Quiz) -> None:
    await quiz.hear(quiz.asked(), quiz.marked(*(quiz.attempt(place) for place in range(6))))
    await quiz.statistics()
    await quiz.statistics()
    events = [event for event in await unsent_events(quiz.database, "grading") if "report" in event.type]
    assert [event.data["attempts"] for event in events] == [6]
    check_event(events[0])


async def test_many_attempts_are_analysed_within_a_statement(quiz: Quiz) -> None:
    students = [new_id() for _ in range(1000)]
    pairs = [quiz.school.enrolment(new_id(), quiz.classroom_id, student) for student in students]
    await quiz.hear(quiz.asked(), *pairs)
    for start in range(0, 1000, 100):
        attempts = [
            Tried(one, dict.fromkeys(quiz.questions, n % 3)) for n, one in enumerate(students[start : start + 100])
        ]
        await quiz.hear(quiz.marked(*attempts))
    assert (await quiz.statistics())["attempts"] == 1000
