"""After a restore: what was erased since the backup is erased again.

The restored database has forgotten the newest erasures; the stream, which keeps all events for 30 days, has not.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import cast
from uuid import UUID

import aiormq
from aiormq.abc import DeliveredMessage

from chassis import personal_data, topology
from chassis.bus import Channel
from chassis.db import Database
from chassis.events import Event, decode
from chassis.personal_data import ACCOUNT_ERASED

_PREFETCH = 1000
# A stream has no end; after so many quiet seconds all of it has been read.
_QUIET_SECONDS = 3.0


async def reapply_erasures(db: Database, amqp_url: str) -> int:
    """Erase again what the database or the stream knows of; returns how many people."""
    erased = {
        (row["school_id"], row["account_id"]): row["erased_at"] for row in await db.rows("list_erasures", since=None)
    }
    async for event in _erasures(amqp_url):
        erased[event.school_id, UUID(event.data["account_id"])] = datetime.fromisoformat(event.data["erased_at"])
    for (school_id, account_id), erased_at in erased.items():
        async with db.transaction() as tx:
            await personal_data.erase(tx, school_id, account_id, erased_at)
    return len(erased)


async def _erasures(amqp_url: str) -> AsyncIterator[Event]:
    messages: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
    async with aiormq.connect(amqp_url) as connection:
        channel = cast(Channel, await connection.channel())
        # A broker that was made anew has no stream yet.
        await topology.declare_exchange(channel)
        await channel.basic_qos(prefetch_count=_PREFETCH)
        await channel.basic_consume(topology.STREAM, messages.put, arguments={"x-stream-offset": "first"})
        while message := await _next(messages):
            if message.header.properties.message_type == ACCOUNT_ERASED:
                yield decode(message.body)
            await channel.basic_ack(message.delivery_tag or 0)


async def _next(messages: "asyncio.Queue[DeliveredMessage]") -> DeliveredMessage | None:
    try:
        return await asyncio.wait_for(messages.get(), _QUIET_SECONDS)
    except TimeoutError:
        return None
