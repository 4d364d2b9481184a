"""Going from one school to another."""

from auth.domain import new_refresh_token, token_hash
from auth.memberships.models import Switch
from auth.resources import Auth, Caller
from auth.sessions.commands import SignedIn, identity_of
from chassis.db import Executor, Row
from chassis.errors import Forbidden, HomeroomError, NotFound, Unauthenticated
from chassis.identity import Identity


async def switch(db: Executor, auth: Auth, identity: Identity, wanted: Switch, caller: Caller) -> SignedIn:
    """A session in another school in place of the caller's.

    Raises NotFound where the person is no member, Forbidden without the code of a school not joined yet.
    """
    token = new_refresh_token()
    code = None if wanted.joining_code is None else token_hash(wanted.joining_code)
    row = await db.row(
        "switch_session",
        session_id=identity.session_id,
        account_id=identity.account_id,
        school_id=wanted.school_id,
        joining_code=code,
        hash=token_hash(token),
        days=auth.config.session_days,
        user_agent=caller.user_agent,
        ip=caller.ip,
    )
    if row is None:
        raise _refusal(await _obstacles(db, identity, wanted, code))
    return SignedIn(identity_of(auth, row), token, tuple(row["ids"]))


async def _obstacles(db: Executor, identity: Identity, wanted: Switch, code: bytes | None) -> Row | None:
    return await db.row(
        "read_obstacles",
        session_id=identity.session_id,
        account_id=identity.account_id,
        school_id=wanted.school_id,
        joining_code=code,
    )


def _refusal(obstacles: Row | None) -> HomeroomError:
    if obstacles is None:
        return NotFound("school")
    if obstacles["is_bound"]:
        return Forbidden("sign_in_bound", "This sign-in is for one school alone. Sign in to the other one.")
    if obstacles["wrong_code"]:
        return Forbidden("joining_code_required", "Send the joining code that this school's admin handed out.")
    if obstacles["lacks_second_factor"]:
        return Forbidden("second_factor_enrolment_required", "That school asks for a second factor: set one up first.")
    return Unauthenticated("session_ended", "This sign-in has ended. Sign in again.")
