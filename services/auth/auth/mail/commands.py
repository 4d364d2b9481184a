"""Letters are written in the transaction of the command that wants them."""

from datetime import timedelta
from uuid import UUID

import orjson

from auth.mail.letters import Letter
from auth.sealing import Sealer
from chassis.db import Executor

# Bound to each other by the ciphertext, so that no letter can be sent to somebody else's address.
_Content = tuple[str, str]


async def write_letter(
    db: Executor, sealer: Sealer, letter: Letter, recipient: str, school_id: UUID, subject_id: UUID, life: timedelta
) -> None:
    """Put a letter into the outgoing mail; it is given up after `life`."""
    await db.execute(
        "write_mail",
        school_id=school_id,
        recipient=recipient,
        kind=letter.kind,
        subject_id=subject_id,
        sealed=sealed(sealer, letter, recipient),
        life=life,
    )


def sealed(sealer: Sealer, letter: Letter, recipient: str) -> bytes:
    """Subject and text, readable with the secret alone and for this recipient."""
    return sealer.seal(orjson.dumps([letter.subject, letter.text]), recipient)


def opened(sealer: Sealer, data: bytes, recipient: str) -> _Content:
    """Subject and text; raises CannotOpen."""
    subject, text = orjson.loads(sealer.open(data, recipient))
    return subject, text
