"""What auth takes from a package: its people. Dry run and import read the same plan (SQL `roster_plan`)."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from chassis.db import Executor, json_rows
from chassis.oneroster import AUTH_FILES, Package, Person, people
from chassis.rosters import Changes, Importer, RosterJob, Step
from chassis.rosters.models import changes_of

CHUNK = 500
USERS = "users.csv"


def steps(package: Package, job: RosterJob) -> Sequence[Step]:
    """One step: everybody who gets an account."""
    total = job.counts[USERS]
    return [Step(USERS, total, partial(parts, package), partial(_apply, job), partial(_plan, job))]


def parts(package: Package, start: int) -> Iterator[tuple[int, Sequence[Person]]]:
    """The people in chunks, from number `start` on."""
    found, done = islice(people(package), start, None), start
    while part := list(islice(found, CHUNK)):
        done += len(part)
        yield done, part


async def _apply(job: RosterJob, tx: Executor, part: Sequence[Person]) -> Changes:
    await tx.execute("lock_school", school_id=job.school_id)
    return changes_of(await tx.rows("apply_people", school_id=job.school_id, people=_as_json(part)))


async def _plan(job: RosterJob, db: Executor, part: Sequence[Person]) -> Changes:
    return changes_of(await db.rows("plan_people", school_id=job.school_id, people=_as_json(part)))


def _as_json(part: Sequence[Person]) -> Any:
    return json_rows([person._asdict() for person in part])


async def _finish(tx: Executor, job: RosterJob, changes: Changes, accounts: int) -> None:
    detail = {kind: change.count for kind, change in changes.items()}
    await tx.execute("finish_import", id=job.id, accounts=accounts, detail=detail)


IMPORTER = Importer(files=AUTH_FILES, steps=steps, finish=_finish)
