"""What auth's events change here: the copies of schools and accounts, and the packages whose people are known."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.copies import keep
from chassis.db import Executor, Row, json_rows
from chassis.inbox import Event, Handler, newest
from classroom import fragments
from classroom.invitations.commands import accept

# Above this many accounts at once, their school's fragments are refused together instead of one by one.
_NAMED_ACCOUNTS = 20

LECTURES = ("lecture-chat.lecture-opened.v1", "lecture-chat.lecture-closed.v1")
FILES = ("files.file-ready.v1", "files.file-rejected.v1", "files.file-deleted.v1")


async def record_schools(db: Executor, events: Sequence[Event]) -> None:
    """Keep the newest name of each school."""
    rows = [
        {"school_id": event.subject, "name": event.data["name"], "version": event.sequence} for event in newest(events)
    ]
    await _forget_schools(db, await db.rows("upsert_schools", rows=json_rows(rows)))


async def _forget_schools(db: Executor, rows: Iterable[Row]) -> None:
    for school_id in sorted({row["school_id"] for row in rows}):
        await db.execute("renew_school_cache", school_id=school_id)


async def record_accounts(db: Executor, events: Sequence[Event]) -> None:
    """Keep the newest state of each account of each school, and let in who was invited under its address."""
    rows = [_account(event) for event in newest(events)]
    taken = await db.rows("upsert_accounts", rows=json_rows(rows))
    await _forget_people(db, taken)
    await accept(db, taken)


def _account(event: Event) -> dict[str, Any]:
    kept = {name: event.data.get(name) for name in ("email", "name", "role", "status", "source_id")}
    return kept | {"school_id": event.school_id, "account_id": event.subject, "version": event.sequence}


async def _forget_people(db: Executor, taken: Sequence[Row]) -> None:
    if len(taken) > _NAMED_ACCOUNTS:
        await _forget_schools(db, taken)
    elif taken:
        await db.execute("owe_invalidation", keys=sorted(_person_keys(taken)))


def _person_keys(taken: Iterable[Row]) -> Iterable[str]:
    """An account's own fragment, and those of the classrooms and groups that show its name."""
    for row in taken:
        yield fragments.person_key(row["school_id"], row["account_id"])
        for classroom_id in row["taught"]:
            yield from fragments.views(classroom_id)
        yield from row["grouped"]


async def record_rosters(db: Executor, events: Sequence[Event]) -> None:
    """Remember packages whose accounts have all been told of before."""
    rows = [
        {
            "school_id": event.school_id,
            "package_sha256": event.data["package_sha256"],
            "roster_id": event.subject,
            "imported_at": event.time,
        }
        for event in events
    ]
    await db.execute("record_roster", rows=json_rows(rows))


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(FILES, keep("upsert_files")),
    **dict.fromkeys(LECTURES, keep("upsert_lectures")),
    "auth.school-registered.v1": record_schools,
    "auth.account-created.v1": record_accounts,
    "auth.account-updated.v1": record_accounts,
    "auth.account-deactivated.v1": record_accounts,
    "auth.roster-imported.v1": record_rosters,
}
