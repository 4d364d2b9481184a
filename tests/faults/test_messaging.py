"""Guarantees 1 to 8: events are neither lost nor doubled nor taken back, whatever process dies.

Each guarantee is a scenario that runs sound and broken: the broken run must fail the same check.
`FAULT_ROUNDS` sets the number of kills.
"""

import asyncio
import random
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import aiormq
import psycopg2
import pytest

from chassis import deadletters, inbox, topology
from chassis.db import Executor, connect
from chassis.events import Event
from chassis.testing import PATIENCE_SECONDS, eventually, uuid7
from dev.stack import Stack as NativeStack
from tests.faults.report import ROUNDS, Report, judge

BROKEN_WITHIN = 3.0


@pytest.mark.parametrize("broken", [(), ("mark_before_confirm",)], ids=["sound", "broken"])
async def test_1_relay_killed_between_confirm_and_mark(lab: Any, broken: tuple[str, ...]) -> None:
    lab.start("consumer")
    for _ in range(ROUNDS):
        lab.write(20)
        await lab.ended(lab.start("relay", "die_before_mark", *broken))
    lab.start("relay")
    report = await lab.settled(BROKEN_WITHIN if broken else PATIENCE_SECONDS)
    report.notes["published"] = await streamed(lab.amqp)
    if not broken:
        assert report.notes["published"] > report.attempted, "the kills came too late: nothing was published twice"
    judge(report, bool(broken))


async def test_1_without_an_inbox_the_second_delivery_is_seen(lab: Any) -> None:
    lab.start("consumer", "no_inbox")
    lab.write(20)
    await lab.ended(lab.start("relay", "die_before_mark"))
    lab.start("relay")
    judge(await lab.settled(), broken=True)


@pytest.mark.parametrize("broken", [(), ("two_statements",)], ids=["sound", "broken"])
async def test_2_command_killed_around_its_commit(lab: Any, broken: tuple[str, ...]) -> None:
    for _ in range(max(ROUNDS, 5)):
        process, before = lab.start("writer", *broken), len(lab.rows("SELECT FROM aggregates"))

        async def wrote(before: int = before) -> bool:
            return len(lab.rows("SELECT FROM aggregates")) > before

        await eventually(wrote)
        await asyncio.sleep(random.uniform(0, 0.05))
        lab.kill(process)
    await asyncio.sleep(0.2)
    alone = lab.rows(
        "SELECT FROM aggregates a FULL JOIN outbox o ON o.subject = a.id AND o.sequence = a.version "
        "WHERE a.id IS NULL OR o.id IS NULL"
    )
    written = len(lab.rows("SELECT FROM aggregates"))
    judge(Report(attempted=written, acked=written, lost=len(alone)), bool(broken))


@pytest.mark.parametrize("broken", [(), ("poll_by_last_id",)], ids=["sound", "broken"])
async def test_3_a_slow_transaction_with_a_lower_id(lab: Any, broken: tuple[str, ...]) -> None:
    slow = psycopg2.connect(lab.database)
    with slow.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox (type, subject, school_id, sequence, data) "
            "VALUES ('auth.account-created.v1', uuid7(), uuid7(), 1, '{}')"
        )
    lab.start("consumer")
    lab.start("relay", *broken)
    lab.write(10)
    (await lab.settled()).check()
    slow.commit()
    slow.close()
    judge(await lab.settled(BROKEN_WITHIN if broken else PATIENCE_SECONDS), bool(broken))


@pytest.mark.parametrize("broken", ["", "no_inbox", "ack_before_commit"])
async def test_4_consumer_killed_after_commit_before_ack(lab: Any, broken: str) -> None:
    faults = [broken] if broken else []
    lab.start("relay")
    for _ in range(ROUNDS):
        lab.write(20)
        await lab.ended(lab.start("consumer", "die_before_ack", *faults))
    lab.start("consumer", *faults)
    judge(await lab.settled(BROKEN_WITHIN if broken else PATIENCE_SECONDS), bool(broken))


