"""Asking for a person's data, and for their erasure: one function per use case."""

from uuid import UUID

from auth.personal_data import views
from auth.personal_data.models import DataRequest
from auth.resources import Caller, actor
from chassis.db import Executor
from chassis.errors import Conflict, Invalid, NotFound
from chassis.identity import Identity

# Who must answer: whoever consumes `auth.account-erased`.
SERVICES = ["auth", "classroom", "files", "grading", "lecture-chat"]


async def ask_export(db: Executor, identity: Identity, account_id: UUID, caller: Caller) -> DataRequest:
    """Ask every service for what it keeps; one that runs already is returned. Raises NotFound."""
    await db.execute("ask_export", account_id=account_id, services=SERVICES, **actor(identity, caller))
    return await views.read_request(db, identity, account_id, "export")


async def erase(
    db: Executor, identity: Identity, account_id: UUID, confirm: str, caller: Caller
) -> tuple[DataRequest, list[UUID]]:
    """Forget a person in the caller's school; returns the sessions that ended by it.

    Raises NotFound, Invalid for a confirmation that names somebody else, Conflict.
    """
    row = await db.row(
        "erase_account", account_id=account_id, confirm=confirm, services=SERVICES, **actor(identity, caller)
    )
    verdict = row["verdict"] if row else None
    if verdict == "other":
        raise Invalid("body.confirm", "Repeat the person's e-mail address (without one: the name).", "not_confirmed")
    if verdict == "last_admin":
        raise Conflict("last_admin", "A school needs an admin: appoint another one first.")
    if verdict == "service":
        raise NotFound("person")
    # No row: nobody, or erased before.
    return await views.read_request(db, identity, account_id, "erasure"), list((row and row["ids"]) or ())
