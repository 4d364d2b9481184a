"""Whether grading answers at once however much there is: `python -m bench.analytics [--results 100000 10000000]`.

For each size a database of its own, filled with facts and kept for the next run (10,000,000 take ten minutes to fill),
in classrooms of 25 students and 20 works; every answer is timed in this process, from its first query to its JSON but
without HTTP, beside the GROUP BY over the facts that a user would write. A gradebook is of 1,000 students and 100
works. Needs the data services of `make test-stack`.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing

import psycopg2
from pydantic import BaseModel

from bench.grading_data import Place, Shape, kept_database
from bench.table import Line, percentile, tell
from chassis import db
from chassis.db import Executor
from chassis.paging import PageQuery
from chassis.testing import running_stack
from grading import views
from grading.attention.views import at_risk
from grading.gradebook.book import open_book
from grading.gradebook.models import GradebookQuery
from grading.gradebook.views import explanation, gradebook, own_total, preview
from grading.models import StudentQuery, TeacherQuery
from grading.policies.models import Group, Late, Policy

SIZES = (100_000, 1_000_000)
LARGE_CLASS = Shape(classrooms=1, students=1_000, works=100)
REPEATS = 30
TARGET_MS, TARGET_BOOK_MS, FLAT = 5.0, 300.0, 2.0
DEAR_POLICY = Policy(
    groups=[Group(key="all", drop_lowest=3, drop_highest=1)],
    combine="points",
    late=Late(deduction=10, interval="day", floor=40),
    missing=0,
)

Answer = Callable[[], Awaitable[BaseModel]]
NAIVE = """
SELECT t.teacher_id, f.classroom_id, avg(f.percent) FILTER (WHERE f.quiz)
FROM facts AS f INNER JOIN teachers AS t USING (classroom_id)
WHERE f.school_id = %s AND f.counted GROUP BY 1, 2
"""
NAIVE_ALL = "SELECT school_id, avg(percent) FROM facts WHERE counted AND quiz GROUP BY school_id"


async def timed(answer: Answer, repeats: int = REPEATS) -> float:
    """In milliseconds, after one run that warms up: what a tenth of the runs stay below, for others use the machine."""
    await answer()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        (await answer()).model_dump_json()
        seconds.append(time.perf_counter() - started)
    return 1000 * percentile(seconds, 0.1)


def answers(database: Executor, place: Place) -> dict[str, Answer]:
    """What is asked of one school, teacher, classroom or student, permission included."""
    school_id, classroom_id, admin, student = place.school_id, place.classroom_id, place.admin(), place.student()
    everyone = TeacherQuery(limit=50, cursor=None, term=None, subject=None)
    asked, page = StudentQuery(limit=50, cursor=None, search=None), PageQuery(limit=50, cursor=None)

    async def teacher() -> BaseModel:
        return await views.teacher(database, _found(await views.find_teacher(database, school_id, place.teacher_id)))

    async def room() -> db.Row:
        return _found(await views.find_classroom(database, admin, classroom_id))

    async def one_student() -> BaseModel:
        found = await views.find_student(database, admin, classroom_id, place.student_id)
        return await views.student(database, classroom_id, _found(found))

    async def own() -> BaseModel:
        found = _found(await views.find_own(database, "own_classroom", student, classroom_id=classroom_id))
        book = await open_book(database, school_id, found)
        total = await own_total(database, book, place.student_id)
        return await views.own_classroom(database, place.student_id, found, total, book.topics)

    async def own_topic() -> BaseModel:
        found = await views.find_own(database, "own_topic", student, topic_id=place.topic_id)
        return await views.own_topic(database, place.student_id, _found(found))

    async def own_quiz() -> BaseModel:
        found = await views.find_own(database, "own_quiz", student, assignment_id=place.quiz_id)
        return await views.own_quiz(database, place.student_id, _found(found))

    async def explained() -> BaseModel:
        return await explanation(database, school_id, await room(), place.student_id) or asked

    return {
        "a school's teachers": lambda: views.teachers(database, school_id, everyone),
        "a school's figures": lambda: views.school(database, school_id),
        "a teacher": teacher,
        "a classroom": lambda: _of(room(), lambda found: views.classroom(database, found)),
        "a classroom's students": lambda: views.students(database, classroom_id, asked),
        "its students in a topic": lambda: views.students(database, classroom_id, asked, place.topic_id),
        "students at risk": lambda: _of(room(), lambda found: at_risk(database, found, page)),
        "a student in a classroom": one_student,
        "a student's own classroom": own,
        "a student's own topic": own_topic,
        "a student's own quiz": own_quiz,
        "how a total came about": explained,
    }


def books(database: Executor, place: Place) -> dict[str, Answer]:
    """Pages of 100 students of the large class."""
    page = GradebookQuery(limit=100, search=None)

    async def room() -> db.Row:
        return _found(await views.find_classroom(database, place.admin(), place.classroom_id))

    return {
        "gradebook, 100 of 1,000 students × 100 works": lambda: _of(
            room(), lambda found: gradebook(database, place.school_id, found, page)
        ),
        "the same, trying a policy that drops by points": lambda: _of(
            room(), lambda found: preview(database, place.school_id, found, DEAR_POLICY, page)
        ),
    }


async def _of(room: Awaitable[db.Row], read: Callable[[db.Row], Awaitable[BaseModel]]) -> BaseModel:
    return await read(await room)


def _found(row: db.Row | None) -> db.Row:
    assert row is not None
    return row


async def measure(shape: Shape, asked: Callable[[Executor, Place], dict[str, Answer]]) -> dict[str, float]:
    """The time of every answer in a classroom in the middle."""
    url = await kept_database(running_stack(), shape)
    async with db.connect(url, "grading", maxsize=2) as database:
        return {name: await timed(answer) for name, answer in asked(database, shape.middle).items()}


async def naive(shape: Shape) -> dict[str, float]:
    """The same from a GROUP BY over the facts, in milliseconds: one school, and every school."""
    found = {}
    url = await kept_database(running_stack(), shape)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for name, statement, values in (
            ("one school", NAIVE, [shape.middle.school_id]),
            ("all schools", NAIVE_ALL, []),
        ):
            started = time.perf_counter()
            cursor.execute(statement, [str(value) for value in values])
            cursor.fetchall()
            found[f"GROUP BY {name}"] = 1000 * (time.perf_counter() - started)
    return found


async def measured(sizes: tuple[int, ...]) -> list[Line]:
    """One line an answer at the largest size, beside the smaller ones and the naive query; then the gradebook."""
    shapes = [Shape(size // (Shape(1).results)) for size in sizes]
    peers = await naive(shapes[-1])
    found = [await measure(shape, answers) for shape in shapes]
    times = {name: [one[name] for one in found] for name in found[-1]}
    pages = await measure(LARGE_CLASS, books)
    return [_line(name, sizes, values, peers) for name, values in times.items()] + [
        Line(name, "ms", value, {}, "≤ 300 ms", value <= TARGET_BOOK_MS) for name, value in pages.items()
    ]


def _line(name: str, sizes: tuple[int, ...], times: list[float], peers: dict[str, float]) -> Line:
    smaller = {f"at {size:,}": value for size, value in zip(sizes[:-1], times[:-1], strict=True)}
    reached = times[-1] <= TARGET_MS and times[-1] <= FLAT * times[0]
    return Line(f"{name}, {sizes[-1]:,} results", "ms", times[-1], smaller | peers, "≤ 5 ms, flat within 2 ×", reached)


def lines(sizes: tuple[int, ...] = SIZES) -> list[Line]:
    """What a runner collects."""
    return asyncio.run(measured(sizes))


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, nargs="+", default=SIZES, help="ascending")
    tell("analytics", lines(tuple(parser.parse_args().results)))


if __name__ == "__main__":
    main()
