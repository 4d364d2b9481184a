"""Reads and the cache by the number of schools, as many classrooms and students in all."""

from bench.growth.curve import lines
from bench.growth.reads import classroom_reads
from bench.table import Line

SCHOOLS = (1, 10, 100, 1_000)
CLASSROOMS, STUDENTS = 1_000, 10


async def by_schools() -> list[Line]:
    """A thousand classrooms of ten, in one school or in a thousand."""
    found = {count: await classroom_reads(classrooms=CLASSROOMS, students=STUDENTS, schools=count) for count in SCHOOLS}
    return lines(found, "schools")
