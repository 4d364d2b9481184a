"""Export and erasure of all that is kept of a person in a school: asked by auth, answered by every service.

A service names what it keeps of a person in two queries of its own, each given `school_id` and `account_id`:
`export_person` gives rows (`section`, `record`), where a section becomes a file of the export; `erase_person` forgets
the person, as often as it is run, and gives the cache keys (`key`) that show something of them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from chassis.db import Executor, Row, json_rows, utc_now
from chassis.events import Event

EXPORT_REQUESTED = "auth.export-requested.v1"
ACCOUNT_ERASED = "auth.account-erased.v1"
# So much fits into one message with room to spare; the broker takes far more.
PART_BYTES = 256 * 1024
# As long as an event may come late: the inbox, and so the dead letters, are not kept longer.
REAPPLY_DAYS = 35

Part = dict[str, list[dict[str, Any]]]
Handler = Callable[[Executor, Sequence[Event]], Awaitable[None]]


def handlers(service: str) -> Mapping[str, Handler]:
    """What every service does with auth's two requests."""
    return {EXPORT_REQUESTED: partial(_export, service), ACCOUNT_ERASED: partial(_erase, service)}


def answered(service: str) -> str:
    """The type of a service's answers."""
    return f"{service}.personal-data-answered.v1"


async def _export(service: str, tx: Executor, events: Sequence[Event]) -> None:
    for event in events:
        account_id = UUID(event.data["account_id"])
        rows = await tx.rows("export_person", school_id=event.school_id, account_id=account_id)
        await _answer(tx, service, event, "export", parts(rows))


async def _erase(service: str, tx: Executor, events: Sequence[Event]) -> None:
    for event in events:
        await erase(
            tx, event.school_id, UUID(event.data["account_id"]), datetime.fromisoformat(event.data["erased_at"])
        )
        await _answer(tx, service, event, "erasure", [None])


def parts(rows: Sequence[Row], limit: int = PART_BYTES) -> list[Part]:
    """The records by section, in parts of about `limit` bytes of JSON; at least one part, no record is cut."""
    made: list[Part] = [{}]
    size = 0
    for row in rows:
        cost = len(orjson.dumps(row["record"]))
        if size and size + cost > limit:
            made.append({})
            size = 0
        made[-1].setdefault(row["section"], []).append(row["record"])
        size += cost
    return made


async def _answer(tx: Executor, service: str, event: Event, kind: str, contents: Sequence[Part | None]) -> None:
    shared = {"request_id": event.data["request_id"], "account_id": event.data["account_id"], "kind": kind}
    numbered = [
        shared | {"part": number, "parts": len(contents), "content": content}
        for number, content in enumerate(contents, start=1)
    ]
    await tx.execute(
        "answer_personal_data",
        type=answered(service),
        request_id=UUID(event.data["request_id"]),
        school_id=event.school_id,
        parts=json_rows(numbered),
    )


async def erase(tx: Executor, school_id: UUID, account_id: UUID, erased_at: datetime) -> None:
    """Forget a person here, the cached fragments too; doing it again changes nothing more."""
    rows = [{"school_id": school_id, "account_id": account_id, "erased_at": erased_at}]
    await tx.execute("record_erasures", rows=json_rows(rows))
    await tx.execute("forget_repeated_answers", account_id=account_id)
    found = await tx.rows("erase_person", school_id=school_id, account_id=account_id)
    keys = [row["key"] for row in found if row["key"]]
    if keys:
        await tx.execute("outbox_defer_invalidation", keys=keys)


async def reapply(db: Executor, days: int | None = None) -> int:
    """Forget everybody again who was forgotten here, in the last `days` only if given; returns how many."""
    since = None if days is None else utc_now() - timedelta(days=days)
    erased = await db.rows("list_erasures", since=since)
    for person in erased:
        async with db.transaction() as tx:
            await erase(tx, **person)
    return len(erased)