@pytest.mark.parametrize("broken", [(), ("patient_with_the_stopped",)], ids=["sound", "broken"])
async def test_4_consumer_stopped_inside_its_transaction(lab: Any, broken: tuple[str, ...]) -> None:
    lab.write(1)
    stopped = lab.start("consumer", "stop_inside_transaction", *broken)
    lab.start("relay")
    await eventually(lambda: inside_transaction(lab))
    lab.start("consumer", *broken)
    # The broker misses the heartbeats of the stopped one after 10 to 15 s.
    report = await lab.settled(30 if broken else 2 * PATIENCE_SECONDS)
    stopped.send_signal(signal.SIGCONT)
    assert (await messages(lab.amqp, "homeroom.files.dead") > 0) is bool(broken)
    judge(report, bool(broken))


async def inside_transaction(lab: Any) -> bool:
    """Whether somebody holds what the inbox was told, uncommitted."""
    return bool(
        lab.rows(
            "SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.relation = 'inbox'::regclass "
            "AND l.mode = 'RowExclusiveLock' AND a.state = 'idle in transaction' AND a.datname = current_database()"
        )
    )


@pytest.mark.parametrize("broken", [False, True], ids=["sound", "broken"])
async def test_5_duplicates_shuffles_and_replays_change_nothing(lab: Any, broken: bool) -> None:
    rule = "" if broken else "WHERE excluded.sequence > state.sequence"
    async with connect(lab.database) as database:
        queries: Any = database._queries
        queries["test_state"] = (
            "INSERT INTO state (subject, sequence) VALUES (%(subject)s, %(sequence)s) "
            f"ON CONFLICT (subject) DO UPDATE SET sequence = excluded.sequence {rule}"
        )
        report = Report()
        for seed in range(ROUNDS * 10):
            events = history(random.Random(seed))
            for batch in disordered(events, random.Random(seed)):
                await inbox.apply(database, {"auth.account-updated.v1": upsert}, batch)
            want = {event.subject: max(e.sequence for e in events if e.subject == event.subject) for event in events}
            have = dict(lab.rows("SELECT subject::text, sequence FROM state"))
            report.attempted += len(events)
            report.acked += len(events)
            report.reordered += sum(have[str(subject)] != sequence for subject, sequence in want.items())
    judge(report, broken)


def history(chance: random.Random) -> list[Event]:
    """What happened to a few aggregates, in order."""
    subjects = [uuid7() for _ in range(3)]
    counts = dict.fromkeys(subjects, 0)
    events = []
    for _ in range(12):
        subject = chance.choice(subjects)
        counts[subject] += 1
        events.append(event_of(subject, counts[subject]))
    return events


def event_of(subject: UUID, sequence: int, **data: Any) -> Event:
    return Event("auth.account-updated.v1", "/homeroom/auth", subject, subject, sequence, data)


def disordered(events: list[Event], chance: random.Random) -> Iterator[list[Event]]:
    """The events in batches: shuffled, doubled, and an old part once more."""
    mixed = events + chance.choices(events, k=5)
    chance.shuffle(mixed)
    mixed += events[:6]
    while mixed:
        size = chance.randint(1, 6)
        yield mixed[:size]
        mixed = mixed[size:]


async def upsert(tx: Executor, events: Sequence[Event]) -> None:
    for event in events:
        await tx.execute("test_state", subject=event.subject, sequence=event.sequence)


