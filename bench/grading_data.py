"""Databases of grading that are filled straight with facts, once for each size: what a benchmark reads."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2 import sql

from chassis import db
from chassis.db import Database
from chassis.identity import Identity, Role
from chassis.testing import Stack, template_database
from grading.attention.jobs import judge_all

CLASSROOMS_A_TEACHER, CLASSROOMS_A_SCHOOL = 4, 20
CLASSROOMS_A_STATEMENT = 20

# Ids are made of numbers, so that no table has to be joined while it is filled. Half of the results have two
# submissions, as work that was handed in again.
FILL = """
CREATE FUNCTION pg_temp.id(kind int, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid
$$;
ALTER TABLE facts DISABLE TRIGGER USER;
ALTER TABLE enrolments DISABLE TRIGGER USER;
INSERT INTO classrooms (classroom_id, school_id, title, subject, status, version)
SELECT pg_temp.id(1, c), pg_temp.id(2, c / {per_school}), 'Room ' || c, 'Physics', 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c;
INSERT INTO accounts (school_id, account_id, name, role, status, version)
SELECT pg_temp.id(2, t * {per_teacher} / {per_school}), pg_temp.id(3, t), 'Teacher ' || t, 'teacher', 'active', 1
FROM generate_series(0, ({classrooms} - 1) / {per_teacher}) AS t;
INSERT INTO accounts (school_id, account_id, name, role, status, version)
SELECT pg_temp.id(2, c / {per_school}), pg_temp.id(4, c * {students} + s), 'Student ' || s, 'student', 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c, generate_series(0, {students} - 1) AS s;
INSERT INTO teachers (classroom_id, teacher_id, school_id, status, version)
SELECT pg_temp.id(1, c), pg_temp.id(3, c / {per_teacher}), pg_temp.id(2, c / {per_school}), 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c;
INSERT INTO enrolments (classroom_id, student_id, school_id, status, version)
SELECT pg_temp.id(1, c), pg_temp.id(4, c * {students} + s), pg_temp.id(2, c / {per_school}), 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c, generate_series(0, {students} - 1) AS s;
INSERT INTO topics (topic_id, school_id, classroom_id, title, position, status, version)
SELECT pg_temp.id(6, c * 4 + t), pg_temp.id(2, c / {per_school}), pg_temp.id(1, c), 'Topic ' || t, t, 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c, generate_series(0, 3) AS t;
INSERT INTO assignments (
    assignment_id, school_id, classroom_id, topic_id, kind, title, points_possible, due_at, status, version
)
SELECT
    pg_temp.id(5, c * {works} + w), pg_temp.id(2, c / {per_school}), pg_temp.id(1, c), pg_temp.id(6, c * 4 + w / 2 % 4),
    CASE w % 2 WHEN 0 THEN 'quiz' ELSE 'homework' END, 'Work ' || w, 100, now() - w * interval '7 days', 'published', 1
FROM generate_series(0, {classrooms} - 1) AS c, generate_series(0, {works} - 1) AS w;
INSERT INTO facts (
    assignment_id, student_id, classroom_id, school_id, score, max_score, late, late_seconds, graded_at, submissions,
    quiz, counted, version
)
SELECT
    pg_temp.id(5, c * {works} + w), pg_temp.id(4, c * {students} + s), pg_temp.id(1, c),
    pg_temp.id(2, c / {per_school}), points, 100, FALSE, 0,
    now() - w * interval '7 days',
    CASE w % 2 WHEN 1 THEN jsonb_build_array(
        jsonb_build_object('number', 1, 'score', (points / 2)::text, 'max_score', '100', 'late_seconds', 0),
        jsonb_build_object('number', 2, 'score', points::text, 'max_score', '100', 'late_seconds', 0)
    ) END,
    w % 2 = 0, TRUE, 1
FROM
    generate_series(0, {classrooms} - 1) AS c, generate_series(0, {works} - 1) AS w,
    generate_series(0, {students} - 1) AS s, LATERAL (SELECT (s * 37 + w * 11 + c) % 101 AS points) AS given;
ALTER TABLE facts ENABLE TRIGGER USER;
ALTER TABLE enrolments ENABLE TRIGGER USER;
"""


def made_id(kind: int, number: int) -> UUID:
    """The same id as the filled tables have."""
    return UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


@dataclass(frozen=True)
class Shape:
    """Classrooms that are all alike; each has four topics, and every student a result in every work."""

    classrooms: int
    students: int = 25
    works: int = 20

    @property
    def results(self) -> int:
        """All facts together."""
        return self.classrooms * self.students * self.works

    @property
    def middle(self) -> "Place":
        """A classroom in the middle, with who belongs to it."""
        return Place(self, self.classrooms // 2)


@dataclass(frozen=True)
class Place:
    """The ids of one classroom."""

    shape: Shape
    number: int

    @property
    def classroom_id(self) -> UUID:
        return made_id(1, self.number)

    @property
    def school_id(self) -> UUID:
        return made_id(2, self.number // CLASSROOMS_A_SCHOOL)

    @property
    def teacher_id(self) -> UUID:
        return made_id(3, self.number // CLASSROOMS_A_TEACHER)

    @property
    def student_id(self) -> UUID:
        return made_id(4, self.number * self.shape.students)

    @property
    def quiz_id(self) -> UUID:
        return made_id(5, self.number * self.shape.works)

    @property
    def topic_id(self) -> UUID:
        return made_id(6, self.number * 4)

    def admin(self) -> Identity:
        """An admin of the school."""
        return Identity(made_id(9, 1), self.school_id, made_id(9, 2), Role.ADMIN, 0)

    def student(self) -> Identity:
        """The student, signed in."""
        return Identity(self.student_id, self.school_id, made_id(9, 3), Role.STUDENT, 0)


async def kept_database(stack: Stack, shape: Shape) -> str:
    """The URL of a database of that shape, filled now unless an earlier run left it.

    It stays until `make reset STATE=.homeroom-test`, or until a migration makes another one necessary.
    """
    template = template_database(stack, "grading")
    name = template.replace("template", f"bench_{shape.classrooms}x{shape.students}x{shape.works}")
    with _admin(stack) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            await _make(stack, cursor, template, name, shape)
    return stack.role_url("grading", name)


async def _make(stack: Stack, cursor: Any, template: str, name: str, shape: Shape) -> None:
    # It takes its name once it is whole.
    building = f"{name}_part"
    for statement, names in (
        ("DROP DATABASE IF EXISTS {} WITH (FORCE)", (building,)),
        ("CREATE DATABASE {} TEMPLATE {}", (building, template)),
    ):
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    await _fill(stack.role_url("grading", building), shape)
    cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (building, name))))


async def _fill(url: str, shape: Shape) -> None:
    values = {"per_teacher": CLASSROOMS_A_TEACHER, "per_school": CLASSROOMS_A_SCHOOL}
    values |= {"classrooms": shape.classrooms, "students": shape.students, "works": shape.works}
    run(url, FILL.format(**values))
    run(url, "ANALYZE")
    async with db.connect(url, "grading", maxsize=1) as database:
        await _totals(database, shape.classrooms)
    # As autovacuum leaves a table that is not being filled.
    run(url, "VACUUM (ANALYZE)")


async def _totals(database: Database, classrooms: int) -> None:
    """The figures that triggers and the worker would have kept."""
    for start in range(0, classrooms, CLASSROOMS_A_STATEMENT):
        numbers = range(start, min(start + CLASSROOMS_A_STATEMENT, classrooms))
        ids = [made_id(1, number) for number in numbers]
        await database.execute("fill_totals", classroom_ids=ids)
        await database.execute("want_judgements", classroom_ids=ids)
        await judge_all(database)


def run(url: str, statements: str) -> None:
    """Without a limit of time."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(statements)


@contextmanager
def _admin(stack: Stack) -> Iterator[Any]:
    with closing(psycopg2.connect(stack.admin_database_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
