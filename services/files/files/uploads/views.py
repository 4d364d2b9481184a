"""An upload and what becomes of it."""

import asyncio
import time
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from files.config import Config
from files.models import file_of
from files.storage import Storage, key_of
from files.uploads.commands import in_parts
from files.uploads.models import Form, Upload

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.4


async def find(db: Executor, identity: Identity, file_id: UUID) -> Row:
    """The caller's own upload; raises NotFound."""
    found = await db.row("find_upload", file_id=file_id, school_id=identity.school_id, account_id=identity.account_id)
    if found is None:
        raise NotFound("upload")
    return found


def upload_of(settings: Config, storage: Storage, row: Row) -> Upload:
    """How to send the bytes of a file."""
    form = None
    if row["status"] == "uploading" and not in_parts(settings, row):
        key = key_of(row["school_id"], row["file_id"])
        fields = storage.form(key, row["content_type"], row["size"], row["sha256"])
        form = Form(url=storage.form_url, fields=fields)
    return Upload(file=file_of(row), form=form)


async def verdict(db: Executor, identity: Identity, file_id: UUID, seconds: float) -> Row:
    """The file, as soon as it is inspected, or as it is when the time is up."""
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        row = await find(db, identity, file_id)
        if row["status"] != "checking" or time.monotonic() > deadline:
            return row
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
