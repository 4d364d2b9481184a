"""All work handed in for an assignment as one zip, made while it is sent."""

import asyncio
from collections.abc import Iterator, Sequence
from uuid import UUID

from aiohttp import hdrs, web
from zipstream import ZIP_STORED, ZipStream

from chassis.db import Executor, Row
from chassis.identity import Identity
from files.names import disposition, safe_name, unique_names
from files.storage import Storage, key_of


async def list_work(db: Executor, identity: Identity, assignment_id: UUID) -> list[Row] | None:
    """The files of all work that the caller may see as a teacher; None when there are none."""
    found = await db.rows(
        "list_work", assignment_id=assignment_id, school_id=identity.school_id, account_id=identity.account_id
    )
    return found or None


def first_key(rows: Sequence[Row]) -> str:
    """Where the first bytes come from."""
    return key_of(rows[0]["school_id"], rows[0]["file_id"])


def paths(rows: Sequence[Row]) -> list[str]:
    """A folder for each person, whose names may be alike; within it each file's own name, numbered where it repeats."""
    folder_of, unique_folder, unique_path = dict[UUID, str](), unique_names(), unique_names()
    for row in rows:
        if row["attached_by"] not in folder_of:
            folder_of[row["attached_by"]] = unique_folder(safe_name(row["person"] or "unknown").replace(".", "_"))
    return [unique_path(f"{folder_of[row['attached_by']]}/{row['name']}") for row in rows]


async def send(request: web.Request, storage: Storage, rows: Sequence[Row]) -> web.StreamResponse:
    """Stored, not deflated: most files are compressed already, and so the length is known beforehand."""
    stream = ZipStream(compress_type=ZIP_STORED, sized=True)
    for row, path in zip(rows, paths(rows), strict=True):
        stream.add(_bytes(storage, row), path, size=row["size"])
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/zip",
            hdrs.CONTENT_DISPOSITION: disposition("submissions.zip", inline=False),
            hdrs.CACHE_CONTROL: "private, no-store",
            # What the gateway would put aside on its disk is better left in the store.
            "X-Accel-Buffering": "no",
        }
    )
    response.content_length = len(stream)
    await response.prepare(request)
    try:
        await _write(response, iter(stream))
    except BaseException:
        # Cut short of its announced length, so that no half archive looks whole; nothing else can be said by now.
        if request.transport is not None:
            request.transport.abort()
        raise
    return response


async def _write(response: web.StreamResponse, chunks: Iterator[bytes]) -> None:
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        await response.write(chunk)
    await response.write_eof()


def _bytes(storage: Storage, row: Row) -> Iterator[bytes]:
    """Opened only when its turn comes."""
    yield from storage.chunks(key_of(row["school_id"], row["file_id"]))
