"""Everything built again from events into an empty schema, while the old one serves; then the two change names.

1. `python -m grading rebuild begin` makes the schema `grading_next` and a second queue that gets all grading consumes.
2. The owners publish what they have: `python -m auth republish`, `python -m classroom republish`.
3. `python -m grading rebuild finish` applies the queue to the new schema, compares, and switches.

The consumer that serves goes on all the while. What it applied to the old schema shortly before the switch is still in
the second queue, which is emptied once more after it; the inbox, which went with the new schema, drops what came twice.
Each step may be run again after it failed. Needs ADMIN_DATABASE_URL and AMQP_URL besides DATABASE_URL.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiormq
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from chassis import cli, db, topology
from chassis.bus import Channel
from chassis.config import setting_or_exit
from chassis.contracts import Contracts, default_contracts
from chassis.db import Database
from chassis.events import decode
from chassis.inbox import Handler, apply, complete_handlers
from chassis.migrate import migrate
from grading.attention.jobs import judge_all
from grading.consumers import HANDLERS
from grading.recompute import recompute

QUEUE = f"{topology.queue_of('grading')}.rebuild"
NEXT = "grading_next"
BATCH = 200


def next_url(url: str) -> str:
    """The service's URL with the new schema first; once that has taken the old name, it is found by that."""
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{NEXT}%2Cgrading"


@asynccontextmanager
async def rebuilding(url: str, admin_url: str, amqp_url: str) -> AsyncIterator["Rebuild"]:
    """Connections to both schemas and to the broker."""
    async with (
        db.connect(admin_url, "grading", maxsize=1) as admin,
        db.connect(next_url(url), "grading", maxsize=1) as database,
        aiormq.connect(amqp_url) as connection,
    ):
        channel: Any = await connection.channel()
        yield Rebuild(url, admin, database, channel, default_contracts())


class Rebuild:
    """The steps of building again; use `rebuilding`."""

    def __init__(self, url: str, admin: Database, database: Database, channel: Channel, contracts: Contracts) -> None:
        self._url = url
        self._admin = admin
        self._database = database
        self._channel = channel
        self._contracts = contracts
        self._handlers: dict[str, Handler] = complete_handlers(contracts, "grading", HANDLERS)

    async def begin(self) -> None:
        """An empty schema, and a queue that gets from now on what the service consumes."""
        await self._admin.execute("rebuild_prepare")
        migrate("grading", self._url, schema=NEXT)
        await self._channel.queue_delete(QUEUE)
        await topology.declare_exchange(self._channel)
        await self._channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        for name in sorted(self._contracts.consumed_by("grading")):
            await self._channel.queue_bind(QUEUE, topology.EXCHANGE, name)

    async def drain(self) -> int:
        """Apply what is in the queue until it is empty, and judge by it; returns how many events that were.

        An event that cannot be applied is raised and stays in the queue.
        """
        applied = 0
        while messages := await self._batch():
            await apply(self._database, self._handlers, [decode(message.body) for message in messages])
            await self._channel.basic_ack(messages[-1].delivery_tag or 0, multiple=True)
            applied += len(messages)
        await judge_all(self._database)
        return applied

    async def _batch(self) -> list[DeliveredMessage]:
        messages: list[DeliveredMessage] = []
        while len(messages) < BATCH:
            message = await self._channel.basic_get(QUEUE)
            if isinstance(message.delivery, Basic.GetEmpty):
                break
            messages.append(message)
        return messages

    async def is_prepared(self) -> bool:
        """Whether there is a new schema that has not taken the old one's place yet."""
        return bool(await self._admin.value("rebuild_is_prepared"))

    async def findings(self) -> list[str]:
        """Why the new schema may not serve yet."""
        rows = await self._admin.rows("rebuild_shortfalls")
        short = [f"{row['name']}: {row['next']} of {row['serving']}" for row in rows]
        differences = recompute(self._database, mend=False)
        return short + [f"{row['figure']} of {row['classroom_id']}" async for row in differences]

    async def switch(self) -> None:
        """The new schema serves from now on; what its consumer had before only in the old one is applied to it."""
        await self._admin.execute("rebuild_switch")

    async def end(self, *, keep_old: bool = False) -> None:
        """No second queue any more; and, unless it is kept, no old schema."""
        await self._channel.queue_delete(QUEUE)
        if not keep_old:
            await self._admin.execute("rebuild_forget")


async def _run(_: Database, options: argparse.Namespace) -> int:
    url = setting_or_exit("DATABASE_URL", "grading's own")
    admin_url = setting_or_exit("ADMIN_DATABASE_URL", "the administrator's, who makes the second schema")
    async with rebuilding(url, admin_url, setting_or_exit("AMQP_URL", "the broker's address")) as rebuild:
        return await (_begin(rebuild) if options.step == "begin" else _finish(rebuild, options))


async def _begin(rebuild: Rebuild) -> int:
    await rebuild.begin()
    print("now run `python -m auth republish` and `python -m classroom republish`, then `rebuild finish`")
    return 0


async def _finish(rebuild: Rebuild, options: argparse.Namespace) -> int:
    print(f"{await rebuild.drain()} events applied")
    if await rebuild.is_prepared():
        findings = await rebuild.findings()
        if findings and not options.force:
            print("not switched (--force does it all the same):", *findings, sep="\n  ")
            return 1
        await rebuild.switch()
    print(f"{await rebuild.drain()} events applied after the switch")
    await rebuild.end(keep_old=options.keep_old)
    return 0


COMMAND = cli.Command(
    "rebuild",
    "build everything again from events beside what serves, then switch",
    _run,
    {
        "step": {"choices": ["begin", "finish"]},
        "--keep-old": {"action": "store_true", "help": "keep the old schema as grading_old"},
        "--force": {"action": "store_true", "help": "switch although something is missing or differs"},
    },
)
