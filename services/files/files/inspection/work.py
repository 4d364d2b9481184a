"""The inspector: takes files whose bytes have arrived, one at a time, and says whether they are ready or rejected.

One that dies leaves its file to the next; one that finds the store or the scanner away gives it back. Whatever it
leaves in the bucket before its verdict is committed belongs to a row that says so, or is swept.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from chassis.db import Executor, Row
from chassis.errors import Unavailable
from chassis.keys import DB
from chassis.logging import get_logger
from chassis.worker import Job
from files.config import Config
from files.inspection import clamav, process
from files.inspection.findings import Finding, Refused
from files.storage import Storage, key_of, thumbnail_key

log = get_logger(__name__)

INSPECTED = Counter("homeroom_files_inspected_total", "Files inspected", ["verdict"])

_LOOK_SECONDS = 0.2
_RENEW_SECONDS = 3.0


def jobs(settings: Config, storage: Storage) -> list[Job]:
    """As many inspectors as may work at once."""

    async def run(app: web.Application) -> None:
        await inspect_waiting(app[DB], storage, settings)

    return [Job(f"inspect-{number + 1}", _LOOK_SECONDS, run) for number in range(settings.inspections_at_once)]


async def inspect_waiting(db: Executor, storage: Storage, settings: Config) -> None:
    """Inspect until nothing waits."""
    while (row := await db.row("claim_file")) is not None:
        await inspect(db, storage, settings, row)


async def inspect(db: Executor, storage: Storage, settings: Config, row: Row) -> None:
    """Judge one file; raises Unavailable, the file given back, when that cannot be done now."""
    try:
        async with _renewed(db, row["file_id"]):
            thumbnail = await _judge(storage, settings, row)
    except Refused as refused:
        INSPECTED.labels(str(refused.finding)).inc()
        await db.execute("reject_file", file_id=row["file_id"], reason=str(refused.finding))
    except Unavailable:
        await db.execute("return_file", file_id=row["file_id"])
        raise
    else:
        INSPECTED.labels("ready").inc()
        await db.execute("accept_file", file_id=row["file_id"], thumbnail=thumbnail)


async def _judge(storage: Storage, settings: Config, row: Row) -> bool:
    """Whether there is a thumbnail, which is then in the bucket; raises Refused, Unavailable."""
    key = key_of(row["school_id"], row["file_id"])
    with TemporaryDirectory(prefix="homeroom-file-") as folder:
        path, thumbnail = Path(folder) / "file", Path(folder) / "thumbnail"
        await _fetch(storage, row, key, path)
        if settings.clamav_url is not None:
            await clamav.scan(settings.clamav_url, path)
        made = await process.inspect(
            path,
            row["content_type"],
            thumbnail,
            memory=settings.inspection_memory_bytes,
            seconds=settings.inspection_seconds,
        )
        if made:
            await storage.store(thumbnail_key(key), thumbnail, "image/webp")
        return made


async def _fetch(storage: Storage, row: Row, key: str, path: Path) -> None:
    if await storage.size(key) != row["size"]:
        raise Refused(Finding.WRONG_LENGTH)
    if await storage.fetch(key, path) != row["sha256"]:
        raise Refused(Finding.WRONG_HASH)


@asynccontextmanager
async def _renewed(db: Executor, file_id: UUID) -> AsyncIterator[None]:
    """Keep others from taking the file as long as the block runs."""
    renewal = asyncio.create_task(_renew(db, file_id))
    try:
        yield
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal


async def _renew(db: Executor, file_id: UUID) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        with suppress(Unavailable):
            await db.execute("renew_claim", file_id=file_id)
