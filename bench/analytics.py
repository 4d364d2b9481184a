"""Whether grading answers at once however much there is: `python -m bench.analytics [--results 100000 1000000]`.

For each size a database of its own is filled straight with facts (schools of 10,000 results, classrooms of 25 students
and 20 works); every answer is timed in this process, with its queries but without HTTP, beside the GROUP BY over the
facts that a user would write. Needs the data services of `make test-stack`.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from uuid import UUID

import psycopg2

from bench.table import Line, percentile, tell
from chassis import db
from chassis.db import Database
from chassis.identity import Identity, Role
from chassis.testing import database_copy, running_stack
from grading import views
from grading.attention.views import at_risk
from grading.gradebook.models import GradebookQuery
from grading.gradebook.views import gradebook, own_total
from grading.models import StudentQuery, TeacherQuery

SIZES = (100_000, 1_000_000)
STUDENTS, WORKS, CLASSROOMS_A_TEACHER, CLASSROOMS_A_SCHOOL = 25, 20, 4, 20
REPEATS = 30
TARGET_MS = 5.0

# Ids are made of numbers, so that no table has to be joined while it is filled.
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
INSERT INTO teachers (classroom_id, teacher_id, school_id, status, version)
SELECT pg_temp.id(1, c), pg_temp.id(3, c / {per_teacher}), pg_temp.id(2, c / {per_school}), 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c;
INSERT INTO enrolments (classroom_id, student_id, school_id, status, version)
SELECT pg_temp.id(1, c), pg_temp.id(4, c * {students} + s), pg_temp.id(2, c / {per_school}), 'active', 1
FROM generate_series(0, {classrooms} - 1) AS c, generate_series(0, {students} - 1) AS s;
INSERT INTO assignments (assignment_id, school_id, classroom_id, kind, title, points_possible, due_at, status, version)
SELECT
    pg_temp.id(5, c * {works} + w), pg_temp.id(2, c / {per_school}), pg_temp.id(1, c),
    CASE w % 2 WHEN 0 THEN 'quiz' ELSE 'homework' END, 'Work ' || w, 100, now() - w * interval '7 days', 'published', 1
FROM generate_series(0, {classrooms} - 1) AS c, generate_series(0, {works} - 1) AS w;
INSERT INTO facts (
    assignment_id, student_id, classroom_id, school_id, score, max_score, late, graded_at, quiz, counted, version
)
SELECT
    pg_temp.id(5, c * {works} + w), pg_temp.id(4, c * {students} + s), pg_temp.id(1, c),
    pg_temp.id(2, c / {per_school}), (s * 37 + w * 11 + c) % 101, 100, FALSE,
    now() - w * interval '7 days', w % 2 = 0, TRUE, 1
FROM
    generate_series(0, {classrooms} - 1) AS c, generate_series(0, {works} - 1) AS w,
    generate_series(0, {students} - 1) AS s;
ALTER TABLE facts ENABLE TRIGGER USER;
ALTER TABLE enrolments ENABLE TRIGGER USER;
"""
NAIVE = """
SELECT t.teacher_id, f.classroom_id, avg(f.percent) FILTER (WHERE f.quiz)
FROM facts AS f INNER JOIN teachers AS t USING (classroom_id)
WHERE f.school_id = %s AND f.counted GROUP BY 1, 2
"""
NAIVE_ALL = "SELECT school_id, avg(percent) FROM facts WHERE counted AND quiz GROUP BY school_id"


def fill(url: str, results: int) -> int:
    """Fill an empty database; returns the number of classrooms."""
    classrooms = results // (STUDENTS * WORKS)
    statements = FILL.format(
        classrooms=classrooms,
        students=STUDENTS,
        works=WORKS,
        per_teacher=CLASSROOMS_A_TEACHER,
        per_school=CLASSROOMS_A_SCHOOL,
    )
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(statements)
    return classrooms


def made_id(kind: int, number: int) -> UUID:
    """The same id as the filled tables have."""
    return UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


