"""The consumer against a real broker and a real database."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from aiormq.abc import DeliveredMessage

from chassis import deadletters, inbox, topology
from chassis.bus import Bus, Channel
from chassis.contracts import ContractError, Contracts
from chassis.db import Database, Executor
from chassis.errors import Unavailable
from chassis.events import Event
from chassis.inbox import Consumer, Handler
from chassis.testing import PATIENCE_SECONDS, Stack, eventually, uuid7

Publish = Callable[..., Awaitable[None]]
Running = Callable[[Awaitable[None]], "asyncio.Task[None]"]

TYPES = ("auth.account-created.v1", "auth.account-updated.v1", "auth.account-deactivated.v1")


def account(name: str = "Ada", sequence: int = 1, event_type: str = TYPES[0]) -> Event:
    return Event(event_type, "/homeroom/auth", uuid7(), uuid7(), sequence, {"name": name})


class Recorder:
    """Handlers that write one row per event they were given, and fail on the names told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.poison: set[str] = set()
        self.calls = 0

    async def handle(self, tx: Executor, events: Sequence[Event]) -> None:
        self.calls += 1
        for event in events:
            await tx.execute("test_effect", id=event.id, name=event.data["name"])
            if event.data["name"] in self.poison:
                raise ValueError(event.data["name"])

    def handlers(self) -> dict[str, Handler]:
        """For all that files consumes; the handler of revoked sessions is built in."""
        return dict.fromkeys(Contracts.load().consumed_by("files") - {"auth.session-revoked.v1"}, self.handle)

    async def effects(self) -> list[str]:
        return [row["name"] for row in await self.database.rows("test_effects")]

    async def wait_for(self, *names: str) -> None:
        async def same() -> bool:
            return await self.effects() == list(names)

        await eventually(same)


@pytest.fixture
async def recorder(database: Database) -> Recorder:
    queries: Any = database._queries
    queries["test_create"] = "CREATE TABLE effects (n serial, id uuid, name text)"
    queries["test_effect"] = "INSERT INTO effects (id, name) VALUES (%(id)s, %(name)s)"
    queries["test_effects"] = "SELECT name FROM effects ORDER BY n"
    await database.execute("test_create")
    return Recorder(database)


@pytest.fixture
def consumer(database: Database, broker: Bus, contracts: Contracts, recorder: Recorder) -> Consumer:
    return Consumer(database, broker, contracts, "files", recorder.handlers())


async def test_each_event_takes_effect_once(
    consumer: Consumer, bound: None, recorder: Recorder, publish: Publish, running: Running
) -> None:
    running(consumer.run(asyncio.Event()))
    first, second = account("first"), account("second")
    await publish(first, first, second, first)
    await publish(second, account("third"))
    await recorder.wait_for("first", "second", "third")


async def test_a_session_revoked_reaches_the_services_table(
    consumer: Consumer, bound: None, publish: Publish, running: Running, database: Database
) -> None:
    running(consumer.run(asyncio.Event()))
    data = {"session_id": str(uuid7()), "account_id": str(uuid7()), "expires_at": "2999-01-01T00:00:00Z"}
    await publish(Event("auth.session-revoked.v1", "/homeroom/auth", uuid7(), uuid7(), 1, data))

    async def known() -> bool:
        rows = await database.rows("list_revoked_sessions")
        return [str(row["session_id"]) for row in rows] == [data["session_id"]]

    await eventually(known)


async def test_only_the_culprit_of_a_batch_is_dead_lettered_and_redriven(
    consumer: Consumer,
    bound: None,
    recorder: Recorder,
    publish: Publish,
    running: Running,
    broker: Bus,
) -> None:
    recorder.poison = {"poison"}
    running(consumer.run(asyncio.Event()))
    await publish(account("a"), account("poison"), account("b"))
    await recorder.wait_for("a", "b")
    async with broker.channel() as channel:

        async def dead() -> list[str]:
            return [deadletters.describe(m) async for m in deadletters.read(channel, "files", 10)]

        (line,) = await eventually(dead)
        assert "auth.account-created.v1 reason=delivery_limit" in line
    recorder.poison = set()
    async with broker.channel() as channel:
        assert await deadletters.redrive(channel, "files") == 1
    await recorder.wait_for("a", "b", "poison")