@pytest.mark.parametrize("broken", [(), ("unchecked_bindings",)], ids=["sound", "broken"])
async def test_6_a_consumers_binding_is_missing(lab: Any, broken: tuple[str, ...]) -> None:
    async with aiormq.connect(lab.amqp) as connection:
        channel = await connection.channel()
        await channel.queue_unbind("homeroom.files", topology.EXCHANGE, "auth.account-updated.v1")
    lab.start("relay", *broken)
    lab.write(10)

    async def is_published() -> bool:
        return bool(lab.rows("SELECT FROM outbox WHERE published_at IS NOT NULL"))

    if broken:
        await eventually(is_published)
    else:
        await asyncio.sleep(1.5)
        assert not await is_published()
    lab.start("consumer")
    report = await lab.settled(BROKEN_WITHIN if broken else PATIENCE_SECONDS)
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("swallow_failures",)], ids=["sound", "broken"])
async def test_7_a_poison_event(lab: Any, broken: tuple[str, ...]) -> None:
    poisoned = lab.start("consumer", *broken)
    lab.start("relay")
    lab.write(30)
    with lab.sql() as cursor:
        cursor.execute(
            "INSERT INTO outbox (type, subject, school_id, sequence, data) "
            "VALUES ('auth.account-created.v1', uuid7(), uuid7(), 1, '{\"poison\": true}')"
        )
    lab.write(30)
    poison = "SELECT event_id FROM outbox WHERE data ? 'poison'"

    async def others_flow() -> bool:
        return bool(lab.rows("SELECT count(*) FROM effects")[0][0] == 60)

    if not broken:
        await eventually(others_flow)

    async def dead() -> bool:
        return await messages(lab.amqp, "homeroom.files.dead") == 1

    try:
        await eventually(dead, BROKEN_WITHIN if broken else PATIENCE_SECONDS)
    except AssertionError:
        assert broken
    lab.kill(poisoned)
    lab.rows(f"UPDATE outbox SET data = '{{}}' WHERE event_id IN ({poison}) RETURNING id")
    assert await redrive_healed(lab) == (0 if broken else 1)
    lab.start("consumer")
    judge(await lab.settled(BROKEN_WITHIN if broken else PATIENCE_SECONDS), bool(broken))


async def redrive_healed(lab: Any) -> int:
    """Redrive to a consumer that can now apply it: here the body is healed instead of the code."""
    async with aiormq.connect(lab.amqp) as connection:
        channel: Any = await connection.channel()
        publish = channel.basic_publish

        async def healed(body: bytes, **options: Any) -> Any:
            return await publish(body.replace(b'"poison":true', b""), **options)

        channel.basic_publish = healed
        return await deadletters.redrive(channel, "files")


async def streamed(amqp: str) -> int:
    """How many messages the stream has kept."""
    found: asyncio.Queue[Any] = asyncio.Queue()
    async with aiormq.connect(amqp) as connection:
        channel = await connection.channel()
        await channel.basic_qos(prefetch_count=1000)
        await channel.basic_consume(topology.STREAM, found.put, arguments={"x-stream-offset": "first"})
        count = -1
        while count < found.qsize():
            count = found.qsize()
            await asyncio.sleep(0.5)
        return count


async def messages(amqp: str, queue: str) -> int:
    """How many messages wait in a queue."""
    async with aiormq.connect(amqp) as connection:
        channel = await connection.channel()
        declared = await channel.queue_declare(queue, passive=True)
        return int(declared.message_count or 0)


@pytest.fixture(scope="module")
def private_broker() -> Iterator[NativeStack]:
    """A broker of this module's own, to be killed."""
    with tempfile.TemporaryDirectory(prefix="homeroom-faults-", ignore_cleanup_errors=True) as folder:
        native = NativeStack(folder, restart=False)
        native.up({"epmd", "rabbitmq"})
        yield native
        native.down()


@pytest.fixture
async def fragile_lab(lab: Any, private_broker: NativeStack) -> Any:
    """The laboratory on the broker that is to be killed."""
    description = private_broker.description()
    lab.amqp, lab.management = description["amqp_url"], description["amqp_management_url"]
    await lab.bind()
    return lab


@pytest.mark.xdist_group("private broker")
@pytest.mark.parametrize("broken", [(), ("fire_and_forget",)], ids=["sound", "broken"])
async def test_8_the_broker_is_killed_under_writes(
    fragile_lab: Any, private_broker: NativeStack, broken: tuple[str, ...]
) -> None:
    lab = fragile_lab
    lab.start("consumer")
    lab.start("relay", *broken)
    lab.write(50)
    (await lab.settled()).check()
    for _ in range(max(1, ROUNDS // 2)):
        writing = asyncio.create_task(asyncio.to_thread(lab.write, 2000))
        await asyncio.sleep(random.uniform(0.1, 0.3))
        await asyncio.to_thread(private_broker.kill, "rabbitmq")
        await writing
        lab.write(100)
        started = time.monotonic()
        await asyncio.to_thread(private_broker.start, "rabbitmq")
        report = await lab.settled(5 if broken else 2 * PATIENCE_SECONDS)
        report.recovery_s = time.monotonic() - started
    judge(report, bool(broken))
