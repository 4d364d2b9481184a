"""Inviting people by their e-mail address, and taking it back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Executor, Row, json_rows, utc_now
from chassis.errors import Conflict, NotFound, TooMany
from chassis.identity import Identity
from classroom.invitations.models import InvitationStatus

# Nobody is written to more often, whoever invites them.
WAIT = timedelta(hours=1)


async def find_invited(db: Executor, identity: Identity, classroom_id: UUID, email: str) -> Row | None:
    """The account of the school that has the address. Raises Conflict for one that cannot be invited as a student."""
    person = await db.row("find_invited", classroom_id=classroom_id, school_id=identity.school_id, email=email)
    if person is None:
        return None
    if person["role"] != "student":
        raise Conflict("wrong_role", f"The account with this address is a {person['role']}'s.")
    if person["status"] != "active":
        raise Conflict("deactivated", "The account with this address is deactivated; an admin may let it in again.")
    if person["attends"]:
        raise Conflict("attends_already", "The student with this address attends the classroom already.")
    return person


async def invite(db: Executor, identity: Identity, classroom_id: UUID, email: str, *, known: bool) -> UUID:
    """Remember the invitation, accepted if the account is `known`. Raises TooMany within an hour of the last letter."""
    scope = {"classroom_id": classroom_id, "school_id": identity.school_id, "email": email}
    status = InvitationStatus.ACCEPTED if known else InvitationStatus.PENDING
    invited: UUID | None = await db.value("invite", account_id=identity.account_id, status=status, wait=WAIT, **scope)
    if invited is not None:
        return invited
    before = await db.row("find_invitation_to", **scope)
    if before is None:
        raise Conflict("classroom_archived", "The classroom is archived; make it active again first.")
    left = int((before["invited_at"] + WAIT - utc_now()).total_seconds())
    raise TooMany(max(1, left), "invited_just_now", "This address was invited just now; wait an hour.")


async def accept(db: Executor, people: Sequence[Row]) -> None:
    """Let students in wherever their address was invited; `people` are {school_id, account_id}."""
    rows = [{"school_id": row["school_id"], "account_id": row["account_id"]} for row in people]
    await db.execute("accept_invitations", rows=json_rows(rows))


async def accept_awaited(db: Executor) -> int:
    """Let up to 500 students in who are awaited although their account is known; returns how many."""
    awaited = await db.rows("list_awaited")
    if awaited:
        await accept(db, awaited)
    return len(awaited)


async def withdraw(db: Executor, identity: Identity, classroom_id: UUID, invitation_id: UUID) -> None:
    """Take an invitation back; raises NotFound, Conflict for one that is accepted."""
    scope = {"id": invitation_id, "classroom_id": classroom_id, "school_id": identity.school_id}
    if await db.value("withdraw_invitation", **scope):
        return
    row = await db.row("find_invitation", **scope)
    if row is None:
        raise NotFound("invitation")
    if row["status"] == InvitationStatus.ACCEPTED:
        raise Conflict("accepted_already", "The student attends the classroom; remove them there.")
