"""Asking people into a school: one function per use case."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from auth.config import Config
from auth.domain import new_mail_token, token_hash
from auth.invitations.models import Acceptance, Accepted, Invitation, InvitationPreview, NewInvitation
from auth.mail import letters
from auth.mail.commands import write_letter
from auth.password_rules import check_password
from auth.resources import Auth, Caller, actor
from auth.sealing import Sealer
from auth.throttle import letter_limits
from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound, Unauthenticated
from chassis.identity import Identity


async def invite(db: Executor, auth: Auth, identity: Identity, new: NewInvitation, caller: Caller) -> Invitation:
    """An invitation and its letter, whether or not the address has an account. Raises Conflict (a member), TooMany."""
    await auth.throttle.count(letter_limits(identity.school_id, new.email))
    given = new.model_dump(mode="json") | actor(identity, caller)
    row = await _send(db, auth, "create_invitation", given)
    if row is None:
        raise Conflict("already_member", "Somebody with this e-mail address is in the school already.")
    return _shown(row)


async def resend(db: Executor, auth: Auth, identity: Identity, invitation_id: UUID, caller: Caller) -> Invitation:
    """A letter with another token; the one before is void. Raises NotFound, Conflict, TooMany."""
    known = await _expect(db, identity, invitation_id)
    await auth.throttle.count(letter_limits(identity.school_id, known["email"]))
    row = await _send(db, auth, "renew_invitation", {"id": invitation_id, **actor(identity, caller)})
    if row is None:
        raise _over()
    return _shown(row)


async def revoke(db: Executor, identity: Identity, invitation_id: UUID, caller: Caller) -> None:
    """Its token is void from now on."""
    await _expect(db, identity, invitation_id)
    if await db.row("revoke_invitation", id=invitation_id, **actor(identity, caller)) is None:
        raise _over()


async def accept(db: Executor, auth: Auth, token: str, given: Acceptance, caller: Caller) -> Accepted:
    """Make the membership, and the account where there is none; the token is used up.

    Raises NotFound for a token that cannot be used, Unauthenticated for a wrong password of the account there is.
    """
    found = await find(db, token)
    old_hash: str | None = found["password_hash"]
    if old_hash is None:
        check_password("body.password", given.password, auth.config, found["email"], found["school_name"])
        new_hash = await auth.passwords.hash(given.password)
    elif await auth.passwords.matches(given.password, old_hash):
        new_hash = None
    else:
        raise Unauthenticated("invalid_credentials", "This is not the password of the account with this address.")
    row = await db.row(
        "accept_invitation",
        token_hash=token_hash(token),
        old_hash=old_hash,
        new_hash=new_hash,
        name=given.name,
        ip=caller.ip,
        user_agent=caller.user_agent,
    )
    if row is None:
        raise NotFound("invitation")
    return Accepted(**row)


async def find(db: Executor, token: str) -> Row:
    """The invitation of a token that can be used; raises NotFound, alike for unknown, used and expired ones."""
    row = await db.row("find_invitation", token_hash=token_hash(token))
    if row is None:
        raise NotFound("invitation")
    return row


async def _send(db: Executor, auth: Auth, query: str, given: dict[str, Any]) -> Row | None:
    async with db.transaction() as tx:
        return await send(tx, auth.config, auth.mail_sealer, query, given)


async def send(
    tx: Executor, config: Config, sealer: Sealer, query: str, given: dict[str, Any], classroom: str | None = None
) -> Row | None:
    """Make or renew an invitation by the query, and write its letter; None: it makes none."""
    token, life = new_mail_token(), timedelta(days=config.invitation_days)
    row = await tx.row(query, token_hash=token_hash(token), life=life, **given)
    if row is not None:
        where = f"{row['school_name']} ({classroom})" if classroom else row["school_name"]
        letter = letters.invitation(where, row["name"], config.public_url, token, config.invitation_days)
        await write_letter(tx, sealer, letter, row["email"], given["school_id"], row["id"], life)
    return row


async def preview(db: Executor, token: str) -> InvitationPreview:
    """What the holder of the letter may know before accepting; raises NotFound."""
    found = await find(db, token)
    return InvitationPreview(
        **{name: found[name] for name in InvitationPreview.model_fields if name != "has_account"},
        has_account=found["password_hash"] is not None,
    )


async def _expect(db: Executor, identity: Identity, invitation_id: UUID) -> Row:
    row = await db.row("read_invitation", id=invitation_id, school_id=identity.school_id)
    if row is None:
        raise NotFound("invitation")
    return row


def _over() -> Conflict:
    return Conflict("invitation_over", "This invitation was accepted or revoked.")


def _shown(row: Row) -> Invitation:
    return Invitation(**{name: row[name] for name in Invitation.model_fields})
