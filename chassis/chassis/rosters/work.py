"""The worker's side of an import: claim, validate the whole, then apply chunk by chunk.

Any number of workers may run: a job belongs to the holder of its lease, and every chunk begins by locking
the job's row and checking that. A chunk commits together with its progress, so a worker that dies is
continued from the last chunk.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from aiohttp import web

from chassis import trace, worker
from chassis.db import Database, Executor, Row
from chassis.errors import Unavailable
from chassis.keys import DB
from chassis.logging import get_logger
from chassis.oneroster import BrokenPackage, Package, Problem, Report, validate
from chassis.rosters.models import Change, Changes, merged

log = get_logger(__name__)

LEASE_SECONDS = 10.0
POLL_SECONDS = 0.5
MOST_UNSENT = 2_000
_PAUSE_SECONDS = 0.1
_ATTEMPTS = 5

Part = tuple[int, Sequence[Any]]
Progress = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class RosterJob:
    """One import, as the code that applies it sees it; `counts` holds the rows of each file."""

    id: UUID
    school_id: UUID
    account_id: UUID
    sha256: str
    dry_run: bool
    options: dict[str, str]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One file's part of an import.

    `parts(start)` yields (rows done after it, rows) from row `start` on; it runs in a thread. `apply` writes
    one part in the transaction it is given and says what changed; the same part applied again changes nothing.
    `plan` says what `apply` would change and writes nothing.
    """

    name: str
    total: int
    parts: Callable[[int], Iterator[Part]]
    apply: Callable[[Executor, Sequence[Any]], Awaitable[Changes]]
    plan: Callable[[Executor, Sequence[Any]], Awaitable[Changes]]


async def _always(_: Executor, __: RosterJob) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Importer:
    """What a service does with a package.

    `steps` runs in a thread and may read the package; `ready` says whether a validated package may be applied
    (else the job waits); `finish(tx, job, changes, done)` runs in the transaction that ends a real import, with the
    number of rows of all steps. Of `may_be_delta` a package may hold only what changed.
    """

    files: frozenset[str]
    steps: Callable[[Package, RosterJob], Sequence[Step]]
    finish: Callable[[Executor, RosterJob, Changes, int], Awaitable[None]]
    ready: Callable[[Executor, RosterJob], Awaitable[bool]] = field(default=_always)
    may_be_delta: frozenset[str] = frozenset()


def job(importer: Importer) -> worker.Job:
    """The timed job that works off a service's imports."""

    async def run(app: web.Application) -> None:
        await work(app[DB], importer)
        await app[DB].execute("roster_purge")

    return worker.Job("rosters", POLL_SECONDS, run)


async def work(db: Database, importer: Importer) -> int:
    """Take jobs until none is left to do; returns how many were touched."""
    me = uuid4()
    seen: list[UUID] = []
    while (row := await db.row("roster_claim", worker=me, lease=LEASE_SECONDS, skip=seen)) is not None:
        seen.append(row["id"])
        trace.resume(row["traceparent"])
        await _work_on(_Run(db, importer, row, me))
    return len(seen)


class LeaseLost(Exception):
    """Another worker has the job now."""


class _Stopped(Exception):
    """The thread that reads a package is no longer waited for."""


async def _work_on(run: "_Run") -> None:
    try:
        async with _heartbeat(run):
            await run.go()
    except LeaseLost:
        log.warning("roster_lease_lost", roster_id=str(run.job.id))
    except BrokenPackage as error:
        await run.fail(error.problems)
    except Unavailable:
        raise
    except Exception:
        log.exception("roster_stumbled", roster_id=str(run.job.id), attempts=run.row["attempts"] + 1)
        await _stumble(run)
    finally:
        with suppress(Unavailable):
            await run.execute("roster_release")


async def _stumble(run: "_Run") -> None:
    if run.row["attempts"] + 1 < _ATTEMPTS:
        await run.execute("roster_stumbled")
        return
    message = "the import failed on our side and was given up; what was applied stays, import it again later"
    await run.fail([Problem("(package)", None, None, "internal-error", message)])


@asynccontextmanager
async def _heartbeat(run: "_Run") -> AsyncIterator[None]:
    """Keep the lease while the block runs; losing it ends the block with LeaseLost."""
    working = asyncio.current_task()
    assert working is not None
    beating = asyncio.create_task(_beat(run, working))
    try:
        yield
    except asyncio.CancelledError:
        if not run.lost:
            raise
        working.uncancel()
        raise LeaseLost from None
    finally:
        run.stopped = True
        beating.cancel()


async def _beat(run: "_Run", working: "asyncio.Task[Any]") -> None:
    while True:
        await asyncio.sleep(LEASE_SECONDS / 4)
        with suppress(Unavailable):
            run.lost = await run.execute("roster_hold", lease=LEASE_SECONDS) == 0
        if run.lost:
            working.cancel()
            return


