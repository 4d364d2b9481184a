"""Enrolling, asking for and removing a second factor: one function per use case."""

import hashlib
import time
from dataclasses import dataclass
from uuid import UUID

from auth import own_password
from auth.resources import Auth, Caller, actor
from auth.second_factor import totp
from auth.second_factor.models import Enrolment, FactorRemoval
from auth.tickets import BadTicket
from chassis.db import Executor, Row
from chassis.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from chassis.identity import Identity

_ENROLMENT_SECONDS = 900
_ENROLMENT = "enrolment"


class EnrolmentRequired(Forbidden):
    """The school asks for a second factor; `enrolment_token` is for setting one up, and for nothing else."""

    def __init__(self, auth: Auth, row: Row) -> None:
        super().__init__(
            "second_factor_enrolment_required",
            "The school asks for a second factor. Set one up with the enrolment_token, which also signs you in.",
        )
        content = [str(row["account_id"]), str(row["school_id"]), _print(row)]
        self.extra = {"enrolment_token": auth.tickets.issue(_ENROLMENT, content, _ENROLMENT_SECONDS)}


@dataclass(frozen=True, slots=True)
class Person:
    """Whose factor it is, and in which school and session they speak."""

    account_id: UUID
    school_id: UUID
    session_id: UUID | None = None


def person(identity: Identity) -> Person:
    """The caller."""
    return Person(identity.account_id, identity.school_id, identity.session_id)


async def ask(db: Executor, auth: Auth, row: Row, code: str | None, caller: Caller) -> None:
    """To be called when the password is right: returns when the person may come in, having spent the code.

    Raises Forbidden (a code, or an enrolment, is missing), Unauthenticated (wrong or spent), TooMany.
    """
    if await ask_code(db, auth, row, code, caller):
        raise EnrolmentRequired(auth, row)


async def ask_code(db: Executor, auth: Auth, row: Row, code: str | None, caller: Caller) -> bool:
    """The same for whoever has a factor; returns whether the school asks for one that the person lacks."""
    who = Person(row["account_id"], row["school_id"])
    state = await _state(db, who)
    if state["confirmed"]:
        if code is None:
            raise Forbidden("second_factor_required", "Send a code of your authenticator app, or a recovery code.")
        await _spend(db, auth, who, state, code, caller)
    return bool(state["lacks"])


async def state(db: Executor, identity: Identity) -> Row:
    """Whether the caller has a factor, and must have one."""
    return await _state(db, person(identity))


async def _state(db: Executor, who: Person) -> Row:
    row = await db.row("read_second_factor", account_id=who.account_id, school_id=who.school_id)
    assert row is not None
    return row


async def _spend(db: Executor, auth: Auth, who: Person, state: Row, code: str, caller: Caller) -> None:
    recovered = await db.value(
        "spend_recovery_code",
        account_id=who.account_id,
        school_id=who.school_id,
        hash=totp.recovery_hash(code),
        ip=caller.ip,
        user_agent=caller.user_agent,
    )
    if recovered:
        return
    step = await _step(db, auth, who, state, code)
    if not await db.value("spend_code", account_id=who.account_id, secret=state["secret"], step=step):
        raise _wrong()


async def _step(db: Executor, auth: Auth, who: Person, state: Row, code: str) -> int:
    """The period of a right code. Every try is counted first."""
    if not await db.value("take_attempt", account_id=who.account_id):
        wait = state["locked_for"] or 1
        raise TooMany(wait, "too_many_codes", "Too many wrong codes. Wait, or use a recovery code.")
    secret = auth.factors.open(bytes(state["secret"]), str(who.account_id))
    step = totp.step_of(secret, code, time.time())
    if step is None:
        raise _wrong()
    return step


def _wrong() -> Unauthenticated:
    return Unauthenticated("second_factor_invalid", "This code is wrong, or was used before.")


async def start(db: Executor, auth: Auth, account_id: UUID, email: str | None, school_name: str) -> Enrolment:
    """A new secret, which counts once a code confirms it. Raises Conflict when there is a confirmed one."""
    secret = totp.new_secret()
    sealed = auth.factors.seal(secret, str(account_id))
    if not await db.value("start_second_factor", account_id=account_id, secret=sealed):
        raise Conflict("second_factor_exists", "There is a second factor. Remove it first.")
    return Enrolment(secret=totp.shown_secret(secret), uri=totp.provisioning_uri(secret, email or "", school_name))


async def confirm(db: Executor, auth: Auth, who: Person, code: str, caller: Caller) -> tuple[list[str], list[UUID]]:
    """The recovery codes, and the sessions that ended. Raises Conflict unless an enrolment is open."""
    state = await _state(db, who)
    if state["secret"] is None or state["confirmed"]:
        raise Conflict("no_enrolment", "There is nothing to confirm. Start again.")
    step = await _step(db, auth, who, state, code)
    codes = totp.new_recovery_codes()
    row = await db.row(
        "confirm_second_factor",
        account_id=who.account_id,
        school_id=who.school_id,
        session_id=who.session_id,
        secret=state["secret"],
        step=step,
        hashes=[totp.recovery_hash(each) for each in codes],
        ip=caller.ip,
        user_agent=caller.user_agent,
    )
    if row is None:
        raise Conflict("no_enrolment", "There is nothing to confirm. Start again.")
    return codes, list(row["ids"])


async def remove(db: Executor, auth: Auth, identity: Identity, proof: FactorRemoval, caller: Caller) -> None:
    """By its owner, who shows the password and a code."""
    await own_password.prove(db, auth, identity, "body.password", proof.password)
    who = person(identity)
    state = await _state(db, who)
    if state["confirmed"]:
        await _spend(db, auth, who, state, proof.code, caller)
    await db.execute("remove_second_factor", account_id=identity.account_id, **actor(identity, caller))


async def remove_of(db: Executor, identity: Identity, account_id: UUID, caller: Caller) -> None:
    """By an admin of the school that manages the account; raises Forbidden for any other account."""
    row = await db.row("read_account", school_id=identity.school_id, account_id=account_id)
    if row is None:
        raise NotFound("account")
    if not row["managed"]:
        raise Forbidden("not_managed", "This account belongs to its owner; only they can remove it.")
    await db.execute("remove_managed_second_factor", account_id=account_id, **actor(identity, caller))


async def set_policy(db: Executor, identity: Identity, policy: str, caller: Caller) -> list[UUID]:
    """The sessions that ended; raises Conflict for an admin who would lock themselves out."""
    if policy != "none" and not (await state(db, identity))["confirmed"]:
        raise Conflict("second_factor_missing", "Set up your own second factor first.")
    row = await db.row("set_second_factor_policy", policy=policy, **actor(identity, caller))
    return list(row["ids"]) if row else []


def _print(row: Row) -> str:
    """Changes with the password and the joining code that the login showed."""
    code = bytes(row["joining_code"]).hex() if row["joining_code"] else ""
    return hashlib.sha256(f"{row['password_hash']} {code}".encode()).hexdigest()


async def enrolling(db: Executor, auth: Auth, token: str) -> Row:
    """Who holds an enrolment token; raises Unauthenticated when it, or the login behind it, holds no more."""
    try:
        account_id, school_id, mark = auth.tickets.read(_ENROLMENT, token)
    except BadTicket:
        raise _ended() from None
    row = await db.row("find_enrolling", account_id=UUID(account_id), school_id=UUID(school_id))
    if row is None or mark != _print(row):
        raise _ended()
    return row


def _ended() -> Unauthenticated:
    return Unauthenticated("enrolment_invalid", "This enrolment has ended. Sign in again.")
