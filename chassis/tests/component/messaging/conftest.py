"""A vhost per test, and ways to write outbox rows and to look into queues."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import pytest
import structlog
from aiormq.abc import DeliveredMessage

from chassis import bus, topology, trace
from chassis.bus import Bus
from chassis.contracts import Contracts
from chassis.events import Event, decode, encode
from chassis.outbox import properties_of
from chassis.testing import PATIENCE_SECONDS, Stack, uuid7

Manage = Callable[..., Awaitable[Any]]


@pytest.fixture
def package() -> str:
    return "auth"


@pytest.fixture
def contracts() -> Contracts:
    return Contracts.load()


@pytest.fixture
async def manage(stack: Stack) -> AsyncIterator[Manage]:
    """Call the broker's management API."""
    async with aiohttp.ClientSession(stack.amqp_management_url) as session:

        async def call(method: str, path: str, **body: str) -> Any:
            async with session.request(method, path, json=body or None) as response:
                response.raise_for_status()
                return await response.json(content_type=None)

        yield call


@pytest.fixture
async def own_amqp_url(stack: Stack, manage: Manage) -> AsyncIterator[str]:
    """A broker vhost of this test's own."""
    name, parts = f"test-{secrets.token_hex(6)}", urlsplit(stack.amqp_url)
    await manage("PUT", f"/api/vhosts/{name}")
    await manage("PUT", f"/api/permissions/{name}/{parts.username}", configure=".*", write=".*", read=".*")
    yield parts._replace(path=f"/{name}").geturl()
    await manage("DELETE", f"/api/vhosts/{name}")


@pytest.fixture
async def broker(own_amqp_url: str) -> AsyncIterator[Bus]:
    async with bus.connect(own_amqp_url, "test") as connected:
        yield connected


@pytest.fixture
async def bound(broker: Bus, contracts: Contracts) -> None:
    """All queues and bindings of the contracts."""
    async with broker.channel() as channel:
        for service in contracts.services():
            await topology.declare_consumer(channel, contracts, service)


@pytest.fixture
def write(database_url: str) -> Callable[..., Awaitable[list[UUID]]]:
    """Write outbox rows of one type, each a new aggregate; returns their event ids."""

    async def insert(count: int = 1, event_type: str = "auth.school-registered.v1") -> list[UUID]:
        return [await asyncio.to_thread(_insert, database_url, event_type) for _ in range(count)]

    return insert


def _insert(url: str, event_type: str) -> UUID:
    import psycopg2

    school = str(uuid7())
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox (type, subject, school_id, sequence, data) "
            "VALUES (%s, %s, %s, 1, jsonb_build_object('school_id', %s, 'name', 'Ö')) RETURNING event_id",
            [event_type, school, school, school],
        )
        found = cursor.fetchone()
        assert found
        return UUID(str(found[0]))


async def drain(broker: Bus, queue: str, count: int, within: float = PATIENCE_SECONDS) -> list[Event]:
    """The next `count` events of a queue (fewer when they don't come), acknowledged."""
    found: list[Event] = []
    messages: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
    async with broker.channel() as channel:
        await channel.basic_qos(prefetch_count=1)
        await channel.basic_consume(queue, messages.put)
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while len(found) < count:
                    message = await messages.get()
                    await channel.basic_ack(message.delivery_tag or 0)
                    found.append(decode(message.body))
    return found


@pytest.fixture
def take(broker: Bus) -> Callable[..., Awaitable[list[Event]]]:
    async def get(queue: str, count: int, within: float = PATIENCE_SECONDS) -> list[Event]:
        return await drain(broker, queue, count, within)

    return get


@pytest.fixture
async def running() -> AsyncIterator[Callable[[Awaitable[None]], "asyncio.Task[None]"]]:
    """Run something in the background until the test ends."""
    tasks: list[asyncio.Task[None]] = []

    def start(work: Any) -> "asyncio.Task[None]":
        tasks.append(asyncio.create_task(work))
        return tasks[-1]

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def publish(broker: Bus) -> Callable[..., Awaitable[None]]:
    """Publish events (or raw bodies with a routing key) and wait for the confirms."""

    async def send(*events: Event | bytes, key: str = "auth.account-created.v1") -> None:
        async with broker.channel() as channel:
            for event in events:
                if isinstance(event, bytes):
                    await channel.basic_publish(event, exchange=topology.EXCHANGE, routing_key=key)
                else:
                    await channel.basic_publish(
                        encode(event),
                        exchange=topology.EXCHANGE,
                        routing_key=event.type,
                        properties=properties_of(event),
                    )

    return send


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Short tracebacks: drawing them takes longer than the tests."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[trace.add_request_id, renderer])
