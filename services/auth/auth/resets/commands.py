"""Forgotten passwords: one function per use case."""

from datetime import timedelta
from uuid import UUID

from auth.config import Config
from auth.domain import new_mail_token, token_hash
from auth.mail import letters
from auth.mail.commands import write_letter
from auth.password_rules import check_password
from auth.resources import Auth, Caller
from auth.sealing import Sealer
from chassis.db import Database, Executor, Row
from chassis.errors import NotFound


async def request_reset(db: Executor, email: str, caller: Caller) -> None:
    """Note the wish. Whether there is such an account is looked up later, so that the answer cannot tell."""
    await db.execute("request_password_reset", email=email, ip=caller.ip, user_agent=caller.user_agent)


async def answer_request(db: Database, config: Config, sealer: Sealer) -> bool:
    """Write the letter of the oldest wish, if its address has an account; whether there was a wish."""
    token, life = new_mail_token(), timedelta(minutes=config.password_reset_minutes)
    async with db.transaction() as tx:
        wish = await tx.row("take_password_reset_request")
        if wish is None:
            return False
        reset = await tx.row("create_password_reset", token_hash=token_hash(token), life=life, **wish)
        if reset is not None:
            letter = letters.password_reset(config.public_url, token, config.password_reset_minutes)
            await write_letter(tx, sealer, letter, reset["email"], reset["school_id"], reset["account_id"], life)
    return True


async def use_reset(db: Executor, auth: Auth, token: str, password: str, caller: Caller) -> tuple[str, list[UUID]]:
    """Set the password; returns the address that the letter proved, and the sessions that ended.

    Raises NotFound for a token that cannot be used.
    """
    hashed = token_hash(token)
    found = _expect(await db.row("find_password_reset", token_hash=hashed))
    check_password("body.password", password, auth.config, found["email"], *found["names"])
    password_hash = await auth.passwords.hash(password)
    row = _expect(
        await db.row(
            "use_password_reset",
            token_hash=hashed,
            password_hash=password_hash,
            ip=caller.ip,
            user_agent=caller.user_agent,
        )
    )
    return found["email"], list(row["ids"])


def _expect(row: Row | None) -> Row:
    if row is None:
        raise NotFound("password reset")
    return row
