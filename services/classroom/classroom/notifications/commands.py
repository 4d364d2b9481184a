"""What time makes known."""

from uuid import UUID

from chassis.db import Database, Executor
from chassis.identity import Identity
from classroom.notifications.models import Seen

_NOTICES = ("forget_due_soon", "notice_due_soon", "notice_open_quizzes")


async def see(db: Executor, identity: Identity, body: Seen, stale: list[str]) -> None:
    """Everything until a moment is seen; nothing that was seen is new again."""
    who: dict[str, UUID] = {"school_id": identity.school_id, "account_id": identity.account_id}
    await db.execute("see_notifications", until=body.until, stale=stale, **who)


async def notice(db: Database) -> None:
    """Whatever time has brought near or taken away since the last look."""
    for query in _NOTICES:
        while await db.value(query):
            pass
