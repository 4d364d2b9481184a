"""Reads: how far a request is, and the finished export."""

import asyncio
from uuid import UUID

from auth.personal_data.archive import archive
from auth.personal_data.models import DataRequest
from auth.resources import Caller, actor
from chassis.db import Executor
from chassis.errors import Conflict, NotFound
from chassis.identity import Identity


async def read_request(db: Executor, identity: Identity, account_id: UUID, kind: str) -> DataRequest:
    """The newest request of a kind (`export`, `erasure`) about a person of the caller's school; raises NotFound."""
    request = await find_request(db, identity, account_id, kind)
    if request is None:
        raise NotFound(kind)
    return request


async def find_request(db: Executor, identity: Identity, account_id: UUID, kind: str) -> DataRequest | None:
    """The newest request of a kind about a person of the caller's school, if there was one."""
    row = await db.row("read_personal_data_request", school_id=identity.school_id, account_id=account_id, kind=kind)
    return DataRequest(**{name: row[name] for name in DataRequest.model_fields}) if row else None


async def read_export(db: Executor, identity: Identity, account_id: UUID, caller: Caller) -> bytes:
    """The finished export as a zip; the audit log notes who took it. Raises NotFound, Conflict while it runs."""
    request = await read_request(db, identity, account_id, "export")
    if request.finished_at is None:
        raise Conflict("export_running", "The export is not complete yet; ask again in a few seconds.")
    answers = await db.rows("read_export_contents", id=request.id, school_id=identity.school_id)
    await db.execute("note_export_download", account_id=account_id, **actor(identity, caller))
    return await asyncio.to_thread(archive, answers, request.requested_at)
