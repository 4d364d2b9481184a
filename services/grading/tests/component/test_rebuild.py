"""Everything built again beside what serves: the same figures, and nothing lost at the switch."""

from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import aiormq
import psycopg2
import pytest

from chassis import topology
from chassis.db import Database
from chassis.events import Event, encode
from chassis.identity import Identity, Role
from chassis.inbox import apply
from chassis.outbox import properties_of
from chassis.testing import Stack
from grading.consumers import HANDLERS
from grading.overrides.commands import put_override
from grading.overrides.models import NewOverride
from grading.policies.commands import put_policy
from grading.policies.models import Policy
from grading.rebuild import Rebuild, rebuilding
from grading.recompute import recompute
from grading.testing import Given, School, Tried, new_id

# What grading owns itself, and what becomes of events in whatever way.
OWN = {"policies", "policy_history", "overrides", "override_history", "outbox", "idempotency_keys", "revoked_sessions"}
KEPT = OWN | {"erased_accounts", "quiz_statistics"}
COPIES = {
    "accounts", "classrooms", "teachers", "enrolments", "topics", "assignments", "facts", "handed_in", "quiz_questions",
    "attempts",
}  # fmt: skip
FIGURES = {"classroom_totals", "classroom_months", "percents", "question_statistics", "judgements", "students_at_risk"}
OTHERS = {"inbox", "schema_migrations"}


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def contents(url: str, tables: set[str]) -> dict[str, list[str]]:
    """Every row of the tables as text."""
    return {table: sorted(row[0] for row in rows(url, f"SELECT t::text FROM grading.{table} AS t")) for table in tables}


class Room:
    """A classroom with results, an analysed quiz, a policy and an override."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.classroom_id, self.quiz_id, self.question_id = new_id(), new_id(), new_id()
        self.students = [new_id() for _ in range(6)]
        self.teacher = Identity(new_id(), school.school_id, new_id(), Role.TEACHER, 0)

    def events(self) -> list[Event]:
        school, room = self.school, self.classroom_id
        return [
            school.classroom(room),
            school.account(self.teacher.account_id, "Tess", "teacher"),
            school.teacher(new_id(), room, self.teacher.account_id),
            school.topic(new_id(), room),
            school.assignment(self.quiz_id, room),
            *(school.enrolment(new_id(), room, student) for student in self.students),
            self.graded("50", 1),
            school.questions(self.quiz_id, room, [self.question_id]),
            school.attempts(self.quiz_id, room, [Tried(one, {self.question_id: 2}) for one in self.students]),
        ]

    def graded(self, score: str, version: int) -> Event:
        results = [Given(student, score, version) for student in self.students]
        return self.school.grades(self.quiz_id, self.classroom_id, results)

    async def decide(self, database: Database) -> None:
        await put_policy(database, self.teacher, self.classroom_id, Policy(), None)
        override = NewOverride(percent=None, reason="Nothing")
        await put_override(database, self.teacher, self.classroom_id, self.students[0], override, None)


@pytest.fixture
async def rebuild(stack: Stack, database_url: str, amqp_url: str) -> AsyncIterator[Rebuild]:
    admin_url = urlsplit(stack.admin_database_url)._replace(path=urlsplit(database_url).path).geturl()
    async with rebuilding(database_url, admin_url, amqp_url) as made:
        yield made


async def publish(amqp_url: str, events: Sequence[Event]) -> None:
    async with aiormq.connect(amqp_url) as connection:
        channel = await connection.channel()
        for event in events:
            await channel.basic_publish(
                encode(event), exchange=topology.EXCHANGE, routing_key=event.type, properties=properties_of(event)
            )


def test_every_table_is_of_one_sort(database_url: str) -> None:
    found = {row[0] for row in rows(database_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'grading'")}
    assert found == KEPT | COPIES | FIGURES | OTHERS


async def test_figures_are_built_again_and_nothing_is_lost_at_the_switch(
    database: Database, database_url: str, school: School, amqp_url: str, rebuild: Rebuild
) -> None:
    """GUARANTEES 25: also while a change is applied to the old schema alone when the new one takes its place."""
    room = Room(school)
    told = room.events()
    await apply(database, HANDLERS, told)
    await room.decide(database)
    before = contents(database_url, COPIES | FIGURES | OWN)
    await rebuild.begin()
    await publish(amqp_url, told)
    assert await rebuild.drain() == len(told)
    assert await rebuild.findings() == []
    late = room.graded("80", 2)
    await publish(amqp_url, [late])
    await apply(database, HANDLERS, [late])
    await rebuild.switch()
    assert contents(database_url, OWN) == {table: before[table] for table in OWN}
    assert await rebuild.drain() == 1
    await rebuild.end()
    assert {row[0] for row in rows(database_url, "SELECT percent FROM grading.facts")} == {80}
    assert contents(database_url, COPIES - {"facts"}) == {table: before[table] for table in COPIES - {"facts"}}
    assert [difference async for difference in recompute(database, mend=False)] == []
    # The service goes on with the new one, without a restart.
    await room.decide(database)
    assert [row[0] for row in rows(database_url, "SELECT version FROM grading.policies")] == [2]
    assert rows(database_url, "SELECT to_regnamespace('grading_old'), to_regnamespace('grading_next')") == [
        (None, None)
    ]


async def test_without_the_second_emptying_a_result_would_be_lost(
    database: Database, database_url: str, school: School, amqp_url: str, rebuild: Rebuild
) -> None:
    """Control of GUARANTEES 25: what was applied to the old schema alone is missing until the queue is emptied."""
    room = Room(school)
    await apply(database, HANDLERS, room.events())
    await rebuild.begin()
    await publish(amqp_url, room.events())
    await rebuild.drain()
    late = room.graded("80", 2)
    await publish(amqp_url, [late])
    await apply(database, HANDLERS, [late])
    await rebuild.switch()
    assert {row[0] for row in rows(database_url, "SELECT percent FROM grading.facts")} == {50}


async def test_what_was_not_published_again_is_named(
    database: Database, database_url: str, school: School, rebuild: Rebuild
) -> None:
    await apply(database, HANDLERS, Room(school).events())
    await rebuild.begin()
    await rebuild.drain()
    findings = await rebuild.findings()
    assert "facts: 0 of 6" in findings
    assert await rebuild.is_prepared()


async def test_it_may_begin_again(rebuild: Rebuild, amqp_url: str, school: School) -> None:
    for _ in range(2):
        await rebuild.begin()
        await publish(amqp_url, [school.classroom(new_id())])
    assert await rebuild.drain() == 1
