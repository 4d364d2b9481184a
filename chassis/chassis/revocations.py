"""How every service learns of ended sessions: its own table, fed by its own queue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Executor
from chassis.events import Event

SESSION_REVOKED = "auth.session-revoked.v1"


def revocation(event: Event) -> tuple[UUID, float]:
    """The session an event ends, and when its last token expires (Unix seconds)."""
    return UUID(event.data["session_id"]), _expiry(event).timestamp()


async def record(tx: Executor, events: Sequence[Event]) -> None:
    """Consumer of `auth.session-revoked.v1`, the same in every service."""
    await tx.execute(
        "revoke_session",
        session_ids=[UUID(event.data["session_id"]) for event in events],
        expires_at=[_expiry(event) for event in events],
    )


def _expiry(event: Event) -> datetime:
    return datetime.fromisoformat(event.data["expires_at"])


HANDLERS = {SESSION_REVOKED: record}