async def test_what_dies_again_at_once_is_redriven_once(
    bound: None, broker: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(channel: Channel, body: bytes) -> None:
        await channel.basic_publish(body, exchange=topology.DEAD_LETTERS, routing_key=topology.queue_of("files"))

    async def dies_again(channel: Channel, _: str, message: DeliveredMessage) -> None:
        await die(channel, message.body)
        await channel.basic_ack(message.delivery_tag or 0)

    monkeypatch.setattr(deadletters, "_move", dies_again)
    async with broker.channel() as channel:
        for body in (b"1", b"2"):
            await die(channel, body)
        assert await deadletters.redrive(channel, "files", limit=10) == 2


async def test_what_is_no_event_or_not_consumed_goes_to_the_dead_letters(
    consumer: Consumer, bound: None, recorder: Recorder, publish: Publish, running: Running, broker: Bus
) -> None:
    running(consumer.run(asyncio.Event()))
    stranger = account("stranger", event_type="auth.school-registered.v1")
    async with broker.channel() as channel:
        await channel.queue_bind(topology.queue_of("files"), topology.EXCHANGE, stranger.type)
    await publish(b"{]", b'{"specversion": "1.0"}', stranger, account("fine"))
    await recorder.wait_for("fine")
    async with broker.channel() as channel:

        async def three() -> bool:
            return (await channel.queue_declare(topology.dead_queue_of("files"), passive=True)).message_count == 3

        await eventually(three)


async def test_while_the_database_is_away_nothing_is_rejected(
    consumer: Consumer,
    bound: None,
    recorder: Recorder,
    publish: Publish,
    running: Running,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    broker: Bus,
) -> None:
    away, real = True, database.transaction

    def transaction() -> Any:
        if away:
            raise Unavailable("away")
        return real()

    running(consumer.run(asyncio.Event()))
    monkeypatch.setattr(database, "transaction", transaction)
    await publish(account("patient"))

    async def paused() -> bool:
        return bool(inbox.PAUSED._value.get() == 1)

    await eventually(paused)
    await asyncio.sleep(0.5)
    away = False
    await recorder.wait_for("patient")

    async def goes_on() -> bool:
        return not await paused()

    await eventually(goes_on)


async def test_an_event_that_meets_a_lock_is_not_rejected(
    consumer: Consumer, bound: None, recorder: Recorder, publish: Publish, running: Running, database_url: str
) -> None:
    event, failed = account("patient"), inbox.FAILED.labels(TYPES[0])._value.get()
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("INSERT INTO inbox (event_id) VALUES (%s)", [str(event.id)])
        running(consumer.run(asyncio.Event()))
        await publish(event)

        async def paused() -> bool:
            return bool(inbox.PAUSED._value.get() == 1)

        await eventually(paused)
    await recorder.wait_for("patient")
    assert inbox.FAILED.labels(TYPES[0])._value.get() == failed


async def test_while_the_database_takes_no_writes_nothing_is_rejected(
    consumer: Consumer,
    bound: None,
    recorder: Recorder,
    publish: Publish,
    running: Running,
    stack: Stack,
    database_url: str,
) -> None:
    """A standby before it is promoted reads, and refuses to write."""
    failed = inbox.FAILED.labels(TYPES[0])._value.get()
    _takes_writes(stack, database_url, False)
    running(consumer.run(asyncio.Event()))
    await publish(account("patient"))

    async def paused() -> bool:
        return bool(inbox.PAUSED._value.get() == 1)

    await eventually(paused)
    _takes_writes(stack, database_url, True)

    async def applied() -> bool:
        with suppress(Unavailable):  # the connections ended just now
            return await recorder.effects() == ["patient"]
        return False

    await eventually(applied)
    assert inbox.FAILED.labels(TYPES[0])._value.get() == failed


def _takes_writes(stack: Stack, url: str, whether: bool) -> None:
    """From now on; connections that are open are ended, since they keep what they began with."""
    name = urlsplit(url).path.removeprefix("/")
    with closing(psycopg2.connect(stack.admin_database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {'off' if whether else 'on'}")
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


async def test_what_is_too_large_for_an_index_holds_nobody_up(
    consumer: Consumer, bound: None, recorder: Recorder, publish: Publish, running: Running, broker: Bus
) -> None:
    queries: Any = recorder.database._queries
    queries["test_index"] = "CREATE INDEX ON effects (name)"
    await recorder.database.execute("test_index")
    running(consumer.run(asyncio.Event()))
    await publish(account("a"), account(secrets.token_hex(50_000)), account("b"))
    await recorder.wait_for("a", "b")
    async with broker.channel() as channel:

        async def one() -> bool:
            return (await channel.queue_declare(topology.dead_queue_of("files"), passive=True)).message_count == 1

        await eventually(one)


async def test_a_stop_finishes_and_acknowledges_the_batch(
    consumer: Consumer, bound: None, recorder: Recorder, publish: Publish, broker: Bus, manage: Any
) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(consumer.run(stop))
    await publish(*(account(str(n)) for n in range(50)))
    await eventually(recorder.effects)
    stop.set()
    await asyncio.wait_for(task, PATIENCE_SECONDS)
    done = len(await recorder.effects())
    async with broker.channel() as channel:

        async def rest() -> bool:
            left = (await channel.queue_declare(topology.queue_of("files"), passive=True)).message_count
            return left == 50 - done

        await eventually(rest)


async def test_stop_without_a_broker_returns(database: Database, contracts: Contracts, recorder: Recorder) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(
        Consumer(database, Bus("amqp://127.0.0.1:9/", "none"), contracts, "files", recorder.handlers()).run(stop)
    )
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(task, PATIENCE_SECONDS)


async def test_handlers_must_be_what_the_contracts_say(
    database: Database, broker: Bus, contracts: Contracts, recorder: Recorder
) -> None:
    handlers = recorder.handlers()
    with pytest.raises(ContractError, match="school-registered"):
        Consumer(database, broker, contracts, "files", handlers | {"auth.school-registered.v1": recorder.handle})
    del handlers[TYPES[0]]
    with pytest.raises(ContractError, match="account-created"):
        Consumer(database, broker, contracts, "files", handlers)


async def test_apply_groups_by_type_and_keeps_order(recorder: Recorder, database: Database) -> None:
    created, updated = account("1"), account("3", event_type=TYPES[1])
    events = [created, updated, account("2"), created]
    assert await inbox.apply(database, recorder.handlers(), events) == 3
    assert await recorder.effects() == ["1", "2", "3"]
    assert recorder.calls == 2
    assert await inbox.apply(database, recorder.handlers(), events) == 0
    assert recorder.calls == 2
