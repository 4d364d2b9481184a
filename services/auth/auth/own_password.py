"""Whoever changes how they sign in shows their password once more; guessing it is slowed down as at the login."""

from auth.resources import Auth
from auth.throttle import own_password_limits
from chassis.db import Executor, Row
from chassis.errors import Invalid, NotFound
from chassis.identity import Identity


async def prove(db: Executor, auth: Auth, identity: Identity, field: str, password: str) -> Row:
    """The caller's row. Raises Invalid for another password, and for an account without one; TooMany."""
    row = await db.row("read_me", school_id=identity.school_id, account_id=identity.account_id)
    if row is None:
        raise NotFound("account")
    limits = own_password_limits(str(identity.account_id), str(identity.session_id))
    await auth.throttle.count(limits)
    if not await auth.passwords.matches(password, row["password_hash"]):
        raise Invalid(field, "This is not the current password.", "wrong_password")
    await auth.throttle.give_back(limits)
    return row