async def totals(database: Database, classrooms: int) -> None:
    """The figures that triggers would have kept."""
    for start in range(0, classrooms, 100):
        ids = [made_id(1, number) for number in range(start, min(start + 100, classrooms))]
        await database.execute("fill_totals", classroom_ids=ids)


async def timed(work: Callable[[], Awaitable[object]], repeats: int = REPEATS) -> float:
    """In milliseconds, after one run that warms up: what a tenth of the runs stay below, for others use the machine."""
    await work()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - started)
    return 1000 * percentile(seconds, 0.1)


async def answers(database: Database, classrooms: int) -> dict[str, float]:
    """Every answer's time in a classroom in the middle."""
    number = classrooms // 2
    classroom_id, school_id = made_id(1, number), made_id(2, number // CLASSROOMS_A_SCHOOL)
    teacher_id, student_id = made_id(3, number // CLASSROOMS_A_TEACHER), made_id(4, number * STUDENTS)
    admin = Identity(made_id(9, 1), school_id, made_id(9, 2), Role.ADMIN, 0)
    student = Identity(student_id, school_id, made_id(9, 3), Role.STUDENT, 0)
    room = await views.find_classroom(database, admin, classroom_id)
    teacher = await views.find_teacher(database, school_id, teacher_id)
    own = await views.find_own(database, "own_classroom", student, classroom_id=classroom_id)
    assert room
    assert teacher
    assert own

    async def own_page() -> None:
        total = await own_total(database, school_id, own, student_id)
        await views.own_classroom(database, student_id, own, total)

    everyone = TeacherQuery(limit=50, cursor=None, term=None, subject=None)
    asked = StudentQuery(limit=50, cursor=None, search=None)
    work: dict[str, Callable[[], Awaitable[object]]] = {
        "a school's teachers": lambda: views.teachers(database, school_id, everyone),
        "a teacher": lambda: views.teacher(database, school_id, teacher),
        "a classroom": lambda: views.classroom(database, room),
        "a classroom's students": lambda: views.students(database, classroom_id, asked),
        "a student's own": own_page,
        "students at risk": lambda: at_risk(database, room),
        "gradebook, 25 × 20": lambda: gradebook(database, school_id, room, GradebookQuery(limit=50, search=None)),
    }
    return {name: await timed(run) for name, run in work.items()}


def naive(url: str, school_id: UUID) -> dict[str, float]:
    """The same from a GROUP BY over the facts, in milliseconds: one school, and every school."""
    found = {}
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        for name, statement, values in (("one school", NAIVE, [school_id]), ("all schools", NAIVE_ALL, [])):
            started = time.perf_counter()
            cursor.execute(statement, [str(value) for value in values])
            cursor.fetchall()
            found[f"GROUP BY {name}"] = 1000 * (time.perf_counter() - started)
    return found


def tidy(url: str) -> None:
    """As autovacuum leaves a table that is not being filled."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM (ANALYZE)")


async def measure(results: int) -> tuple[dict[str, float], dict[str, float]]:
    """Our answers and the naive ones at one size."""
    with database_copy(running_stack(), "grading") as url:
        classrooms = fill(url, results)
        async with db.connect(url, "grading", maxsize=2) as database:
            await totals(database, classrooms)
            tidy(url)
            return await answers(database, classrooms), naive(url, made_id(2, classrooms // 2 // CLASSROOMS_A_SCHOOL))


def lines(sizes: tuple[int, ...] = SIZES) -> list[Line]:
    """One line an answer: at the largest size, beside the smallest and the naive query."""
    found = {size: asyncio.run(measure(size)) for size in sizes}
    (small, _), (large, peers) = found[sizes[0]], found[sizes[-1]]
    return [
        Line(
            f"{name}, {sizes[-1]:,} results",
            "ms",
            value,
            {f"at {sizes[0]:,}": small[name]} | peers,
            "≤ 5 ms, flat within 2 ×",
            value <= TARGET_MS and value <= 2 * small[name],
        )
        for name, value in large.items()
    ]


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, nargs="+", default=SIZES, help="ascending")
    tell("analytics", lines(tuple(parser.parse_args().results)))


if __name__ == "__main__":
    main()
