"""A package that holds only what changed: first what is there, then what is to go.

It refers to what earlier packages brought: a row of something unknown here is skipped and counted as such.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from chassis.db import Executor, json_rows
from chassis.oneroster import (
    AcademicSession,
    Class,
    Enrollment,
    LineItem,
    Package,
    User,
    chunks,
    deltas,
    looks_like_quiz,
)
from chassis.rosters import Changes, RosterJob, Step
from chassis.rosters.models import EXAMPLES, Change, merged
from chassis.rosters.work import Part
from classroom.rosters import rows
from classroom.rosters.writer import Writer

SKIPPED = "unknown-skipped"
Ids = frozenset[str]


class DeltaWriter(Writer):
    """Runs the statements of a job whose package refers out of itself."""

    def __init__(self, job: RosterJob, found: rows.Lookups, verb: str, brought: Ids, seats: frozenset[Any]) -> None:
        super().__init__(job, found, verb)
        # Ids of the package itself, which a dry run does not find in the database; and who it says is a member.
        self._brought = brought
        self._seats = seats

    async def members(self, db: Executor, part: Sequence[Any]) -> Changes:
        """Who came."""
        known, skipped = await self._known(db, part, classroom="class_sourced_id", person="user_sourced_id")
        return merged(await super().members(db, known), skipped)

    async def assignments(self, db: Executor, part: Sequence[Any]) -> Changes:
        """Line items with the topics that earlier packages made of their categories."""
        part, skipped = await self._known(db, part, classroom="class_sourced_id")
        wanted = rows.assignment_rows(self.found, part)
        unsaid = sorted({row["category"] for row in wanted if row["topic"] is None})
        found = await db.rows("known_categories", school_id=self.job.school_id, ids=unsaid)
        known = {row["source_id"]: row for row in found}
        wanted = [_with_category(row, known) for row in wanted]
        changed = [*await self.run(db, "topics", _topics(wanted, known)), *await self.run(db, "assignments", wanted)]
        return merged(await self.done(db, changed), skipped)

    async def grades(self, db: Executor, part: Sequence[Any]) -> Changes:
        """Results, and those that are withdrawn."""
        known, skipped = await self._known(db, part, assignment="line_item_sourced_id", person="student_sourced_id")
        return merged(await super().grades(db, known), skipped)

    async def gone_members(self, db: Executor, part: Sequence[Any]) -> Changes:
        """Who is to go, and has not come back by another row."""
        gone = [row for row in part if _seat(row) not in self._seats]
        changed: list[dict[str, Any]] = []
        for query, taught_as in (("removed_teachers", "teacher"), ("removed_students", "student")):
            members = rows.member_rows(gone, taught_as)
            classrooms = sorted({row["classroom"] for row in members})
            coming = json_rows(
                [{"classroom": room, "person": who} for room, who, as_ in self._seats if as_ == "teacher"]
            )
            changed += await self.run(db, query, members, classrooms=classrooms, coming=coming)
        return await self.done(db, changed)

    async def gone_assignments(self, db: Executor, part: Sequence[Any]) -> Changes:
        """Line items that are to go."""
        changed = await self.run(db, "deleted_assignments", [], ids=[row.sourced_id for row in part])
        if self.verb == "import":
            await db.execute("renew_audience", ids=[id_ for row in changed for id_ in row["ids"]])
        return await self.done(db, changed)

    async def gone_classrooms(self, db: Executor, part: Sequence[Any]) -> Changes:
        """Classes that are to go."""
        changed = await self.run(db, "deleted_classrooms", [], ids=[row.sourced_id for row in part])
        return await self.done(db, changed)

    async def _known(self, db: Executor, part: Sequence[Any], **columns: str) -> tuple[list[Any], Changes]:
        """The rows that name what is here or in the package itself; apart those that do not."""
        named = {(kind, getattr(row, column)) for row in part for kind, column in columns.items()}
        named = {(kind, id_) for kind, id_ in named if id_ not in self._brought}
        kinds, ids = [kind for kind, _ in named], [id_ for _, id_ in named]
        found = await db.rows("list_unknown", school_id=self.job.school_id, kinds=kinds, ids=ids)
        unknown = {(row["kind"], row["id"]) for row in found}

        def is_known(row: Any) -> bool:
            return unknown.isdisjoint((kind, getattr(row, column)) for kind, column in columns.items())

        skipped = [row.sourced_id for row in part if not is_known(row)]
        changes = {SKIPPED: Change(count=len(skipped), first=skipped[:EXAMPLES])} if skipped else {}
        return [row for row in part if is_known(row)], changes


def _with_category(row: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A line item with what is known of its category here; a topic of quizzes holds quizzes."""
    if row["topic"] is not None or row["category"] not in known:
        return row
    category = known[row["category"]]
    quiz = looks_like_quiz(category["title"]) if category["quiz"] is None else category["quiz"]
    return row | {"topic": category["title"], "kind": row["kind"] or ("quiz" if quiz else "homework")}


