"""`python -m <package> republish`: an owner publishes its whole present state, so that a consumer can be built again.

Each source is a named query `republish_<source>`: given `after_parent` and `after_id` (nil at first) and `limit`, it
writes the events of the next aggregates into the outbox and returns their keys as `parent` and `id`, in order. An event
carries the version that the aggregate has, so who knows that version already ignores it; a change made meanwhile has a
higher one, and in whatever order the two arrive it wins.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from chassis import cli
from chassis.db import Database

PAGE = 500
MOST_UNSENT = 2_000
POLL_SECONDS = 0.2
_NIL = UUID(int=0)


async def republish(db: Database, source: str) -> int:
    """Write the events of every aggregate of a source; returns how many aggregates those are.

    Pauses while many events wait, so that it delays nobody else's by much.
    """
    done, parent, last = 0, _NIL, _NIL
    while rows := await db.rows(f"republish_{source}", after_parent=parent, after_id=last, limit=PAGE):
        done += len(rows)
        parent, last = rows[-1]["parent"], rows[-1]["id"]
        await _while_true(lambda: _is_busy(db))
    return done


async def sent(db: Database) -> None:
    """Wait until the broker has all that is in the outbox now; the service's worker sends it."""
    last = await db.value("outbox_last")
    await _while_true(lambda: db.value("outbox_waits_until", last=last))


async def _is_busy(db: Database) -> bool:
    backlog = await db.row("outbox_backlog") or {}
    return int(backlog["unsent"]) > MOST_UNSENT


async def _while_true(holds: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if not await holds():
            return
        await asyncio.sleep(POLL_SECONDS)


def command(sources: Sequence[str]) -> cli.Command:
    """The command of a service with these sources."""

    async def run(db: Database, _: argparse.Namespace) -> int:
        for source in sources:
            print(f"{await republish(db, source)} {source}", flush=True)
        print("waiting for the worker to send them", flush=True)
        await sent(db)
        return 0

    return cli.Command("republish", "publish all that there is once more", run)
