"""Reads what somebody should know of."""

from datetime import datetime

from chassis.db import Executor
from chassis.identity import Identity, Role
from chassis.paging import PageQuery, decode_cursor, encode_cursor
from classroom.notifications.models import Notification, Notifications


async def list_notifications(db: Executor, identity: Identity, query: PageQuery) -> Notifications:
    """A page, newest first."""
    before, before_id = decode_cursor(query.cursor, datetime.fromisoformat, str) or (None, None)
    rows = await db.rows(
        "list_notifications",
        school_id=identity.school_id,
        account_id=identity.account_id,
        attended=identity.role is Role.STUDENT,
        before=before,
        before_id=before_id,
        limit=query.limit + 1,
    )
    unseen = rows[0]["unseen"] if rows else 0
    shown = [Notification(**{name: row[name] for name in Notification.model_fields}) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return Notifications(
        notifications=shown,
        unseen=unseen,
        next_cursor=encode_cursor(shown[-1].at.isoformat(), shown[-1].id) if more else None,
    )
