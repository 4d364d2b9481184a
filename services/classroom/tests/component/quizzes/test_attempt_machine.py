"""An attempt as a state machine: whatever comes in whatever order, the service agrees with a model of a few lines."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import Database, Row, connect, json_rows
from chassis.identity import Identity, Role
from classroom.quizzes.attempts import commands
from classroom.quizzes.attempts.models import SubmittedBy
from classroom.quizzes.questions.content import stored
from classroom.quizzes.questions.models import QUESTION
from classroom.quizzes.questions.values import hash_of

SCHOOL, STUDENT, CLASSROOM, QUIZ, QUESTION_ID = (UUID(int=n) for n in range(1, 6))
# Every time ends in 50 seconds, never near the deadline, so that a slow machine changes nothing.
LIMIT = 1050
WHERE = {"id": QUIZ, "school_id": SCHOOL}

PREPARE = """
INSERT INTO classrooms (id, school_id, title) VALUES (%(classroom)s, %(school)s, 'C');
INSERT INTO enrolments (school_id, classroom_id, student_id) VALUES (%(school)s, %(classroom)s, %(student)s);
INSERT INTO assignments (id, school_id, classroom_id, kind, title, points_possible, status, was_published, counts)
VALUES (%(quiz)s, %(school)s, %(classroom)s, 'quiz', 'Q', 1, 'published', TRUE, 'latest');
INSERT INTO quizzes (assignment_id, school_id, time_limit_seconds, attempts_allowed)
VALUES (%(quiz)s, %(school)s, 1050, NULL);
"""

ACTIONS = st.one_of(
    st.just(("start",)),
    st.tuples(st.just("save"), st.integers(1, 4), st.sampled_from(["right", "wrong"])),
    st.tuples(st.just("pass"), st.sampled_from([100, 500, 2000])),
    st.tuples(st.just("extend"), st.sampled_from([300, 3000])),
    st.sampled_from([("pause",), ("resume",), ("submit",), ("close",)]),
)


@dataclass
class Model:
    """What an attempt is, in memory. Times in seconds; `left` counts down while it is open."""

    number: int = 0
    status: str = "submitted"
    left: int = 0
    rev: int = 0
    value: str | None = None
    marks: dict[int, int] = field(default_factory=dict)

    def start(self) -> None:
        if self.status == "submitted":
            self.number, self.status, self.left, self.rev, self.value = self.number + 1, "open", LIMIT, 0, None

    def save(self, rev: int, value: str) -> str:
        if self.status != "open":
            return self.status
        if rev > self.rev:
            self.rev, self.value = rev, value
            return "saved"
        return "saved" if (rev, value) == (self.rev, self.value) else "stale"

    def submit(self) -> None:
        if self.status != "submitted":
            self.status = "submitted"
            self.marks[self.number] = int(self.value == "right")

    def close(self) -> None:
        if self.status == "open" and self.left < -1:
            self.submit()


class Service:
    """The same over the service's own commands and queries."""

    def __init__(self, db: Database, sql: Any) -> None:
        self.db = db
        self.sql = sql
        self.who = Identity(STUDENT, SCHOOL, STUDENT, Role.STUDENT, 0)

    async def attempt(self) -> Row | None:
        found = self.sql("SELECT id FROM attempts ORDER BY number DESC LIMIT 1")
        return await self.db.row("find_attempt", id=found[0][0], school_id=SCHOOL) if found else None

    async def save(self, attempt: Row, rev: int, value: str) -> str:
        row = {"number": 0, "attempt_id": attempt["id"], "question_id": QUESTION_ID, "rev": rev, "value": value}
        row |= {"hash": hash_of(value), "mark": str(int(value == "right")), "answered": True}
        done = await self.db.row("save_work", answers=json_rows([row]), signs=json_rows([]), **WHERE)
        assert done is not None
        assert done["judged"] == 1
        return str(done["refused"][0]["outcome"]) if done["refused"] else "saved"

    async def act(self, query: str, **values: Any) -> None:
        await self.db.rows(query, attempt_id=None, **WHERE, **values)


