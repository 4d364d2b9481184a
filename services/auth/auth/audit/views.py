"""Reads for admins: straight from SQL."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson

from auth.audit.models import AuditEntry, AuditFilter, AuditQuery
from chassis.db import Executor, Row
from chassis.identity import Identity
from chassis.paging import Page, decode_cursor, page_of, whole
from chassis.spreadsheets import csv_bytes, harmless

COLUMNS = tuple(AuditEntry.model_fields)
_BATCH = 1000


async def page_audit_log(db: Executor, identity: Identity, query: AuditQuery) -> Page[AuditEntry]:
    """The rows of the caller's school, newest first."""
    (before,) = decode_cursor(query.cursor, whole) or (None,)
    rows = await _rows(db, identity, query, before, query.limit + 1)
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[AuditEntry(**row) for row in shown], next_cursor=cursor)


async def csv_lines(db: Executor, identity: Identity, chosen: AuditFilter) -> AsyncGenerator[bytes, None]:
    """The header, then all rows that are there when it begins, newest first, a batch at a time."""
    yield csv_bytes([COLUMNS])
    before: int | None = None
    while rows := await _rows(db, identity, chosen, before, _BATCH):
        yield csv_bytes([[_cell(row[name]) for name in COLUMNS] for row in rows])
        before = rows[-1]["id"]


async def _rows(db: Executor, identity: Identity, chosen: AuditFilter, before: int | None, limit: int) -> list[Row]:
    return await db.rows(
        "page_audit_log",
        school_id=identity.school_id,
        before_id=before,
        actor_id=chosen.actor_id,
        subject_id=chosen.subject_id,
        action=chosen.action,
        since=chosen.since,
        until=chosen.until,
        limit=limit,
    )


def _cell(value: Any) -> str:
    """Text that a spreadsheet shows and never computes."""
    if value is None:
        return ""
    text = orjson.dumps(value).decode() if isinstance(value, dict) else _plain(value)
    return harmless(text)


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
