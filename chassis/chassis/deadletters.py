"""Events that a service could not apply: `python -m chassis.deadletters list|redrive SERVICE`.

`AMQP_URL` names the broker. `redrive` puts each event back into the service's own queue (nobody else gets it
again), confirmed before it leaves the dead letters.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import aiormq
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from chassis.bus import Channel
from chassis.topology import dead_queue_of, queue_of


def describe(message: DeliveredMessage) -> str:
    """One line: event id, type, why it died."""
    properties = message.header.properties
    headers = properties.headers or {}
    deaths = headers.get("x-death")
    death = deaths[0] if isinstance(deaths, list) and deaths else {}
    reason = str(death.get("reason", "unknown")) if isinstance(death, dict) else "unknown"
    return f"{properties.message_id} {properties.message_type} reason={reason}"


async def read(channel: Channel, service: str, limit: int) -> AsyncIterator[DeliveredMessage]:
    """The oldest dead letters, unacknowledged: what is not acked goes back when the channel closes."""
    for _ in range(limit):
        message = await channel.basic_get(dead_queue_of(service))
        if isinstance(message.delivery, Basic.GetEmpty):
            return
        yield message


async def redrive(channel: Channel, service: str, limit: int = 1_000_000, event_id: str | None = None) -> int:
    """Give dead letters (all, or the one of `event_id`) to the service once more; returns how many."""
    moved = 0
    async for message in read(channel, service, limit):
        if event_id in (None, message.header.properties.message_id):
            await _move(channel, service, message)
            moved += 1
    return moved


async def _move(channel: Channel, service: str, message: DeliveredMessage) -> None:
    properties = message.header.properties
    # Without its headers the event starts with a fresh count of deliveries.
    properties.headers = None
    properties.expiration = None
    await channel.basic_publish(message.body, routing_key=queue_of(service), properties=properties, mandatory=True)
    await channel.basic_ack(message.delivery_tag or 0)


@asynccontextmanager
async def _channel(url: str) -> AsyncIterator[Channel]:
    async with aiormq.connect(url) as connection:
        yield cast(Channel, await connection.channel(publisher_confirms=True))


async def _main(arguments: argparse.Namespace) -> None:
    async with _channel(os.environ["AMQP_URL"]) as channel:
        if arguments.command == "list":
            async for message in read(channel, arguments.service, arguments.limit):
                print(describe(message))
        else:
            moved = await redrive(channel, arguments.service, arguments.limit, arguments.event)
            print(f"{moved} event(s) given to {arguments.service} again")


def _arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chassis.deadletters", description=__doc__)
    parser.add_argument("command", choices=["list", "redrive"])
    parser.add_argument("service", help="whose dead letters, such as grading")
    parser.add_argument("--limit", type=int, default=1000, help="at most so many (default 1000)")
    parser.add_argument("--event", help="redrive only the event of this id")
    return parser.parse_args(argv)


if __name__ == "__main__":
    if "AMQP_URL" not in os.environ:
        sys.exit("AMQP_URL: set it to the broker's address")
    asyncio.run(_main(_arguments()))
