"""Exchanges, queues and bindings: declared by every process that needs them, as often as it likes."""

import asyncio
from typing import Any, cast
from urllib.parse import quote

import aiohttp
import aiormq
from yarl import URL

from chassis.bus import Channel
from chassis.config import setting_or_exit
from chassis.contracts import Contracts

EXCHANGE = "homeroom.events"
STREAM = "homeroom.events.stream"
DEAD_LETTERS = "homeroom.dead-letters"
DELIVERY_LIMIT = 20
DEAD_LETTER_DAYS = 30
STREAM_AGE = "30D"


def queue_of(service: str) -> str:
    """The queue a service consumes."""
    return f"homeroom.{service}"


def dead_queue_of(service: str) -> str:
    """Where the events go that a service could not apply."""
    return f"homeroom.{service}.dead"


async def declare_exchange(channel: Channel) -> None:
    """The exchange, and the stream that keeps all that passes it for 30 days."""
    await channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
    stream: dict[str, Any] = {"x-queue-type": "stream", "x-max-age": STREAM_AGE}
    await channel.queue_declare(STREAM, durable=True, arguments=stream)
    await channel.queue_bind(STREAM, EXCHANGE, "#")


async def declare_consumer(channel: Channel, contracts: Contracts, service: str) -> None:
    """The exchange, a service's queue with its dead-letter queue, and the bindings of its contracts.

    Only a consumer declares its bindings: they say that it can apply those types.
    """
    await declare_exchange(channel)
    await _declare_dead_letters(channel, service)
    await channel.queue_declare(queue_of(service), durable=True, arguments=_queue_arguments(service))
    for name in sorted(contracts.consumed_by(service)):
        await channel.queue_bind(queue_of(service), EXCHANGE, name)


async def _declare_dead_letters(channel: Channel, service: str) -> None:
    await channel.exchange_declare(DEAD_LETTERS, exchange_type="direct", durable=True)
    arguments: dict[str, Any] = {"x-queue-type": "quorum", "x-message-ttl": DEAD_LETTER_DAYS * 24 * 3600 * 1000}
    await channel.queue_declare(dead_queue_of(service), durable=True, arguments=arguments)
    await channel.queue_bind(dead_queue_of(service), DEAD_LETTERS, queue_of(service))


def _queue_arguments(service: str) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": DEAD_LETTERS,
        "x-dead-letter-routing-key": queue_of(service),
        "x-dead-letter-strategy": "at-least-once",
    }


def needed_bindings(contracts: Contracts, service: str) -> set[tuple[str, str]]:
    """(queue, routing key) of everybody who must get what a service publishes, the stream included."""
    names = contracts.produced_by(service)
    consumers = {(queue_of(consumer), name) for name in names for consumer in contracts.types[name].consumers}
    return consumers | {(STREAM, "#")}


async def present_bindings(management_url: str, vhost: str) -> set[tuple[str, str]]:
    """(queue, routing key) of every binding of the exchange, asked of the management API.

    Raises aiohttp.ClientError or TimeoutError when it does not answer.
    """
    path = f"/api/exchanges/{quote(vhost, safe='')}/{EXCHANGE}/bindings/source"
    url = URL(management_url.rstrip("/") + path, encoded=True)
    timeout = aiohttp.ClientTimeout(total=3)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
        response.raise_for_status()
        return {(found["destination"], found["routing_key"]) for found in await response.json()}


async def missing_bindings(contracts: Contracts, service: str, management_url: str, vhost: str) -> set[tuple[str, str]]:
    """What contracts say and the broker lacks; raises as `present_bindings`."""
    return needed_bindings(contracts, service) - await present_bindings(management_url, vhost)


async def _declare_everything(url: str) -> None:
    contracts = Contracts.load()
    async with aiormq.connect(url) as connection:
        channel = cast(Channel, await connection.channel())
        for service in contracts.services():
            await declare_consumer(channel, contracts, service)


def main() -> None:
    """`python -m chassis.topology`: declare every service's queue, so that one service may run alone."""
    asyncio.run(_declare_everything(setting_or_exit("AMQP_URL", "the broker's address")))


if __name__ == "__main__":
    main()
