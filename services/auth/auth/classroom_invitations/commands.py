"""Writing to those whom a teacher invites into a classroom."""

from datetime import timedelta

from auth.config import Config
from auth.invitations.commands import send
from auth.mail import letters
from auth.mail.commands import write_letter
from auth.sealing import Sealer
from chassis.db import Database, Executor, Row
from chassis.identity import Role


async def answer_invitation(db: Database, config: Config, sealer: Sealer) -> bool:
    """Write the letter of one invitation; whether there was one.

    A member is told of the classroom. Anybody else is invited into the school too, as a student; an invitation that
    waits already keeps its role. Whom an admin has put out is not written to: a teacher does not let them in again.
    """
    async with db.transaction() as tx:
        row = await tx.row("take_classroom_invitation")
        if row is None:
            return False
        if row["is_member"]:
            await _tell_member(tx, config, sealer, row)
        elif not row["is_out"]:
            await _invite(tx, config, sealer, row)
    return True


async def _tell_member(tx: Executor, config: Config, sealer: Sealer, row: Row) -> None:
    letter = letters.classroom_invitation(row["school_name"], row["classroom_title"], config.public_url)
    life = timedelta(days=config.invitation_days)
    await write_letter(tx, sealer, letter, row["email"], row["school_id"], row["id"], life)


async def _invite(tx: Executor, config: Config, sealer: Sealer, row: Row) -> None:
    given = {
        "school_id": row["school_id"],
        "actor_id": row["invited_by"],
        "session_id": None,
        "ip": "",
        "user_agent": "",
    }
    if row["waiting_id"] is not None:
        query, given = "renew_invitation", given | {"id": row["waiting_id"]}
    else:
        name = row["email"].partition("@")[0]
        query = "create_invitation"
        given |= {"email": row["email"].lower(), "name": name, "role": str(Role.STUDENT)}
    sent = await send(tx, config, sealer, query, given, row["classroom_title"])
    if sent is not None and (row["waiting_id"] is None or row["is_for_classrooms"]):
        await tx.execute("link_classroom_invitation", id=row["id"], invitation_id=sent["id"])