async def step(service: Service, model: Model, action: tuple[Any, ...]) -> None:
    """Do the same to both."""
    kind, *values = action
    attempt = await service.attempt()
    if kind == "start":
        await commands.start(service.db, service.who, QUIZ)
        model.start()
    elif kind == "close":
        await commands.close_due(service.db)
        model.close()
    elif attempt is None:
        return
    elif kind == "save":
        assert await service.save(attempt, *values) == model.save(*values)
    elif kind == "submit":
        await commands.submit(service.db, attempt, SCHOOL, SubmittedBy.STUDENT)
        model.submit()
    else:
        await tick(service, model, kind, values)


async def tick(service: Service, model: Model, kind: str, values: list[int]) -> None:
    """Time, and what teachers do to it."""
    if kind == "pass":
        move = "UPDATE attempts SET deadline_at = deadline_at - %s * interval '1 second' WHERE status = 'open'"
        service.sql(move, values[0])
        model.left -= values[0] if model.status == "open" else 0
    elif kind == "extend":
        await service.act("extend_attempts", seconds=values[0])
        model.left += values[0] if model.status != "submitted" else 0
    elif kind == "pause":
        await service.act("pause_attempts")
        model.status = "paused" if model.status == "open" else model.status
    else:
        await service.act("resume_attempts")
        model.status = "open" if model.status == "paused" else model.status


async def agree(service: Service, model: Model) -> None:
    """The newest attempt, its answer, every mark and the grade are as the model has them."""
    attempt = await service.attempt()
    if attempt is None:
        assert model.number == 0
        return
    assert (attempt["number"], attempt["status"]) == (model.number, model.status)
    answers = service.sql("SELECT rev::int, value FROM answers WHERE attempt_id = %s AND rev > 0", attempt["id"])
    assert answers == ([(model.rev, model.value)] if model.rev else [])
    marks = service.sql("SELECT number, score::int FROM attempts WHERE status = 'submitted' ORDER BY number")
    assert dict(marks) == model.marks
    grades = service.sql("SELECT score::int FROM grades")
    assert grades == ([(model.marks[max(model.marks)],)] if model.marks else [])


@pytest.fixture
def prepared(database_url: str) -> str:
    """A quiz of one question, 1050 seconds long."""
    key = {"kind": "short_text", "title": "W", "accepted": [{"text": "right"}]}
    columns = stored(QUESTION.validate_python(key))
    connection = psycopg2.connect(database_url)
    names = {"classroom": CLASSROOM, "school": SCHOOL, "student": STUDENT, "quiz": QUIZ}
    with connection, connection.cursor() as cursor:
        cursor.execute(PREPARE, {name: str(value) for name, value in names.items()})
        cursor.execute(
            "INSERT INTO questions (id, school_id, assignment_id, position, kind, title, points, body, key)"
            " VALUES (%s, %s, %s, 0, 'short_text', 'W', 1, %s, %s)",
            [str(QUESTION_ID), str(SCHOOL), str(QUIZ), json_rows(columns["body"]), json_rows(columns["key"])],
        )
    connection.close()
    return database_url


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTIONS, min_size=4, max_size=16))
def test_the_service_agrees_with_the_model(prepared: str, actions: list[tuple[Any, ...]]) -> None:
    """GUARANTEES 18, 19, 20: an answer counts if and only if it was taken while the attempt was open."""
    connection = psycopg2.connect(prepared)
    connection.autocommit = True

    def sql(statement: str, *values: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement, [str(it) if isinstance(it, UUID) else it for it in values])
            return cursor.fetchall() if cursor.description else []

    async def play() -> None:
        async with connect(prepared, "classroom", maxsize=2) as db:
            service, model = Service(db, sql), Model()
            for action in [("start",), *actions]:
                await step(service, model, action)
                await agree(service, model)

    for table in ("mark_history", "answers", "attempts", "grade_history", "grades"):
        sql(f"DELETE FROM {table}")
    asyncio.run(play())
    connection.close()
