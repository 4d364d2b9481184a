"""Events in any order, repeated and in any batches leave the same copies (GUARANTEES 5)."""

import random
from typing import Any
from uuid import uuid4

import pytest

from chassis.db import Database
from chassis.events import Event
from chassis.inbox import apply
from chassis.testing import uuid7
from files.consumers import HANDLERS
from files.testing import attachment, classroom, event

COPIES = {
    "accounts": "SELECT school_id, account_id, name, role, status, version FROM accounts ORDER BY 1, 2",
    "classrooms": "SELECT classroom_id, school_id, status, version FROM classrooms ORDER BY 1",
    "members": "SELECT classroom_id, account_id, role, school_id, status, version FROM members ORDER BY 1, 2, 3",
    "attachments": "SELECT attachment_id, file_id, audience, reader_ids, status, version FROM attachments ORDER BY 1",
}


def history(dice: random.Random) -> list[Event]:
    """What happens to a few subjects, each with versions of its own."""
    school, events = uuid7(), list[Event]()
    for _ in range(3):
        room, account, link, pair = uuid7(), uuid7(), uuid7(), uuid7()
        file = {"file_id": str(uuid7()), "owner_id": str(account)}
        for sequence in range(1, 5):
            kept = dice.random() < 0.5
            state = "active" if kept else "removed"
            person = {"account_id": str(account), "name": f"n{sequence}", "role": "student", "status": "active"}
            member = {"classroom_id": str(room), "student_id": str(account), "status": state}
            events += [
                classroom(room, school, "active" if kept else "deleted", sequence),
                event("auth.account-updated", account, school, person, sequence),
                event(f"classroom.student-{'enrolled' if kept else 'removed'}", pair, school, member, sequence),
                attachment(file, room, school, attachment_id=link, sequence=sequence, status=state,
                           reader_ids=[str(uuid7()) for _ in range(dice.randrange(3))]),
            ]  # fmt: skip
    return events


@pytest.mark.parametrize("seed", range(4))
async def test_order_repetition_and_batches_change_nothing(database: Database, sql: Any, seed: int) -> None:
    dice = random.Random(seed)
    events = history(dice)
    await apply(database, HANDLERS, events)
    expected = {name: sql(query) for name, query in COPIES.items()}
    assert all(expected.values())
    sql("TRUNCATE accounts, classrooms, members, attachments, inbox")
    mixed = [*events, *dice.sample(events, 10)]
    dice.shuffle(mixed)
    while mixed:
        size = dice.randint(1, 7)
        # A second telling has an id of its own: it is the version that is compared.
        batch = [Event(**{**_fields(one), "id": uuid4()}) for one in mixed[:size]]
        mixed = mixed[size:]
        await apply(database, HANDLERS, batch)
    assert {name: sql(query) for name, query in COPIES.items()} == expected


def _fields(one: Event) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Event.__dataclass_fields__}
