"""Reads by the students of a classroom: grading's figures from its facts, classroom's lists and bootstrap."""

from pydantic import BaseModel

from bench.analytics import Answer, answers, books, timed
from bench.grading_data import Place, Shape, kept_database
from bench.growth.curve import lines
from bench.growth.reads import classroom_reads
from bench.table import Line
from chassis import db
from chassis.db import Executor
from chassis.testing import running_stack

STUDENTS = (30, 100, 300, 1_000)
ALL_STUDENTS, WORKS = 6_000, 20
GRADING = ("a classroom", "a classroom's students", "students at risk", "a student's own classroom")
PAGE = "gradebook, a page of at most 100"
Found = dict[tuple[str, str], float]


async def by_students() -> list[Line]:
    """As many students in all, in larger and fewer classrooms."""
    return lines({count: await _measured(count) for count in STUDENTS}, "students in a classroom")


async def _measured(students: int) -> Found:
    found: Found = {}
    shape = Shape(ALL_STUDENTS // students, students, WORKS)
    url = await kept_database(running_stack(), shape)
    async with db.connect(url, "grading", maxsize=2) as database:
        for name, answer in _asked(database, shape.middle).items():
            found[f"{name}", "ms"] = await timed(answer)
            found[f"{name}", "KB"] = len((await answer()).model_dump_json()) / 1000
    return found | await classroom_reads(classrooms=1, students=students, schools=1)


def _asked(database: Executor, place: Place) -> dict[str, Answer]:
    figures = answers(database, place)
    book = next(iter(books(database, place).values()))

    async def page() -> BaseModel:
        return await book()

    return {name: figures[name] for name in GRADING} | {PAGE: page}
