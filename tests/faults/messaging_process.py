"""One process of the messaging tests, killed at will: `messaging_process.py relay|consumer|writer OPTIONS`.

OPTIONS is a JSON object: database, amqp, management, `service` (who consumes), and `faults`: names of FAULTS, each of
which makes this process die at a chosen moment or breaks a rule, so that a test can show that it would notice.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import psycopg2

from chassis import bus, db, inbox, logging, outbox, topology
from chassis.contracts import Contracts
from chassis.db import Database, Executor
from chassis.events import Event, encode
from chassis.inbox import Consumer
from chassis.outbox import Relay

PRODUCER = "auth"
COMMAND = (
    "WITH changed AS (INSERT INTO aggregates (id, version) VALUES (%(id)s, 1) "
    "ON CONFLICT (id) DO UPDATE SET version = aggregates.version + 1 RETURNING id, version) "
)
OUTBOX = (
    "INSERT INTO outbox (type, subject, school_id, sequence, data) "
    "SELECT 'auth.account-updated.v1', id, id, version, '{}' FROM changed"
)
QUERIES = {
    "test_effect": "INSERT INTO effects (event_id, subject, sequence) VALUES (%(id)s, %(subject)s, %(sequence)s)",
    "test_state": "INSERT INTO state (subject, sequence) VALUES (%(subject)s, %(sequence)s) "
    "ON CONFLICT (subject) DO UPDATE SET sequence = excluded.sequence WHERE excluded.sequence > state.sequence",
}


def die() -> None:
    """What a power cut does to a process."""
    os.kill(os.getpid(), signal.SIGKILL)


AFTER_EFFECT: Callable[[], object] = int
EFFECT_SECONDS = 0.0


async def effect(tx: Executor, events: Sequence[Event]) -> None:
    """One row per time an event takes effect; a poisoned event fails after its effect."""
    for event in events:
        await tx.execute("test_effect", id=event.id, subject=event.subject, sequence=event.sequence)
        AFTER_EFFECT()
        await asyncio.sleep(EFFECT_SECONDS)
        if "poison" in event.data:
            raise ValueError("poison")


async def upsert(tx: Executor, events: Sequence[Event]) -> None:
    """The newest sequence per subject."""
    for event in events:
        await tx.execute("test_state", subject=event.subject, sequence=event.sequence)


# --- Faults ------------------------------------------------------------------------------------------


def replace(owner: Any, name: str, value: Any) -> None:
    """Break a part of the chassis, in this process alone."""
    setattr(owner, name, value)


def die_before_mark() -> None:
    async def mark(*_: Any) -> None:
        die()

    replace(Relay, "_mark", mark)


def mark_before_confirm() -> None:
    """Broken: a row is marked, and committed, before it is published."""

    async def publish_batch(self: Relay, channel: bus.Channel) -> float:
        rows = await self._db.rows("outbox_unsent", limit=outbox.BATCH)
        await self._db.execute("outbox_mark_sent", ids=[row["id"] for row in rows])
        if "die_before_mark" in OPTIONS["faults"]:
            die()
        await self._publish(channel, rows)
        return 0

    replace(Relay, "_publish_batch", publish_batch)


def fire_and_forget() -> None:
    """Broken: what was written to a socket counts as sent."""

    async def publish(self: Relay, channel: bus.Channel, rows: Sequence[db.Row]) -> tuple[set[int], list[int]]:
        for row in rows:
            event = outbox.event_of(row, PRODUCER)
            asyncio.ensure_future(  # noqa: RUF006
                channel.basic_publish(encode(event), exchange=topology.EXCHANGE, routing_key=event.type)
            )
        return {row["id"] for row in rows}, []

    replace(Relay, "_publish", publish)


def poll_by_last_id() -> None:
    """Broken: rows are read by `id > last seen`."""
    last = 0
    real: Callable[..., Any] = db.Transaction.rows

    async def rows(self: db.Transaction, query: str, /, **params: Any) -> list[db.Row]:
        nonlocal last
        found: list[db.Row] = await real(self, query, **params)
        if query == "outbox_unsent":
            found = [row for row in found if row["id"] > last]
            last = max([last, *(row["id"] for row in found)])
        return found

    replace(db.Transaction, "rows", rows)


def unchecked_bindings() -> None:
    """Broken: the relay asks nobody whether the consumers are bound."""

    async def nothing(*_: Any) -> set[tuple[str, str]]:
        return set()

    replace(topology, "missing_bindings", nothing)


def die_before_ack() -> None:
    async def ack(*_: Any, **__: Any) -> None:
        die()

    replace(bus.Channel, "basic_ack", ack)


def stop_inside_transaction() -> None:
    """Stopped, as by a debugger or a hypervisor, while its transaction holds locks."""
    replace(sys.modules[__name__], "AFTER_EFFECT", lambda: os.kill(os.getpid(), signal.SIGSTOP))


def patient_with_the_stopped() -> None:
    """Broken: a transaction may be idle for as long as it likes, and a lock that is not to be had is a failure."""
    real: Callable[..., Any] = db.load_queries

    def load(package: str) -> dict[str, str]:
        queries: dict[str, str] = real(package)
        if "inbox_record" in queries:
            unlimited = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = '0.2s';"
            queries["inbox_record"] = unlimited + queries["inbox_record"].partition(";")[2]
        return queries

    replace(db, "load_queries", load)


def ack_before_commit() -> None:
    """Broken: the broker forgets a batch before its effect is committed."""
    real = Consumer._settle

    async def settle(self: Consumer, channel: bus.Channel, messages: Sequence[Any]) -> None:
        await REAL_ACK(channel, messages[-1].delivery_tag, multiple=True)
        await asyncio.sleep(0.05)
        if "die_before_ack" in OPTIONS["faults"]:
            die()
        await real(self, channel, messages)

    replace(Consumer, "_settle", settle)


def ten_times_slower() -> None:
    """Every event takes longer than ten, also of a machine that is slow itself."""
    replace(sys.modules[__name__], "EFFECT_SECONDS", 0.05)


def unbounded_prefetch() -> None:
    """Broken: the broker hands over whatever waits."""
    replace(inbox, "PREFETCH", 65_535)


def no_inbox() -> None:
    """Broken: a delivery that was applied before is applied again."""

    async def apply(database: Database, handlers: Any, events: Sequence[Event]) -> int:
        async with database.transaction() as tx:
            for event in events:
                await handlers[event.type](tx, [event])
        return len(events)

    replace(inbox, "apply", apply)


def swallow_failures() -> None:
    """Broken: a failing event is logged and acknowledged."""

    async def settle_one(self: Consumer, channel: bus.Channel, delivery: inbox.Delivery) -> None:
        await channel.basic_ack(delivery.tag)

    replace(Consumer, "_settle_one", settle_one)


def two_statements() -> None:
    """Broken: the outbox row is no part of the command's transaction. Read by the writer."""


