"""Takes a package in: part by part into the database, never whole in memory."""

import hashlib
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from chassis.api import Reply
from chassis.db import Executor
from chassis.errors import Invalid, Malformed, TooLarge
from chassis.identity import Identity
from chassis.rosters.models import Roster, roster_of

# What the OpenAPI document says of the upload.
FORM = {
    "package": {"type": "string", "format": "binary", "description": "The zip"},
    "quiz_categories": {"type": "string", "description": "Category sourcedIds, separated by commas"},
}
PACKAGE_BYTES = 200 * 2**20
_CHUNK = 256 * 1024
_FIELD_BYTES = 64 * 1024


async def receive(
    request: web.Request,
    identity: Identity,
    db: Executor,
    *,
    dry_run: bool,
    fields: Collection[str] = (),
    limit: int = PACKAGE_BYTES,
) -> Reply[Roster]:
    """Store the part `package` and answer 202 with where the import can be watched.

    The text parts named in `fields` become the import's `options`. Raises TooLarge above `limit` bytes,
    Invalid for an unknown, repeated or missing part.
    """
    _check_head(request, limit)
    roster_id: UUID = await db.value(
        "roster_begin", school_id=identity.school_id, account_id=identity.account_id, dry_run=dry_run
    )
    try:
        upload = _Upload(db, roster_id, limit)
        options = await _read_parts(request, upload, fields)
        row = await db.row("roster_uploaded", id=roster_id, options=options, **upload.outcome())
    except BaseException:
        await db.execute("roster_forget", id=roster_id)
        raise
    assert row is not None
    return Reply(roster_of(row), headers={"Location": f"{request.path}/{roster_id}"}, status=202)


def _check_head(request: web.Request, limit: int) -> None:
    if request.content_type != "multipart/form-data":
        raise Malformed("unsupported_media_type", "Send the package as multipart/form-data, part `package`.")
    if (request.content_length or 0) > limit + 2**20:
        raise _too_large(limit)


def _too_large(limit: int) -> TooLarge:
    return TooLarge("package_too_large", f"A package may have at most {limit} bytes.")


class _Upload:
    """Writes the bytes of a package as numbered chunks."""

    def __init__(self, db: Executor, roster_id: UUID, limit: int) -> None:
        self._db = db
        self._roster_id = roster_id
        self._limit = limit
        self._digest = hashlib.sha256()
        self._size = 0
        self._number = 0

    async def store(self, blocks: AsyncIterator[bytes]) -> None:
        waiting = bytearray()
        async for block in blocks:
            self._count(block)
            waiting += block
            if len(waiting) >= _CHUNK:
                await self._write(bytes(waiting))
                waiting.clear()
        if waiting:
            await self._write(bytes(waiting))

    def _count(self, block: bytes) -> None:
        self._size += len(block)
        if self._size > self._limit:
            raise _too_large(self._limit)
        self._digest.update(block)

    async def _write(self, data: bytes) -> None:
        await self._db.execute("roster_add_chunk", roster_id=self._roster_id, number=self._number, data=data)
        self._number += 1

    def outcome(self) -> dict[str, str | int]:
        if not self._size:
            raise Invalid("package", "Send a OneRoster package as the part `package`.", "missing")
        return {"sha256": self._digest.hexdigest(), "size": self._size}


async def _read_parts(request: web.Request, upload: _Upload, fields: Collection[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    seen: set[str] = set()
    async for part in _parts(request):
        name = part.name or ""
        if name in seen or name not in {"package", *fields}:
            field = name if name in fields else "package"
            raise Invalid(field, "A part is unknown or there twice.", "unexpected_part")
        seen.add(name)
        if name == "package":
            await upload.store(_blocks(part))
        else:
            options[name] = await _text(part, name)
    return options


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    with _malformed():
        reader = await request.multipart()
    while (part := await _next(reader)) is not None:
        if not isinstance(part, BodyPartReader):
            raise Malformed("invalid_multipart", "A part may not hold parts of its own.")
        yield part


async def _next(reader: MultipartReader) -> MultipartReader | BodyPartReader | None:
    with _malformed():
        return await reader.next()


async def _blocks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while True:
        with _malformed():
            block = await part.read_chunk(64 * 1024)
        if not block:
            return
        yield block


@contextmanager
def _malformed() -> Iterator[None]:
    try:
        yield
    except (ValueError, AssertionError, EOFError, HttpProcessingError) as error:
        raise Malformed("invalid_multipart", "The body is no valid multipart/form-data.") from error


async def _text(part: BodyPartReader, name: str) -> str:
    raw = bytearray()
    async for block in _blocks(part):
        raw += block
        if len(raw) > _FIELD_BYTES:
            raise Invalid(name, f"Send at most {_FIELD_BYTES} bytes.", "too_long")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Invalid(name, "Send UTF-8 text.") from None
    if "\x00" in text:
        raise Invalid(name, "Remove the character U+0000.")
    return text.strip()
