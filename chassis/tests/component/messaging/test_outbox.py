"""The relay against a real broker and a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from chassis import outbox, topology
from chassis.bus import Bus
from chassis.contracts import Contracts
from chassis.db import Database
from chassis.events import Event
from chassis.outbox import Relay
from chassis.testing import Stack, eventually

Write = Callable[..., Awaitable[list[UUID]]]
Take = Callable[..., Awaitable[list[Event]]]
Running = Callable[[Awaitable[None]], "asyncio.Task[None]"]

QUEUE = topology.queue_of("classroom")


@pytest.fixture
def relay(database: Database, broker: Bus, contracts: Contracts, stack: Stack) -> Callable[..., Relay]:
    def make(**options: Any) -> Relay:
        return Relay(database, broker, contracts, "auth", stack.amqp_management_url, **options)

    return make


async def unsent(database: Database) -> int:
    return len(await outbox.unsent_events(database, "auth"))


async def none_unsent(database: Database) -> bool:
    return await unsent(database) == 0


async def test_events_arrive_in_order_and_are_marked(
    relay: Callable[..., Relay], bound: None, write: Write, take: Take, running: Running, database: Database
) -> None:
    written = await write(30)
    running(relay().run())
    events = await take(QUEUE, 30)
    assert [event.id for event in events] == written
    assert events[0].source == "/homeroom/auth"
    assert events[0].data["name"] == "Ö"
    await eventually(lambda: none_unsent(database))


async def test_a_lone_event_after_a_pause_is_found(
    relay: Callable[..., Relay], bound: None, write: Write, take: Take, running: Running
) -> None:
    running(relay().run())
    await write()
    assert len(await take(QUEUE, 1)) == 1
    await write()
    assert len(await take(QUEUE, 1)) == 1


async def test_two_relays_have_one_leader(
    relay: Callable[..., Relay], bound: None, write: Write, take: Take, running: Running
) -> None:
    running(relay().run())
    running(relay().run())
    written = await write(60)
    events = await take(QUEUE, 60)
    assert [event.id for event in events] == written
    assert await take(QUEUE, 1, within=0.3) == []


async def test_a_lower_id_that_commits_later_is_published(
    relay: Callable[..., Relay],
    bound: None,
    write: Write,
    take: Take,
    running: Running,
    database_url: str,
) -> None:
    slow = psycopg2.connect(database_url)
    with slow.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox (type, subject, school_id, sequence, data) VALUES "
            "('auth.school-registered.v1', uuid7(), uuid7(), 1, '{}') RETURNING event_id"
        )
        (late,) = cursor.fetchone() or (None,)
    running(relay().run())
    (early,) = await write()
    assert [event.id for event in await take(QUEUE, 1)] == [early]
    slow.commit()
    slow.close()
    assert [event.id for event in await take(QUEUE, 1)] == [UUID(str(late))]


async def test_holds_until_the_consumers_are_bound(
    relay: Callable[..., Relay],
    broker: Bus,
    contracts: Contracts,
    write: Write,
    take: Take,
    running: Running,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "HELD_SECONDS", 0.05)
    written = await write(3)
    running(relay().run())
    await eventually(lambda: gauge(outbox.HELD, 1))
    assert await unsent(database) == 3
    async with broker.channel() as channel:
        for service in contracts.services():
            await topology.declare_consumer(channel, contracts, service)
    assert [event.id for event in await take(QUEUE, 3)] == written
    assert await gauge(outbox.HELD, 0)


async def test_holds_when_a_binding_goes_away_later(
    relay: Callable[..., Relay],
    bound: None,
    broker: Bus,
    write: Write,
    running: Running,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "CHECK_SECONDS", 0.1)
    running(relay().run())
    await write()
    await eventually(lambda: none_unsent(database))
    async with broker.channel() as channel:
        await channel.queue_unbind(QUEUE, topology.EXCHANGE, "auth.school-registered.v1")
    await eventually(lambda: gauge(outbox.HELD, 1))
    await write()
    await asyncio.sleep(0.2)
    assert await unsent(database) == 1


async def test_what_no_queue_takes_stays_unsent(
    relay: Callable[..., Relay],
    bound: None,
    broker: Bus,
    write: Write,
    take: Take,
    running: Running,
    database: Database,
) -> None:
    running(relay().run())
    await write()
    await take(QUEUE, 1)
    async with broker.channel() as channel:
        await channel.queue_unbind(QUEUE, topology.EXCHANGE, "auth.school-registered.v1")
        await channel.queue_unbind(topology.STREAM, topology.EXCHANGE, "#")
        before = outbox.REFUSED._value.get()
        written = await write(2)
        await eventually(lambda: more_refused(before))
        assert await unsent(database) == 2
        # The queue before the stream: with the stream alone the events would have a taker.
        await channel.queue_bind(QUEUE, topology.EXCHANGE, "auth.school-registered.v1")
    assert {event.id for event in await take(QUEUE, 2)} == set(written)


async def more_refused(before: float) -> bool:
    return bool(outbox.REFUSED._value.get() >= before + 2)


async def gauge(metric: Any, value: float) -> bool:
    return bool(metric._value.get() == value)


def invalidation(url: str, *keys: str, event_type: str | None = None) -> None:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox (type, subject, school_id, sequence, data, invalidates) SELECT t, "
            "CASE WHEN t IS NOT NULL THEN uuid7() END, CASE WHEN t IS NOT NULL THEN uuid7() END, "
            "CASE WHEN t IS NOT NULL THEN 1 END, CASE WHEN t IS NOT NULL THEN '{}'::jsonb END, %s "
            "FROM (SELECT %s::text) AS i (t)",
            [list(keys), event_type],
        )


async def test_the_cache_is_told_before_the_row_is_marked(
    relay: Callable[..., Relay], bound: None, running: Running, database: Database, database_url: str
) -> None:
    told: list[tuple[list[str], int]] = []

    async def invalidate(keys: list[str]) -> None:
        # A task of its own: this one holds a transaction of the pool.
        told.append((keys, await asyncio.create_task(unsent(database))))

    invalidation(database_url, "b", "a", event_type="auth.school-registered.v1")
    running(relay(invalidate=invalidate).run())
    await eventually(lambda: none_unsent(database))
    assert told == [(["a", "b"], 1)]


async def test_a_cache_that_is_away_holds_no_event_back(
    relay: Callable[..., Relay],
    bound: None,
    take: Take,
    running: Running,
    database: Database,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "HELD_SECONDS", 0.02)
    away, told = True, list[str]()

    async def invalidate(keys: list[str]) -> None:
        if away:
            raise ConnectionError
        told.extend(keys)

    invalidation(database_url, "k", event_type="auth.school-registered.v1")
    invalidation(database_url, "pure")
    running(relay(invalidate=invalidate).run())
    assert len(await take(QUEUE, 1)) == 1
    await eventually(lambda: none_unsent(database))
    away = False

    async def all_told() -> bool:
        return sorted(told) == ["k", "pure"]

    await eventually(all_told)

    async def none_deferred() -> bool:
        return await database.rows("outbox_invalidations", limit=10) == []

    await eventually(none_deferred)


async def test_sent_rows_are_purged_after_a_day(
    relay: Callable[..., Relay], bound: None, write: Write, running: Running, database: Database, database_url: str
) -> None:
    await write(3)
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE outbox SET published_at = now() - interval '25 hours' WHERE id = 1")
        cursor.execute("UPDATE outbox SET published_at = now() - interval '23 hours' WHERE id = 2")
    await relay()._purge()
    assert [row["id"] for row in await database.rows("list_outbox")] == [2, 3]
