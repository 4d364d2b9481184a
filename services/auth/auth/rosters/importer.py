"""What auth takes from a package: its people. Dry run and import read the same plan (SQL `roster_plan`)."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from chassis.db import Executor, json_rows
from chassis.oneroster import AUTH_FILES, DELTA_FILES, Package, Person, PersonChange, deltas, people, people_changes
from chassis.rosters import Changes, Importer, RosterJob, Step
from chassis.rosters.models import EXAMPLES, Change, changes_of, merged

CHUNK = 500
USERS = "users.csv"
# Of somebody unknown here a change alone says too little.
SKIPPED = "unknown-skipped"

P = TypeVar("P", Person, PersonChange)


def steps(package: Package, job: RosterJob) -> Sequence[Step]:
    """One step: everybody who gets an account, or of whom a delta package tells a change."""
    if deltas(package):
        total = sum(job.counts.get(name, 0) for name in ("users.csv", "roles.csv"))
        found = partial(people_changes, package)
        return [Step(USERS, total, partial(parts, found), partial(_apply_changes, job), partial(_plan_changes, job))]
    found_all = partial(people, package)
    return [Step(USERS, job.counts[USERS], partial(parts, found_all), partial(_apply, job), partial(_plan, job))]


def parts(all_people: Callable[[], Iterator[P]], start: int) -> Iterator[tuple[int, Sequence[P]]]:
    """The people in chunks, from number `start` on."""
    found, done = islice(all_people(), start, None), start
    while part := list(islice(found, CHUNK)):
        done += len(part)
        yield done, part


async def _apply(job: RosterJob, tx: Executor, part: Sequence[Person]) -> Changes:
    await tx.execute("lock_school", school_id=job.school_id)
    rows = await tx.rows("apply_people", school_id=job.school_id, people=_as_json(part))
    if rows and rows[0]["losing"]:
        await tx.execute("end_sessions_of", school_id=job.school_id, account_ids=rows[0]["losing"])
    return changes_of(rows)


async def _plan(job: RosterJob, db: Executor, part: Sequence[Person]) -> Changes:
    return changes_of(await db.rows("plan_people", school_id=job.school_id, people=_as_json(part)))


async def _apply_changes(job: RosterJob, tx: Executor, part: Sequence[PersonChange]) -> Changes:
    await tx.execute("lock_school", school_id=job.school_id)
    known, skipped = await _completed(job, tx, part)
    return merged(await _apply(job, tx, known), skipped)


async def _plan_changes(job: RosterJob, db: Executor, part: Sequence[PersonChange]) -> Changes:
    known, skipped = await _completed(job, db, part)
    return merged(await _plan(job, db, known), skipped)


async def _completed(job: RosterJob, db: Executor, part: Sequence[PersonChange]) -> tuple[list[Person], Changes]:
    """The changes with what is known of their people; apart those of whom too little is known for an account."""
    rows = await db.rows("complete_people", school_id=job.school_id, people=_as_json(part))
    skipped = [row["source_id"] for row in rows if row["name"] is None or row["role"] is None]
    known = [Person(**row) for row in rows if row["name"] is not None and row["role"] is not None]
    return known, {SKIPPED: Change(count=len(skipped), first=skipped[:EXAMPLES])}


def _as_json(part: Sequence[Person | PersonChange]) -> Any:
    return json_rows([person._asdict() for person in part])


async def _finish(tx: Executor, job: RosterJob, changes: Changes, accounts: int) -> None:
    detail = {kind: change.count for kind, change in changes.items()}
    await tx.execute("finish_import", id=job.id, accounts=accounts, detail=detail)


IMPORTER = Importer(files=AUTH_FILES, steps=steps, finish=_finish, may_be_delta=DELTA_FILES)
