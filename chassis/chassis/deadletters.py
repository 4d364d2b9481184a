"""Events that a service could not apply: `python -m chassis.deadletters list|redrive SERVICE`.

`AMQP_URL` names the broker. `redrive` puts each event back into the service's own queue (nobody else gets it
again), confirmed before it leaves the dead letters.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import aiormq
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import ChannelNotFoundEntity
from pamqp.commands import Basic

from chassis.bus import Channel
from chassis.config import setting_or_exit
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
    """Give dead letters (all there are now, or the one of `event_id`) to the service once more; returns how many."""
    dead = await channel.queue_declare(dead_queue_of(service), passive=True)
    moved = 0
    # What dies again meanwhile is not taken up again: it would go round until the limit.
    async for message in read(channel, service, min(limit, dead.message_count or 0)):
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


async def _main(url: str, arguments: argparse.Namespace) -> None:
    async with _channel(url) as channel:
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
    given = _arguments()
    try:
        asyncio.run(_main(setting_or_exit("AMQP_URL", "the broker's address"), given))
    except ChannelNotFoundEntity:
        sys.exit(f"{given.service} has no dead letters' queue: is that its name, and has its worker ever run?")
