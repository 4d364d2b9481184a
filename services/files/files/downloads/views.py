"""Which file a caller may read, and how it is answered."""

from uuid import UUID

from aiohttp import hdrs, web

from chassis.db import Executor, Row
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from files.downloads.models import OwnFile
from files.kinds import KINDS
from files.models import file_of
from files.names import disposition
from files.storage import Storage, key_of, thumbnail_key


async def find(db: Executor, identity: Identity, file_id: UUID) -> Row | None:
    """A file the caller may read."""
    return await db.row("find_file", file_id=file_id, school_id=identity.school_id, account_id=identity.account_id)


async def find_ready(db: Executor, identity: Identity, file_id: UUID) -> Row | None:
    """A file whose bytes the caller may read."""
    row = await find(db, identity, file_id)
    return row if row is not None and row["status"] == "ready" else None


async def own_files(db: Executor, identity: Identity, query: PageQuery) -> Page[OwnFile]:
    """One page of the caller's own files, newest first."""
    position = decode_cursor(query.cursor, UUID)
    rows = await db.rows(
        "list_own_files",
        school_id=identity.school_id,
        account_id=identity.account_id,
        before=position[0] if position else None,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "file_id")
    return Page(items=[OwnFile(**dict(file_of(row)), attached=row["attached"]) for row in shown], next_cursor=cursor)


def content(request: web.Request, storage: Storage, row: Row, *, inline: bool) -> web.Response:
    """The answer with which the gateway sends the bytes; 304 for who has them already."""
    kind = KINDS[row["content_type"]]
    headers: dict[str, str] = {
        hdrs.CONTENT_TYPE: row["content_type"] + ("; charset=utf-8" if kind.content_type.startswith("text/") else ""),
        hdrs.CONTENT_DISPOSITION: disposition(row["name"], inline=inline and kind.inline),
    }
    return _sent(request, storage.location(key_of(row["school_id"], row["file_id"])), row["sha256"], headers)


def thumbnail(request: web.Request, storage: Storage, row: Row) -> web.Response:
    """The answer with which the gateway sends the picture of a file."""
    headers: dict[str, str] = {hdrs.CONTENT_TYPE: "image/webp", hdrs.CONTENT_DISPOSITION: "inline"}
    key = thumbnail_key(key_of(row["school_id"], row["file_id"]))
    return _sent(request, storage.location(key), f"{row['sha256']}-thumbnail", headers)


def _sent(request: web.Request, location: str, tag: str, headers: dict[str, str]) -> web.Response:
    """The bytes under an id never change, so its hash is all that a browser needs to ask about."""
    always = {hdrs.ETAG: f'"{tag}"', hdrs.CACHE_CONTROL: "private, no-cache"}
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=always)
    return web.Response(headers=headers | always | {"X-Accel-Redirect": location})
