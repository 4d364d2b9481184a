"""Reads straight from SQL."""

from auth.memberships.models import Membership, MembershipList
from chassis.db import Executor
from chassis.identity import Identity


async def list_memberships(db: Executor, identity: Identity) -> MembershipList:
    """The active memberships of the caller's account."""
    rows = await db.rows("list_own_memberships", account_id=identity.account_id, session_id=identity.session_id)
    return MembershipList(items=[Membership(**row, current=row["school_id"] == identity.school_id) for row in rows])
