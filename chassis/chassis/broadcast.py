"""What every process must hear at once: an exclusive queue per process, beside the service's durable one.

It is gone with its connection, so whoever listens loads its state from a table at every (re)connect, and again every
RELOAD_SECONDS: what passed before the queue was bound may reach the table, by the service's queue, after it was read.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from aiormq.abc import DeliveredMessage
from prometheus_client import Counter

from chassis import topology
from chassis.bus import Bus, Channel
from chassis.errors import Unavailable
from chassis.events import Event, MalformedEvent, decode
from chassis.logging import get_logger
from chassis.tasks import end

log = get_logger(__name__)

OnEvent = Callable[[Event], None]
Reload = Callable[[], Awaitable[None]]

HEARD = Counter("homeroom_broadcasts_heard_total", "Events heard on the process's own queue", ["type"])
RELOAD_SECONDS = 2.0
_RETRY_SECONDS = 1.0


@asynccontextmanager
async def listen(bus: Bus, types: Collection[str], on_event: OnEvent, reload: Reload) -> AsyncIterator[None]:
    """Call `on_event` for every event of `types` from now on, and `reload` after each (re)connect and at intervals.

    The queue is bound before `reload` runs, so that nothing falls between the table read and the queue.
    Neither callback's failure ends the listening; `reload` is tried again while the database is away.
    """

    async def work(channel: Channel) -> None:
        await _subscribe(channel, types, on_event)
        while True:
            await _reload(reload)
            await asyncio.sleep(RELOAD_SECONDS)

    task = asyncio.create_task(bus.sessions("broadcast", work), name="broadcast")
    try:
        yield
    finally:
        await end([task])


async def _subscribe(channel: Channel, types: Collection[str], on_event: OnEvent) -> None:
    async def receive(message: DeliveredMessage) -> None:
        try:
            event = decode(message.body)
            HEARD.labels(event.type).inc()
            on_event(event)
        except MalformedEvent as error:
            log.error("event_unreadable", error=str(error))
        except Exception:
            log.exception("broadcast_failed", message_id=message.header.properties.message_id)

    await topology.declare_exchange(channel)
    declared = await channel.queue_declare(exclusive=True, auto_delete=True)
    queue = declared.queue or ""
    for name in sorted(types):
        await channel.queue_bind(queue, topology.EXCHANGE, name)
    await channel.basic_consume(queue, receive, no_ack=True)


async def _reload(reload: Reload) -> None:
    while True:
        try:
            return await reload()
        except Unavailable as error:
            log.warning("reload_failed", error=str(error))
        except Exception:
            log.exception("reload_failed")
        await asyncio.sleep(_RETRY_SECONDS)