FAULTS: dict[str, Callable[[], None]] = {
    found.__name__: found
    for found in (
        die_before_mark,
        mark_before_confirm,
        fire_and_forget,
        poll_by_last_id,
        unchecked_bindings,
        die_before_ack,
        stop_inside_transaction,
        patient_with_the_stopped,
        ack_before_commit,
        ten_times_slower,
        unbounded_prefetch,
        no_inbox,
        swallow_failures,
        two_statements,
    )
}
OPTIONS: dict[str, Any] = {"faults": []}
REAL_ACK = bus.Channel.basic_ack


# --- Roles -------------------------------------------------------------------------------------------


@asynccontextmanager
async def connected() -> Any:
    async with db.connect(OPTIONS["database"]) as database, bus.connect(OPTIONS["amqp"]) as broker:
        queries: Any = database._queries
        queries.update(QUERIES)
        yield database, broker


async def relay() -> None:
    """The relay of the producer."""
    opened: AbstractAsyncContextManager[tuple[Database, bus.Bus]] = connected()
    async with opened as (database, broker):
        outbox.HELD_SECONDS = 0.1
        await Relay(database, broker, Contracts.load(), PRODUCER, OPTIONS["management"]).run()


async def consumer() -> None:
    """A service's consumer, with `effect` for every type."""
    opened: AbstractAsyncContextManager[tuple[Database, bus.Bus]] = connected()
    async with opened as (database, broker):
        contracts, service = Contracts.load(), OPTIONS["service"]
        handlers = dict.fromkeys(contracts.consumed_by(service), effect)
        await Consumer(database, broker, contracts, service, handlers).run(asyncio.Event())


async def writer() -> None:
    """Commands, one after the other, until killed."""
    connection = psycopg2.connect(OPTIONS["database"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        while True:
            command(cursor, f"00000000-0000-7000-8000-{random.randrange(10**12):012d}")


def command(cursor: Any, aggregate: str) -> None:
    """Change an aggregate and write its event: one statement, so one transaction."""
    if "two_statements" in OPTIONS["faults"]:
        cursor.execute(COMMAND + "SELECT FROM changed", {"id": aggregate})
        cursor.execute("SELECT pg_sleep(0.5)")  # so that any kill falls between the two
        cursor.execute(
            "WITH changed AS (SELECT id, version FROM aggregates WHERE id = %(id)s) " + OUTBOX, {"id": aggregate}
        )
    else:
        cursor.execute(COMMAND + OUTBOX, {"id": aggregate})


def main() -> None:
    """Seed the faults, then play the role."""
    OPTIONS.update(json.loads(sys.argv[2]))
    logging.configure(sys.argv[1], "error")
    for name in OPTIONS["faults"]:
        FAULTS[name]()
    asyncio.run({"relay": relay, "consumer": consumer, "writer": writer}[sys.argv[1]]())


if __name__ == "__main__":
    main()
