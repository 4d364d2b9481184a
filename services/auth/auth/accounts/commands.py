"""What admins do with accounts, and the school."""

from uuid import UUID

from auth.accounts import views
from auth.accounts.models import AccountChange, CreatedAccount, NewAccount, SchoolChange
from auth.domain import temporary_password, token_hash
from auth.passwords import Passwords
from auth.resources import Caller, actor
from auth.second_factor import commands as second_factor
from chassis.db import Executor, Row
from chassis.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from chassis.etags import edition
from chassis.identity import Identity


async def create_account(
    db: Executor, passwords: Passwords, identity: Identity, new: NewAccount, caller: Caller
) -> CreatedAccount:
    """An account with a temporary password; whoever has one elsewhere keeps it and joins with a code."""
    secret = temporary_password()
    password_hash = await passwords.hash(secret)
    given = new.model_dump(mode="json") | {"password_hash": password_hash, "joining_code": token_hash(secret)}
    given |= actor(identity, caller)
    # Twice: a school that made the account at the same moment is seen only afterwards.
    row = await db.row("create_account", **given) or await db.row("create_account", **given)
    if row is None:
        if await db.value("is_erased_here", school_id=identity.school_id, email=new.email):
            raise Conflict("erased_here", "This person was erased from the school; they need another e-mail address.")
        raise Conflict("already_member", "Somebody with this e-mail address is in the school already.")
    account = await views.read_account(db, identity, row["account_id"])
    password, code = (secret, None) if row["is_new"] else (None, secret)
    return CreatedAccount(account=account, temporary_password=password, joining_code=code)


async def change_account(
    db: Executor,
    identity: Identity,
    account_id: UUID,
    change: AccountChange,
    if_match: str | None,
    caller: Caller,
) -> list[UUID]:
    """Change name, role or status; returns the sessions that ended by it.

    Raises PreconditionFailed for another version than `if_match`, Conflict for the school's last admin.
    """
    row = await db.row(
        "change_account",
        account_id=account_id,
        name=change.name,
        role=_text(change.role),
        status=_text(change.status),
        version=edition(if_match),
        **actor(identity, caller),
    )
    if row is None:
        raise NotFound("account")
    await _judge(db, identity, account_id, change, row)
    return list(row["ids"] or ())


def _text(value: object) -> str | None:
    return None if value is None else str(value)


async def _judge(db: Executor, identity: Identity, account_id: UUID, change: AccountChange, row: Row) -> None:
    if row["verdict"] == "stale":
        current = await views.read_account(db, identity, account_id)
        raise PreconditionFailed(current.model_dump(mode="json"), change.model_dump(mode="json", exclude_none=True))
    if row["verdict"] == "last_admin":
        raise Conflict("last_admin", "A school needs an admin: appoint another one first.")


async def rename(db: Executor, identity: Identity, name: str, if_match: str | None, caller: Caller) -> None:
    """The caller's own name."""
    await change_account(db, identity, identity.account_id, AccountChange(name=name), if_match, caller)


async def set_temporary_password(
    db: Executor, passwords: Passwords, identity: Identity, account_id: UUID, caller: Caller
) -> tuple[str, list[UUID]]:
    """A new temporary password, and the sessions it ended.

    Raises Forbidden for an account that another school, or nobody but its owner, manages.
    """
    account = await views.read_account(db, identity, account_id)
    if not account.managed:
        raise Forbidden("not_managed", "This account belongs to its owner; only they can change its password.")
    password = temporary_password()
    password_hash = await passwords.hash(password)
    row = await db.row(
        "set_temporary_password",
        account_id=account_id,
        password_hash=password_hash,
        **actor(identity, caller),
    )
    if row is None:
        raise Conflict("cannot_sign_in", "This account is deactivated or has no e-mail address.")
    return password, list(row["ids"])


async def end_sessions(db: Executor, identity: Identity, account_id: UUID, caller: Caller) -> list[UUID]:
    """Sign a member out of the school, wherever they are; raises NotFound."""
    await views.read_account(db, identity, account_id)
    rows = await db.rows("end_sessions_of_account", account_id=account_id, **actor(identity, caller))
    return [row["session_id"] for row in rows]


async def set_joining_code(db: Executor, identity: Identity, account_id: UUID, caller: Caller) -> str:
    """Another code for somebody who has not joined yet; raises Conflict for anybody else."""
    await views.read_account(db, identity, account_id)
    code = temporary_password()
    row = await db.row(
        "set_joining_code", account_id=account_id, joining_code=token_hash(code), **actor(identity, caller)
    )
    if row is None:
        raise Conflict("cannot_join", "This account has joined already, or is deactivated.")
    return code


async def change_school(
    db: Executor, identity: Identity, change: SchoolChange, if_match: str | None, caller: Caller
) -> list[UUID]:
    """Name and policy together or not at all; the sessions that ended by the policy."""
    async with db.transaction() as tx:
        row = await tx.row("rename_school", name=change.name, version=edition(if_match), **actor(identity, caller))
        if row is None:
            current = dict(await views.read_school(tx, identity))
            raise PreconditionFailed(current, change.model_dump(mode="json", exclude_none=True))
        if change.second_factor is None:
            return []
        return await second_factor.set_policy(tx, identity, change.second_factor, caller)
