"""Reads what somebody should know of."""

from datetime import datetime

from chassis.db import Executor, Row
from chassis.identity import Identity, Role
from chassis.paging import PageQuery, decode_cursor, page_of
from classroom.notifications.models import Notification, NotificationKind, Notifications
from classroom.notifications.plain import plain


async def list_notifications(db: Executor, identity: Identity, query: PageQuery) -> Notifications:
    """A page, newest first."""
    before_at, before_id = decode_cursor(query.cursor, datetime.fromisoformat, str) or (None, None)
    whose = {
        "school_id": identity.school_id,
        "account_id": identity.account_id,
        "attended": identity.role is Role.STUDENT,
    }
    rows = await db.rows("list_notifications", before_at=before_at, before_id=before_id, limit=query.limit + 1, **whose)
    shown, cursor = page_of(rows, query.limit, "at", "id")
    return Notifications(
        notifications=[_shown(row) for row in shown],
        unseen=await db.value("count_unseen", **whose),
        next_cursor=cursor,
    )


def _shown(row: Row) -> Notification:
    """What was announced is Markdown; every other title is plain text."""
    title = plain(row["title"]) if row["kind"] == NotificationKind.ANNOUNCED else row["title"]
    return Notification(**{**row, "title": title})
