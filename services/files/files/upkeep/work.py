"""Timed jobs that give back room: uploads given up, files deleted, blobs that no row knows.

What is removed is decided by the database alone: a blob goes only if its row is given up or missing, and a missing row
is believed only of a blob old enough that its row would be there, and never when most of the bucket looks orphaned.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter, Gauge

from chassis.db import Executor
from chassis.keys import DB
from chassis.logging import get_logger
from chassis.worker import Job
from files.config import Config
from files.storage import Storage, Stored, key_of, thumbnail_key

log = get_logger(__name__)

ORPHANS = Counter("homeroom_files_orphans_removed_total", "Blobs removed that no row needed")
SWEEP_REFUSED = Gauge("homeroom_files_sweep_refused", "1 when the last sweep found too many orphans to believe it")

REMOVE_SECONDS = 10.0
# A row is committed before its first byte may be sent, and its permissions end within a day and an hour.
_OLD = timedelta(hours=26)
_PAGE = 500
# A bucket of which so much looks orphaned is another installation's, or the database is not the one it was.
_FEW = 100
_BELIEVED_SHARE = 0.5


def jobs(settings: Config, storage: Storage) -> list[Job]:
    """The removal every few seconds, the sweep every few hours."""

    async def run_removal(app: web.Application) -> None:
        await remove(app[DB], storage)

    async def run_sweep(app: web.Application) -> None:
        await sweep(app[DB], storage, settings)

    return [Job("remove", REMOVE_SECONDS, run_removal), Job("sweep", settings.sweep_seconds, run_sweep)]


async def remove(db: Executor, storage: Storage) -> None:
    """Give up what is due, then remove it from the bucket."""
    await db.execute("end_uploads")
    await db.execute("revive_files")
    await db.execute("doom_files")
    while rows := await db.rows("list_doomed", limit=_PAGE):
        keys = [key_of(row["school_id"], row["file_id"]) for row in rows]
        for key, row in zip(keys, rows, strict=True):
            if row["multipart_id"]:
                await storage.abandon_parts(key, row["multipart_id"])
        await storage.remove([*keys, *map(thumbnail_key, keys)])
        await db.execute("mark_removed", file_ids=[row["file_id"] for row in rows])


async def sweep(db: Executor, storage: Storage, settings: Config) -> None:
    """Forget what nothing needs: files never attached, parts never joined, blobs without a row."""
    await _delete_unattached(db, settings)
    await abandon_old_parts(db, storage, datetime.now(UTC) - _OLD)
    await remove_orphans(db, storage, datetime.now(UTC) - _OLD)


async def _delete_unattached(db: Executor, settings: Config) -> None:
    last: UUID | None = UUID(int=0)
    while last is not None:
        last = await db.value(
            "delete_unattached",
            after=last,
            limit=_PAGE,
            days=settings.unattached_kept_days,
            kept_seconds=settings.deleted_kept_seconds,
        )


async def abandon_old_parts(db: Executor, storage: Storage, before: datetime) -> None:
    """Uploads in parts that began before and whose file no row needs, or needs no longer."""
    begun = [(key, id_) for key, id_, beginning in await storage.begun_parts() if beginning < before]
    needed = await _needed(db, [key for key, _ in begun])
    for key, multipart_id in begun:
        if (file_id := file_of_key(key)) is not None and file_id not in needed:
            await storage.abandon_parts(key, multipart_id)


async def remove_orphans(db: Executor, storage: Storage, before: datetime) -> int:
    """Remove blobs stored before that no row needs; how many. None of them when there are too many to be believed."""
    seen, orphans = 0, list[str]()
    async for page in _pages(storage):
        needed = await _needed(db, [item.key for item in page])
        seen += len(page)
        orphans += [item.key for item in page if item.modified < before and _orphaned(item.key, needed)]
    refused = len(orphans) > _FEW and len(orphans) > _BELIEVED_SHARE * seen
    SWEEP_REFUSED.set(refused)
    if refused:
        log.error("sweep_refused", orphans=len(orphans), seen=seen)
        return 0
    for start in range(0, len(orphans), _PAGE):
        await storage.remove(orphans[start : start + _PAGE])
    ORPHANS.inc(len(orphans))
    return len(orphans)


async def _pages(storage: Storage) -> AsyncIterator[list[Stored]]:
    after: str | None = None
    while page := await storage.listed(after, _PAGE):
        yield page
        after = page[-1].key


async def _needed(db: Executor, keys: Sequence[str]) -> set[UUID]:
    ids = [file_id for key in keys if (file_id := file_of_key(key)) is not None]
    return {row["file_id"] for row in await db.rows("needed_files", file_ids=ids)}


def _orphaned(key: str, needed: set[UUID]) -> bool:
    """What has not the form of our keys is somebody else's."""
    file_id = file_of_key(key)
    return file_id is not None and file_id not in needed


def file_of_key(key: str) -> UUID | None:
    """Whose bytes a key holds; None when it is no key of ours."""
    parts = key.split("/")
    try:
        school_id, file_id = UUID(parts[0]), UUID(parts[1].removesuffix(".thumbnail"))
    except (ValueError, IndexError):
        return None
    plain = key_of(school_id, file_id)
    return file_id if key in (plain, thumbnail_key(plain)) else None