def _topics(wanted: rows.Rows, known: dict[str, dict[str, Any]]) -> rows.Rows:
    """The topics that these line items need in their classrooms."""
    needed = {(row["classroom"], row["category"]): row["topic"] for row in wanted if row["category"] in known}
    return [
        {"classroom": classroom, "source_id": category, "title": title, "place": place}
        for place, ((classroom, category), title) in enumerate(needed.items())
    ]


def _seat(row: Enrollment) -> tuple[str, str, str | None]:
    return row.class_sourced_id, row.user_sourced_id, row.taught_as


def _all(package: Package, kind: type[Any], name: str) -> Iterator[Any]:
    for _, part in chunks(package, kind, rows.PART, delta=name in deltas(package)):
        yield from part


def _brought(package: Package) -> Ids:
    """The sourcedIds that other rows of the package may name."""
    kinds = ((Class, "classes.csv"), (User, "users.csv"), (LineItem, "lineItems.csv"))
    return frozenset(
        row.sourced_id for kind, name in kinds for row in _all(package, kind, name) if row.status != rows.DELETED
    )


def steps(package: Package, job: RosterJob, found: rows.Lookups) -> Sequence[Step]:
    """What is there in the order in which one file needs another, then what is to go in the other order."""
    members = _all(package, Enrollment, "enrollments.csv")
    more = (_brought(package), frozenset(_seat(row) for row in members if row.status != rows.DELETED))
    apply, plan = DeltaWriter(job, found, "import", *more), DeltaWriter(job, found, "plan", *more)

    def step(name: str, parts: Callable[[int], Iterator[Part]], method: str, label: str = "") -> Step:
        total = job.counts.get(name, 0)
        return Step(label + name, total, parts, getattr(apply, method), getattr(plan, method))

    def some(kind: type[Any], name: str, *, deleted: bool) -> Callable[[int], Iterator[Part]]:
        return partial(_parts, package, kind, name, deleted)

    came, gone = partial(some, deleted=False), partial(some, deleted=True)
    return [
        step("academicSessions.csv", came(AcademicSession, "academicSessions.csv"), "terms"),
        step("classes.csv", came(Class, "classes.csv"), "classrooms"),
        step("enrollments.csv", came(Enrollment, "enrollments.csv"), "members"),
        Step("categories.csv", len(found.topics_needed), partial(rows.topic_parts, found), apply.topics, plan.topics),
        step("lineItems.csv", came(LineItem, "lineItems.csv"), "assignments"),
        step("results.csv", partial(rows.result_parts, package), "grades"),
        step("lineItems.csv", gone(LineItem, "lineItems.csv"), "gone_assignments", "deleted "),
        step("enrollments.csv", gone(Enrollment, "enrollments.csv"), "gone_members", "deleted "),
        step("classes.csv", gone(Class, "classes.csv"), "gone_classrooms", "deleted "),
    ]


def _parts(package: Package, kind: type[Any], name: str, deleted: bool, start: int) -> Iterator[Part]:
    """The rows of a file that are to go, or the others, counted in its rows."""
    for done, part in chunks(package, kind, rows.PART, start, delta=name in deltas(package)):
        yield done, [row for row in part if (row.status == rows.DELETED) is deleted]
