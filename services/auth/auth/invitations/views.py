"""Reads for admins: straight from SQL."""

from uuid import UUID

from auth.invitations.models import Invitation, InvitationCounts
from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of


async def page_invitations(db: Executor, identity: Identity, query: PageQuery) -> Page[Invitation]:
    """The invitations of the caller's school, newest first."""
    (before,) = decode_cursor(query.cursor, UUID) or (None,)
    rows = await db.rows("page_invitations", school_id=identity.school_id, before_id=before, limit=query.limit + 1)
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[Invitation(**row) for row in shown], next_cursor=cursor)


async def count_invitations(db: Executor, identity: Identity) -> InvitationCounts:
    """The invitations of the caller's school by what became of them."""
    return InvitationCounts(**(await db.row("count_invitations", school_id=identity.school_id) or {}))
