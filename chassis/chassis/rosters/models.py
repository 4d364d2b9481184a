"""What the API shows of an import."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.model import Body
from chassis.paging import Page, PageQuery, decode_cursor, page_of

EXAMPLES = 20


class RosterStatus(StrEnum):
    """Where an import stands; `done` and `failed` are final."""

    VALIDATING = "validating"
    WAITING = "waiting"
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"


class RosterQuery(Body):
    """How to import."""

    dry_run: bool = Field(False, description="Only say what would change")


class RosterProblem(Body):
    """A finding in the package."""

    file: str
    line: int | None = None
    field: str | None = None
    code: str
    message: str


class FileProgress(Body):
    """Rows applied and rows there are."""

    done: int
    total: int


class Change(Body):
    """How many things of a kind changed (or would), with the first few."""

    count: int
    first: Sequence[str] = ()


Changes = dict[str, Change]


class Roster(Body):
    """An import: `problems` say why a package was refused, `changes` what it changed or would change."""

    id: UUID
    status: RosterStatus
    dry_run: bool
    package_sha256: str
    size: int = Field(description="Bytes of the package")
    created_at: datetime
    finished_at: datetime | None
    progress: dict[str, FileProgress]
    rows: dict[str, int] = Field(description="Rows by file, known after validation")
    changes: dict[str, Change]
    problems: list[RosterProblem] = Field(description="The first of them")
    problem_count: int
    notes: list[RosterProblem] = Field(description="The first of them")
    note_count: int


def roster_of(row: Row) -> Roster:
    """The import a row of `rosters` stands for."""
    report: dict[str, Any] = row["report"] or {}
    return Roster(
        **{name: row[name] for name in ("id", "status", "dry_run", "package_sha256", "size")},
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        progress=row["progress"],
        rows=report.get("counts", {}),
        changes=row["changes"],
        problems=report.get("problems", []),
        problem_count=report.get("problem_count", 0),
        notes=report.get("notes", []),
        note_count=report.get("note_count", 0),
    )


async def read(db: Executor, identity: Identity, roster_id: UUID) -> Roster:
    """One import of the caller's school; raises NotFound."""
    row = await db.row("roster_read", id=roster_id, school_id=identity.school_id)
    if row is None:
        raise NotFound("roster")
    return roster_of(row)


async def page(db: Executor, identity: Identity, query: PageQuery) -> Page[Roster]:
    """The imports of the caller's school, newest first."""
    position = decode_cursor(query.cursor, UUID)
    rows = await db.rows(
        "roster_page",
        school_id=identity.school_id,
        before=position[0] if position else None,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[roster_of(row) for row in shown], next_cursor=cursor)


def changes_of(rows: Iterable[Row]) -> Changes:
    """From rows with columns kind, count and first (a list of texts)."""
    return {row["kind"]: Change(count=row["count"], first=list(row["first"] or ())[:EXAMPLES]) for row in rows}


def merged(one: Changes, other: Changes) -> Changes:
    """Both together; of each kind only the first few are named."""
    found = dict(one)
    for kind, change in other.items():
        known = found.get(kind, Change(count=0))
        first = [*known.first, *change.first][:EXAMPLES]
        found[kind] = Change(count=known.count + change.count, first=first)
    return {kind: change for kind, change in found.items() if change.count}
