"""Deleting files."""

from uuid import UUID

from chassis.db import Executor
from chassis.errors import Conflict
from chassis.identity import Identity


async def delete(db: Executor, identity: Identity, file_id: UUID, kept_seconds: int) -> None:
    """Delete the caller's own file; raises Conflict while it is attached."""
    gone = await db.value(
        "delete_file",
        file_id=file_id,
        school_id=identity.school_id,
        account_id=identity.account_id,
        kept_seconds=kept_seconds,
    )
    if gone is None:
        raise Conflict("file_attached", "This file is attached; take it off there first.")
