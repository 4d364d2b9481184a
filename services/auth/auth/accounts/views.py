"""Reads for admins: straight from SQL."""

from uuid import UUID

from auth.accounts.models import Account, AccountQuery
from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, decode_cursor, page_of


async def read_account(db: Executor, identity: Identity, account_id: UUID) -> Account:
    """One account of the caller's school; raises NotFound."""
    row = await db.row("read_account", school_id=identity.school_id, account_id=account_id)
    if row is None:
        raise NotFound("account")
    return Account(**row)


async def page_accounts(db: Executor, identity: Identity, query: AccountQuery) -> Page[Account]:
    """The accounts of the caller's school, by name."""
    after = decode_cursor(query.cursor, str, UUID) or (None, None)
    rows = await db.rows(
        "page_accounts",
        school_id=identity.school_id,
        after_name=after[0],
        after_id=after[1],
        role=None if query.role is None else str(query.role),
        status=None if query.status is None else str(query.status),
        pattern=None if query.search is None else _pattern(query.search),
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "name", "id")
    return Page(items=[Account(**row) for row in shown], next_cursor=cursor)


def _pattern(search: str) -> str:
    for mark in ("\\", "%", "_"):
        search = search.replace(mark, f"\\{mark}")
    return f"%{search}%"


async def read_school(db: Executor, identity: Identity) -> Row:
    """The caller's school; raises NotFound."""
    row = await db.row("read_school", school_id=identity.school_id)
    if row is None:
        raise NotFound("school")
    return row
