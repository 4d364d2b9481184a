"""What classroom does with a OneRoster package: steps in the order in which one file needs another."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from chassis.db import Executor, json_rows
from chassis.oneroster import (
    CLASSROOM_FILES,
    AcademicSession,
    Class,
    Enrollment,
    LineItem,
    Package,
    chunks,
)
from chassis.rosters import Changes, Importer, RosterJob, Step
from chassis.rosters.models import changes_of
from chassis.rosters.work import Part
from classroom.rosters import rows


class _Writer:
    """Runs the statements of one job, to change things (`import`) or to say what would change (`plan`)."""

    def __init__(self, job: RosterJob, found: rows.Lookups, verb: str) -> None:
        self._job = job
        self._found = found
        self._verb = verb

    async def terms(self, db: Executor, part: Sequence[Any]) -> Changes:
        """academicSessions.csv, and the classrooms whose term changed."""
        changed = await self._run(db, "terms", rows.term_rows(part))
        if self._verb == "import":
            ids = [id_ for row in changed if row["kind"] == "term-changed" for id_ in row["ids"]]
            await db.execute("publish_classrooms_of_terms", school_id=self._job.school_id, ids=ids)
        return await self._done(db, changed)

    async def classrooms(self, db: Executor, part: Sequence[Any]) -> Changes:
        """classes.csv."""
        return await self._done(db, await self._run(db, "classrooms", rows.classroom_rows(self._found, part)))

    async def members(self, db: Executor, part: Sequence[Any]) -> Changes:
        """enrollments.csv."""
        changed: list[dict[str, Any]] = []
        for query, taught_as in (("teachers", "teacher"), ("students", "student")):
            members = rows.member_rows(part, taught_as)
            classrooms = sorted({row["classroom"] for row in members})
            changed += await self._run(db, query, members, classrooms=classrooms)
        if self._verb == "import" and await self._run(db, "owners", rows.owner_rows(part)):
            await db.execute("renew_school_cache", school_id=self._job.school_id)
        return await self._done(db, changed)

    async def topics(self, db: Executor, part: Sequence[Any]) -> Changes:
        """categories.csv, in each classroom that uses them."""
        return await self._done(db, await self._run(db, "topics", list(part)))

    async def assignments(self, db: Executor, part: Sequence[Any]) -> Changes:
        """lineItems.csv."""
        return await self._done(db, await self._run(db, "assignments", rows.assignment_rows(self._found, part)))

    async def grades(self, db: Executor, part: Sequence[Any]) -> Changes:
        """results.csv."""
        items = sorted({row.line_item_sourced_id for row in part})
        return await self._done(db, await self._run(db, "grades", rows.grade_rows(part), items=items))

    async def _run(self, db: Executor, what: str, wanted: rows.Rows, **params: Any) -> list[dict[str, Any]]:
        query = f"{self._verb}_{what}"
        return await db.rows(query, school_id=self._job.school_id, rows=json_rows(wanted), **params)

    async def _done(self, db: Executor, changed: list[dict[str, Any]]) -> Changes:
        if changed and self._verb == "import":
            await db.execute("renew_school_cache", school_id=self._job.school_id)
        return changes_of(changed)


def steps(package: Package, job: RosterJob) -> Sequence[Step]:
    """The steps of an import; runs in a thread and reads the small files."""
    found = rows.look_up(package, job.options.get("quiz_categories", ""))
    apply, plan = _Writer(job, found, "import"), _Writer(job, found, "plan")

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


IMPORTER = Importer(files=CLASSROOM_FILES, steps=steps, finish=finish, ready=ready)
