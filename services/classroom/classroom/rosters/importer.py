"""What classroom does with a OneRoster package: steps in the order in which one file needs another."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from chassis.db import Executor
from chassis.oneroster import (
    CLASSROOM_FILES,
    DELTA_FILES,
    AcademicSession,
    Class,
    Enrollment,
    LineItem,
    Package,
    chunks,
)
from chassis.rosters import Changes, Importer, RosterJob, Step
from chassis.rosters.work import Part
from classroom.rosters import delta, rows
from classroom.rosters.writer import Writer


def steps(package: Package, job: RosterJob) -> Sequence[Step]:
    """The steps of an import; runs in a thread and reads the small files."""
    found = rows.look_up(package, job.options.get("quiz_categories", ""))
    if found.deltas:
        return delta.steps(package, job, found)
    apply, plan = Writer(job, found, "import"), Writer(job, found, "plan")

    def step(name: str, parts: Callable[[int], Iterator[Part]], method: str) -> Step:
        return Step(name, job.counts.get(name, 0), parts, getattr(apply, method), getattr(plan, method))

    def plain(kind: type[Any]) -> Callable[[int], Iterator[Part]]:
        return lambda start: chunks(package, kind, rows.PART, start)

    return [
        step("academicSessions.csv", plain(AcademicSession), "terms"),
        step("classes.csv", plain(Class), "classrooms"),
        step("enrollments.csv", plain(Enrollment), "members"),
        Step("categories.csv", len(found.topics_needed), partial(rows.topic_parts, found), apply.topics, plan.topics),
        step("lineItems.csv", plain(LineItem), "assignments"),
        step("results.csv", partial(rows.result_parts, package), "grades"),
    ]


async def ready(db: Executor, job: RosterJob) -> bool:
    """Whether every account of the package is known here."""
    return bool(await db.value("roster_is_known", school_id=job.school_id, sha256=job.sha256))


async def finish(_: Executor, __: RosterJob, ___: Changes, ____: int) -> None:
    """Nothing is left to do at the end."""


IMPORTER = Importer(files=CLASSROOM_FILES, steps=steps, finish=finish, ready=ready, may_be_delta=DELTA_FILES)
