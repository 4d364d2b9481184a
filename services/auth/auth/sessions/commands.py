"""Signing in, staying in and signing out: one function per use case."""

from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from auth import own_password
from auth.domain import new_refresh_token, successor, token_hash
from auth.password_rules import check_password
from auth.resources import Auth, Caller, actor
from auth.second_factor import commands as second_factor
from auth.sessions.models import Login, NewSchool, PasswordChange
from chassis.db import Executor, Row
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from chassis.identity import Identity, Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the refresh token to hand out; `ended` are sessions that ended on the way."""

    identity: Identity
    refresh_token: str
    ended: tuple[UUID, ...] = ()


class RefreshReused(Unauthenticated):
    """A refresh token came back after its grace: its family is dead now."""

    def __init__(self, ended: list[UUID]) -> None:
        super().__init__("refresh_reused", "This sign-in was used from two places and was ended. Sign in again.")
        self.ended = ended


async def register_school(db: Executor, auth: Auth, new: NewSchool, caller: Caller) -> SignedIn:
    """A new school with its first admin, who is signed in."""
    check_password("body.password", new.password, auth.config, new.email, new.school_name)
    password_hash = await auth.passwords.hash(new.password)
    async with db.transaction() as tx:
        row = await tx.row(
            "register_school",
            school_name=new.school_name,
            name=new.name,
            email=new.email,
            password_hash=password_hash,
            ip=caller.ip,
            user_agent=caller.user_agent,
        )
        if row is None:
            raise Conflict("email_taken", "There is an account with this e-mail address already.")
        return await opened(tx, auth, row, password_hash, caller)


async def login(db: Executor, auth: Auth, given: Login, caller: Caller) -> SignedIn:
    """Sign in. An unknown address, a missing and a wrong password or code answer alike and take as long."""
    code = None if given.joining_code is None else token_hash(given.joining_code)
    row = await db.row("find_login", email=given.email, joining_code=code, school_id=given.school_id)
    password_hash: str | None = row["password_hash"] if row else None
    matches = await auth.passwords.matches(given.password, password_hash)
    if not matches or row is None or password_hash is None:
        _refuse_login()
    if row["must_change_password"]:
        return await _login_first_time(db, auth, given, row, caller)
    if given.new_password is not None:
        raise Invalid("body.new_password", "Only a temporary password is changed here.", "not_temporary")
    if auth.passwords.is_outdated(password_hash):
        await _renew(db, auth, row, given.password)
        return await login(db, auth, given, caller)
    await second_factor.ask(db, auth, row, given.code, caller)
    return await opened(db, auth, row, password_hash, caller)


def _refuse_login() -> NoReturn:
    raise Unauthenticated("invalid_credentials", "The e-mail address or the password is wrong.")


async def _login_first_time(db: Executor, auth: Auth, given: Login, row: Row, caller: Caller) -> SignedIn:
    if given.new_password is None:
        raise Forbidden(
            "password_change_required", "This password was temporary. Send a new_password along to choose your own."
        )
    if given.new_password == given.password:
        raise Invalid("body.new_password", "Choose another password than the temporary one.", "unchanged")
    check_password("body.new_password", given.new_password, auth.config, given.email, row["school_name"])
    lacks_factor = await second_factor.ask_code(db, auth, row, given.code, caller)
    new_hash = await auth.passwords.hash(given.new_password)
    async with db.transaction() as tx:
        ended = await _replace_password(tx, row, new_hash, None, caller)
        signed_in = None if lacks_factor else await opened(tx, auth, row, new_hash, caller)
    if signed_in is None:
        raise second_factor.EnrolmentRequired(auth, {**row, "password_hash": new_hash})
    return SignedIn(signed_in.identity, signed_in.refresh_token, tuple(ended))


async def _replace_password(
    db: Executor, row: Row, new_hash: str, session_id: UUID | None, caller: Caller
) -> list[UUID]:
    """The sessions that ended. Raises Unauthenticated when the password changed since it was checked."""
    changed = await db.row(
        "change_password",
        account_id=row["account_id"],
        school_id=row["school_id"],
        old_hash=row["password_hash"],
        new_hash=new_hash,
        session_id=session_id,
        ip=caller.ip,
        user_agent=caller.user_agent,
    )
    if changed is None:
        _refuse_login()
    return list(changed["ids"])


async def _renew(db: Executor, auth: Auth, row: Row, password: str) -> None:
    """Hash the password with the parameters of today; a login that does it first is as good."""
    new_hash = await auth.passwords.hash(password)
    await db.execute(
        "renew_password_hash", account_id=row["account_id"], old_hash=row["password_hash"], new_hash=new_hash
    )


async def opened(db: Executor, auth: Auth, row: Row, password_hash: str, caller: Caller) -> SignedIn:
    """A new session, while the password and the code that were checked still hold."""
    token = new_refresh_token()
    session = await db.row(
        "open_session",
        school_id=row["school_id"],
        account_id=row["account_id"],
        password_hash=password_hash,
        joining_code=row["joining_code"],
        has_factor=row["has_factor"],
        hash=token_hash(token),
        days=auth.config.session_days,
        user_agent=caller.user_agent,
        ip=caller.ip,
    )
    if session is None:
        _refuse_login()
    return SignedIn(identity_of(auth, session), token)


def identity_of(auth: Auth, row: Row) -> Identity:
    """Whom a token for the session in `row` speaks for."""
    return Identity(row["account_id"], row["school_id"], row["session_id"], Role(row["role"]), auth.keys.expiry())


async def refresh(db: Executor, auth: Auth, token: str, caller: Caller) -> SignedIn:
    """Exchange a refresh token for its successor.

    Presented again within the grace it gives the same successor; later, it ends the family (RefreshReused).
    """
    following = successor(token, auth.refresh_key)
    row = await db.row(
        "rotate_refresh_token",
        hash=token_hash(token),
        successor=token_hash(following),
        grace=auth.config.refresh_grace_seconds,
        days=auth.config.session_days,
        ip=caller.ip,
        user_agent=caller.user_agent,
    )
    if row is None or row["verdict"] == "ended":
        raise Unauthenticated("refresh_invalid", "The sign-in has ended. Sign in again.")
    if row["verdict"] == "reused":
        raise RefreshReused(list(row["ids"] or ()))
    return SignedIn(identity_of(auth, row), following)


async def logout(db: Executor, token: str, caller: Caller) -> list[UUID]:
    """End the session of a refresh token; an unknown token is fine."""
    rows = await db.rows("end_session_of_token", hash=token_hash(token), ip=caller.ip, user_agent=caller.user_agent)
    return [row["session_id"] for row in rows]


async def change_password(
    db: Executor, auth: Auth, identity: Identity, change: PasswordChange, caller: Caller
) -> list[UUID]:
    """Replace the own password; every other session ends."""
    row = await own_password.prove(db, auth, identity, "body.current_password", change.current_password)
    check_password("body.new_password", change.new_password, auth.config, row["email"], row["school_name"])
    new_hash = await auth.passwords.hash(change.new_password)
    known = {**row, "account_id": identity.account_id}
    return await _replace_password(db, known, new_hash, identity.session_id, caller)


async def end_own_session(db: Executor, identity: Identity, session_id: UUID, caller: Caller) -> list[UUID]:
    """Sign out elsewhere; raises NotFound for a session that is not a living one of the caller."""
    rows = await db.rows("end_own_session", ended_id=session_id, **actor(identity, caller))
    if not rows:
        raise NotFound("session")
    return [row["session_id"] for row in rows]


async def end_own_sessions(db: Executor, identity: Identity, caller: Caller) -> list[UUID]:
    """Sign out everywhere, here as well."""
    rows = await db.rows("end_own_sessions", **actor(identity, caller))
    return [row["session_id"] for row in rows]
