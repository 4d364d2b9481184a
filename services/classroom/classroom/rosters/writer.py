"""What classroom does with the rows of a package, and what a dry run says of them."""

from collections.abc import Sequence
from typing import Any

from chassis.db import Executor, json_rows
from chassis.rosters import Changes, RosterJob
from chassis.rosters.models import changes_of
from classroom.rosters import rows


class Writer:
    """Runs the statements of one job, to change things (`import`) or to say what would change (`plan`)."""

    def __init__(self, job: RosterJob, found: rows.Lookups, verb: str) -> None:
        self.job = job
        self.found = found
        self.verb = verb

    async def terms(self, db: Executor, part: Sequence[Any]) -> Changes:
        """academicSessions.csv, and the classrooms whose term changed."""
        changed = await self.run(db, "terms", rows.term_rows(part))
        if self.verb == "import":
            ids = [id_ for row in changed if row["kind"] == "term-changed" for id_ in row["ids"]]
            await db.execute("publish_classrooms_of_terms", school_id=self.job.school_id, ids=ids)
        return await self.done(db, changed)

    async def classrooms(self, db: Executor, part: Sequence[Any]) -> Changes:
        """classes.csv."""
        return await self.done(db, await self.run(db, "classrooms", rows.classroom_rows(self.found, part)))

    async def members(self, db: Executor, part: Sequence[Any]) -> Changes:
        """enrollments.csv."""
        changed: list[dict[str, Any]] = []
        for query, taught_as in (("teachers", "teacher"), ("students", "student")):
            members = rows.member_rows(part, taught_as)
            classrooms = sorted({row["classroom"] for row in members})
            changed += await self.run(db, query, members, classrooms=classrooms)
        if self.verb == "import" and await self.run(db, "owners", rows.owner_rows(part)):
            await db.execute("renew_school_cache", school_id=self.job.school_id)
        return await self.done(db, changed)

    async def topics(self, db: Executor, part: Sequence[Any]) -> Changes:
        """categories.csv, in each classroom that uses them."""
        return await self.done(db, await self.run(db, "topics", list(part)))

    async def assignments(self, db: Executor, part: Sequence[Any]) -> Changes:
        """lineItems.csv."""
        wanted = rows.assignment_rows(self.found, part)
        return await self.done(db, await self.run(db, "assignments", wanted))

    async def grades(self, db: Executor, part: Sequence[Any]) -> Changes:
        """results.csv."""
        items = sorted({row.line_item_sourced_id for row in part})
        return await self.done(db, await self.run(db, "grades", rows.grade_rows(part), items=items))

    async def run(self, db: Executor, what: str, wanted: rows.Rows, **params: Any) -> list[dict[str, Any]]:
        query = f"{self.verb}_{what}"
        return await db.rows(query, school_id=self.job.school_id, rows=json_rows(wanted), **params)

    async def done(self, db: Executor, changed: list[dict[str, Any]]) -> Changes:
        if changed and self.verb == "import":
            await db.execute("renew_school_cache", school_id=self.job.school_id)
        return changes_of(changed)
