"""Beginning an upload, naming its parts, completing it."""

import math
from collections.abc import Iterator

from minio.datatypes import Part as StoredPart

from chassis.db import Executor, Row
from chassis.errors import Conflict, FieldError, Gone, Invalid
from chassis.identity import Identity
from files.config import Config
from files.kinds import KINDS
from files.limits.models import Limits
from files.names import extension, safe_name
from files.storage import Storage, key_of
from files.uploads.models import NewUpload, Part

UPLOAD_SECONDS = 24 * 3600
_MOST_PARTS = 10_000


async def begin(db: Executor, settings: Config, identity: Identity, limits: Limits, body: NewUpload) -> Row:
    """Make room for a file.

    Raises Invalid for what may not be uploaded, Conflict when there is no room.
    """
    name = safe_name(body.name)
    _check(limits, name, body)
    made = await db.row(
        "begin_upload",
        school_id=identity.school_id,
        owner_id=identity.account_id,
        name=name,
        content_type=body.content_type,
        size=body.size,
        sha256=body.sha256,
        upload_seconds=UPLOAD_SECONDS,
        account_quota=limits.account_quota_bytes,
        school_quota=settings.school_quota_bytes,
    )
    if made is None or made["file_id"] is None:
        raise _no_room(made, limits, body)
    return made


def _check(limits: Limits, name: str, body: NewUpload) -> None:
    errors = list(_faults(limits, name, body))
    if errors:
        raise Invalid.many(errors)


def _faults(limits: Limits, name: str, body: NewUpload) -> Iterator[FieldError]:
    if body.size > limits.max_bytes:
        yield FieldError("body.size", f"Send at most {limits.max_bytes} bytes.", "too_large")
    if body.content_type not in limits.types:
        yield FieldError("body.content_type", "Files of this type are not taken; see GET /limits.", "type_not_allowed")
    elif extension(name) not in KINDS[body.content_type].extensions:
        expected = ", ".join(f".{suffix}" for suffix in sorted(KINDS[body.content_type].extensions))
        yield FieldError("body.name", f"A name of this type ends in {expected}.", "wrong_extension")


def _no_room(made: Row | None, limits: Limits, body: NewUpload) -> Conflict:
    if made is not None and made["account_bytes"] + body.size > limits.account_quota_bytes:
        return Conflict("quota_used_up", "You have no room for this file; delete some you no longer need.")
    return Conflict("school_quota_used_up", "Your school has no room for this file.")


def in_parts(settings: Config, upload: Row) -> bool:
    """Whether the bytes travel in parts."""
    return bool(upload["size"] > settings.parts_above_bytes)


async def parts(db: Executor, settings: Config, storage: Storage, upload: Row) -> list[Part]:
    """Where each part is put and which have arrived; an upload in parts begins with the first call.

    Raises Conflict for a file that travels whole or is complete, Gone when its time is over.
    """
    _check_open(upload)
    if not in_parts(settings, upload):
        raise Conflict("not_in_parts", "This file travels whole: use the form of GET /uploads/{id}.")
    key = key_of(upload["school_id"], upload["file_id"])
    multipart_id = upload["multipart_id"] or await _begin_parts(db, storage, upload, key)
    arrived = {part.part_number: part.size for part in await storage.parts(key, multipart_id) or ()}
    return [
        Part(
            number=number,
            offset=offset,
            size=size,
            url=storage.part_url(key, multipart_id, number),
            stored=arrived.get(number) == size,
        )
        for number, offset, size in layout(upload["size"], settings.part_bytes)
    ]


def _check_open(upload: Row) -> None:
    if upload["status"] != "uploading":
        raise Conflict("upload_complete", "All bytes of this file have arrived.")
    if upload["ended"]:
        raise Gone("upload_ended", "This upload took too long; begin a new one.")


async def _begin_parts(db: Executor, storage: Storage, upload: Row, key: str) -> str:
    """The row keeps one id; what a second caller or a crash leaves over is swept."""
    made = await storage.begin_parts(key, upload["content_type"])
    kept = await db.value("name_parts", file_id=upload["file_id"], school_id=upload["school_id"], multipart_id=made)
    if kept != made:
        await storage.abandon_parts(key, made)
    if kept is None:
        raise Gone("upload_ended", "This upload was given up; begin a new one.")
    return str(kept)


def layout(size: int, part_bytes: int) -> list[tuple[int, int, int]]:
    """(number, offset, size) of each part; the parts grow where there would be more than S3 takes."""
    step = max(part_bytes, math.ceil(size / _MOST_PARTS))
    return [(offset // step + 1, offset, min(step, size - offset)) for offset in range(0, size, step)]


async def complete(db: Executor, settings: Config, storage: Storage, upload: Row) -> None:
    """Hand an upload over to inspection; doing so again changes nothing.

    Raises Conflict when bytes are missing, Gone when its time is over.
    """
    if upload["status"] != "uploading":
        return
    _check_open(upload)
    await _arrive(settings, storage, upload)
    await db.execute("complete_upload", file_id=upload["file_id"], school_id=upload["school_id"])


async def _arrive(settings: Config, storage: Storage, upload: Row) -> None:
    key = key_of(upload["school_id"], upload["file_id"])
    if upload["multipart_id"]:
        arrived = await storage.parts(key, upload["multipart_id"])
        if arrived is not None:
            _check_parts(settings, upload, arrived)
            await storage.join_parts(key, upload["multipart_id"], arrived)
    if await storage.size(key) is None:
        raise Conflict("bytes_missing", "The bytes of this file have not arrived; send them first.")


def _check_parts(settings: Config, upload: Row, arrived: list[StoredPart]) -> None:
    sizes = {part.part_number: part.size for part in arrived}
    expected = {number: size for number, _, size in layout(upload["size"], settings.part_bytes)}
    if sizes != expected:
        missing = [number for number, size in expected.items() if sizes.get(number) != size]
        raise Conflict(
            "parts_missing",
            f"Parts have not arrived: {', '.join(map(str, missing[:20]))}{' …' if len(missing) > 20 else ''}.",
        )