class _Run:
    """One worker's work on one job."""

    def __init__(self, db: Database, importer: Importer, row: Row, me: UUID) -> None:
        self.row = row
        self.lost = False
        self.stopped = False
        self._db = db
        self._importer = importer
        self._me = me
        self._report: dict[str, Any] = row["report"] or {}
        self._progress: Progress = row["progress"]
        self._changes: Changes = {kind: Change(**change) for kind, change in row["changes"].items()}
        self.job = self._described()

    def _described(self) -> RosterJob:
        row = self.row
        return RosterJob(
            row["id"], row["school_id"], row["account_id"], row["package_sha256"], row["dry_run"],
            row["options"], self._report.get("counts", {}),
        )  # fmt: skip

    async def execute(self, query: str, /, **params: Any) -> int:
        return await self._db.execute(query, id=self.job.id, worker=self._me, **params)

    async def go(self) -> None:
        """From where the job stands as far as it can go now."""
        if self.row["status"] == "waiting" and not await self._ready():
            return
        with tempfile.TemporaryFile() as file:
            await self._fetch(file)
            if self.row["status"] == "validating" and not await self._validate(file):
                return
            await self._apply(file)

    async def _ready(self) -> bool:
        return self.job.dry_run or await self._importer.ready(self._db, self.job)

    async def _fetch(self, file: BinaryIO) -> None:
        """The package as a file on disk: it may be larger than what memory should hold."""
        number = 0
        while (data := await self._chunk(number)) is not None:
            await asyncio.to_thread(file.write, data)
            number += 1
        await asyncio.to_thread(file.flush)

    async def _chunk(self, number: int) -> bytes | None:
        data = await self._db.value("roster_chunk", roster_id=self.job.id, number=number)
        return None if data is None else bytes(data)

    async def _validate(self, file: BinaryIO) -> bool:
        """Check the whole package; True when it may be applied now."""
        report: Report = await asyncio.to_thread(
            validate,
            file,
            self._importer.files,
            progress=self._stop_reading,
            may_be_delta=self._importer.may_be_delta,
        )
        self._report = report.as_dict()
        if not report.ok:
            await self._finish("failed")
            return False
        self.job = self._described()
        ready = await self._ready()
        if not self.job.dry_run:
            status = "applying" if ready else "waiting"
            await self._checked("roster_validated", status=status, report=self._report, progress=self._progress)
        return ready

    def _stop_reading(self, *_: object) -> None:
        if self.stopped:
            raise _Stopped

    async def _checked(self, query: str, **params: Any) -> None:
        if await self.execute(query, **params) == 0:
            raise LeaseLost

    async def _apply(self, file: BinaryIO) -> None:
        with Package(file) as package:
            steps = await asyncio.to_thread(self._importer.steps, package, self.job)
            self._progress = {step.name: self._place(step) for step in steps}
            for step in steps:
                await self._take(step)
        await self._finish("done")

    def _place(self, step: Step) -> dict[str, int]:
        known = self._progress.get(step.name, {"done": 0})
        return {"done": known["done"], "total": step.total}

    async def _take(self, step: Step) -> None:
        parts = step.parts(self._progress[step.name]["done"])
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            done, rows = part
            if self.job.dry_run:
                self._changes = merged(self._changes, await step.plan(self._db, rows))
                self._progress[step.name]["done"] = done
            else:
                await self._pause()
                await self._write(step, done, rows)

    async def _pause(self) -> None:
        """Wait while the relay is behind, so that an import delays nobody's events."""
        while await self._db.value("roster_backlog", limit=MOST_UNSENT + 1) > MOST_UNSENT:  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _write(self, step: Step, done: int, rows: Sequence[Any]) -> None:
        """One chunk and its progress, in one transaction."""
        progress = self._progress | {step.name: self._progress[step.name] | {"done": done}}
        async with self._db.transaction() as tx:
            await self._lock(tx)
            changes = merged(self._changes, await step.apply(tx, rows))
            await self._record(tx, "roster_advance", progress=progress, changes=_plain(changes))
        self._progress, self._changes = progress, changes

    async def _lock(self, tx: Executor) -> None:
        if await tx.row("roster_hold", id=self.job.id, worker=self._me, lease=LEASE_SECONDS) is None:
            raise LeaseLost

    async def _record(self, tx: Executor, query: str, **params: Any) -> None:
        await tx.execute(query, id=self.job.id, worker=self._me, **params)

    async def _finish(self, status: str) -> None:
        for place in self._progress.values() if status == "done" else ():
            place["total"] = place["done"]
        async with self._db.transaction() as tx:
            await self._lock(tx)
            if status == "done" and not self.job.dry_run:
                done = sum(place["done"] for place in self._progress.values())
                await self._importer.finish(tx, self.job, self._changes, done)
            await self._record(
                tx, "roster_finish", status=status, report=self._report, progress=self._progress,
                changes=_plain(self._changes),
            )  # fmt: skip
        log.info("roster_finished", roster_id=str(self.job.id), status=status, dry_run=self.job.dry_run)

    async def fail(self, problems: Sequence[Problem]) -> None:
        """End the job with a report of what was wrong."""
        known = self._report.get("problems", [])
        named = known + [problem.as_dict() for problem in problems]
        self._report |= {"problems": named, "problem_count": len(named)}
        with suppress(LeaseLost):
            await self._finish("failed")


def _plain(changes: Changes) -> dict[str, Any]:
    return {kind: change.model_dump() for kind, change in changes.items()}
