"""What a person sees of their own account."""

from auth.sessions.models import Me, SessionList, SessionView
from chassis.db import Executor
from chassis.errors import NotFound
from chassis.identity import Identity


async def read_me(db: Executor, identity: Identity) -> tuple[Me, int]:
    """The caller and the version of their membership; raises NotFound after a deactivation."""
    row = await db.row("read_me", school_id=identity.school_id, account_id=identity.account_id)
    if row is None:
        raise NotFound("account")
    return Me(**{name: row[name] for name in Me.model_fields}), row["version"]


async def list_sessions(db: Executor, identity: Identity) -> SessionList:
    """The living sessions of the caller, in every school."""
    rows = await db.rows("list_own_sessions", account_id=identity.account_id, session_id=identity.session_id)
    return SessionList(items=[SessionView(**row, current=row["id"] == identity.session_id) for row in rows])
