"""The consumer: applies a service's events in batches, each exactly once.

Inbox rows and effects commit together, the acknowledgement follows the commit: what dies in between is delivered
again and filtered. A batch that fails is applied again one by one, and only the culprit is rejected.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg2.errors
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import AMQPError, ChannelInvalidStateError
from prometheus_client import Counter, Gauge

from chassis import personal_data, revocations, topology, trace, tracing
from chassis.bus import Bus, Channel
from chassis.contracts import ContractError, Contracts
from chassis.db import Database, Executor
from chassis.errors import Unavailable
from chassis.events import Event, MalformedEvent, decode, newest
from chassis.logging import get_logger
from chassis.tasks import end

__all__ = ["Consumer", "Event", "Handler", "apply", "newest"]

log = get_logger(__name__)

Handler = Callable[[Executor, Sequence[Event]], Awaitable[None]]

CONSUMED = Counter("homeroom_events_consumed_total", "Events whose effect is committed", ["type"])
REPEATED = Counter("homeroom_events_repeated_total", "Deliveries of events that were applied before")
FAILED = Counter("homeroom_events_failed_total", "Failed attempts to apply an event", ["type"])
UNREADABLE = Counter("homeroom_events_unreadable_total", "Messages sent to the dead letters without an attempt")
LAG = Gauge("homeroom_events_lag_seconds", "Age of the newest event applied, when it was applied")
WAITING = Gauge("homeroom_queue_waiting", "Events in the service's queue that no consumer has taken yet")
DEAD = Gauge("homeroom_dead_letters", "Events that could not be applied and wait for a person")
PAUSED = Gauge("homeroom_consumer_paused", "1 while consuming waits for the database")

PREFETCH = 500
BATCH = 200
WINDOW_SECONDS = 0.02
SLOWEST_RETRY_SECONDS = 5.0
PURGE_SECONDS = 3600.0
COUNT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event and the tag that settles its delivery."""

    tag: int
    event: Event


async def apply(db: Executor, handlers: Mapping[str, Handler], events: Sequence[Event]) -> int:
    """Apply the events never applied before, in one transaction; returns how many those were.

    Each type's handler gets its events in order; types are taken in order of first appearance.
    """
    distinct = {event.id: event for event in events}
    async with db.transaction() as tx:
        recorded = {row["event_id"] for row in await tx.rows("inbox_record", ids=list(distinct))}
        fresh = [event for event in distinct.values() if event.id in recorded]
        for group in _by_type(fresh):
            trace.resume(group[0].traceparent)
            with tracing.applied(group):
                await handlers[group[0].type](tx, group)
    return len(fresh)


def _by_type(events: Sequence[Event]) -> list[list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.type, []).append(event)
    return list(groups.values())


class Consumer:
    """One service's consumer; any number may run, the broker makes one active.

    Raises ContractError when `handlers` are not exactly what the contracts say the service consumes
    (the handlers of revoked sessions and of personal data are built in).
    """

    def __init__(
        self, db: Database, bus: Bus, contracts: Contracts, service: str, handlers: Mapping[str, Handler]
    ) -> None:
        self._db = db
        self._bus = bus
        self._contracts = contracts
        self._service = service
        self._handlers = complete_handlers(contracts, service, handlers)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; then the batch in hand is finished and acknowledged."""
        purge = asyncio.create_task(self._purge())
        session = asyncio.create_task(self._bus.sessions("consumer", lambda channel: self._consume(channel, stop)))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([session, stopping], return_when=asyncio.FIRST_COMPLETED)
            # A session that waits for a broker has nothing in hand to finish.
            if not session.done() and self._bus.connected:
                await asyncio.wait([session], timeout=SLOWEST_RETRY_SECONDS)
            if session.done():
                await session
        finally:
            await end([session, purge, stopping])

    async def _consume(self, channel: Channel, stop: asyncio.Event) -> None:
        # A consumer that cannot apply must not take messages: each return counts against the delivery limit.
        await self._database_answers(stop)
        messages: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
        await topology.declare_consumer(channel, self._contracts, self._service)
        await channel.basic_qos(prefetch_count=PREFETCH)
        await channel.basic_consume(topology.queue_of(self._service), messages.put)
        log.info("consuming", queue=topology.queue_of(self._service))
        counting = asyncio.create_task(self._count(channel))
        try:
            while batch := await _next_batch(messages, stop):
                await self._settle(channel, batch)
        finally:
            counting.cancel()

    async def _count(self, channel: Channel) -> None:
        """Measure what waits, until cancelled or the channel is gone, which its session notices itself."""
        with suppress(AMQPError, ChannelInvalidStateError):
            while True:
                for gauge, queue in ((WAITING, topology.queue_of), (DEAD, topology.dead_queue_of)):
                    declared = await channel.queue_declare(queue(self._service), passive=True)
                    gauge.set(declared.message_count or 0)
                await asyncio.sleep(COUNT_SECONDS)

    async def _settle(self, channel: Channel, messages: Sequence[DeliveredMessage]) -> None:
        deliveries = [found for message in messages if (found := await self._read(channel, message))]
        if not deliveries:
            return
        try:
            await self._apply([delivery.event for delivery in deliveries])
        except Exception as error:  # noqa: BLE001
            log.warning("batch_failed", events=len(deliveries), error=repr(error))
            for delivery in deliveries:
                await self._settle_one(channel, delivery)
        else:
            await channel.basic_ack(deliveries[-1].tag, multiple=True)

    async def _settle_one(self, channel: Channel, delivery: Delivery) -> None:
        event = delivery.event
        try:
            await self._apply([event])
        except Exception:
            FAILED.labels(event.type).inc()
            log.exception("event_failed", event_id=str(event.id), type=event.type, subject=str(event.subject))
            await channel.basic_reject(delivery.tag, requeue=True)
        else:
            await channel.basic_ack(delivery.tag)

    async def _read(self, channel: Channel, message: DeliveredMessage) -> Delivery | None:
        tag = message.delivery_tag or 0
        try:
            event = decode(message.body)
            if event.type not in self._handlers:
                raise MalformedEvent(f"{event.type} is not consumed here")
        except MalformedEvent as error:
            UNREADABLE.inc()
            log.error("event_unreadable", error=str(error), message_id=message.header.properties.message_id)
            await channel.basic_reject(tag, requeue=False)
            return None
        return Delivery(tag, event)

    async def _apply(self, events: Sequence[Event]) -> None:
        """Apply, waiting for the database as long as it is away; raises what a handler raises."""
        delay = 0.2
        while True:
            try:
                fresh = await apply(self._db, self._handlers, events)
                break
            except Unavailable as error:
                if not _is_away(error):
                    raise
                delay = await _pause(delay, error)
        PAUSED.set(0)
        _measure(events, fresh)

    async def _database_answers(self, stop: asyncio.Event) -> None:
        delay = 0.2
        while not stop.is_set():
            try:
                await self._db.value("ping")
                break
            except Unavailable as error:
                delay = await _pause(delay, error)
        PAUSED.set(0)

    async def _purge(self) -> None:
        while True:
            try:
                purged = 1
                while purged:
                    purged = await self._db.execute("inbox_purge", limit=1000)
                    await asyncio.sleep(WINDOW_SECONDS)
            except Unavailable as error:
                log.warning("inbox_purge_failed", error=str(error))
            await asyncio.sleep(PURGE_SECONDS)


def complete_handlers(contracts: Contracts, service: str, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The handlers with the built-in ones; raises ContractError where they differ from the contracts."""
    wanted = contracts.consumed_by(service)
    shared: dict[str, Handler] = {**revocations.HANDLERS, **personal_data.handlers(service)}
    builtin = {name: handler for name, handler in shared.items() if name in wanted}
    complete = builtin | dict(handlers)
    if missing := sorted(wanted - complete.keys()):
        raise ContractError(f"{service} consumes {missing} by contract, but has no handler")
    if unknown := sorted(complete.keys() - wanted):
        raise ContractError(f"{service} handles {unknown}, which its contracts do not let it consume")
    return complete


async def _next_batch(messages: "asyncio.Queue[DeliveredMessage]", stop: asyncio.Event) -> list[DeliveredMessage]:
    """Up to BATCH messages, waiting WINDOW_SECONDS after the first; empty once `stop` is set."""
    first = await _first(messages, stop)
    if first is None:
        return []
    if messages.qsize() < BATCH - 1:
        await asyncio.sleep(WINDOW_SECONDS)
    count = min(BATCH - 1, messages.qsize())
    return [first, *(messages.get_nowait() for _ in range(count))]


async def _first(messages: "asyncio.Queue[DeliveredMessage]", stop: asyncio.Event) -> DeliveredMessage | None:
    if stop.is_set():
        return None
    if not messages.empty():
        return messages.get_nowait()
    getter, stopping = asyncio.ensure_future(messages.get()), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([getter, stopping], return_when=asyncio.FIRST_COMPLETED)
        return None if stop.is_set() else getter.result()
    finally:
        getter.cancel()
        stopping.cancel()


# Ends of one statement, not of the database. A lock that is not to be had is no fault of the event: it is waited for.
_STATEMENT_FAILURES = (
    psycopg2.errors.QueryCanceled,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.SerializationFailure,
)


def _is_away(error: Unavailable) -> bool:
    return not isinstance(error.__cause__, _STATEMENT_FAILURES)


async def _pause(delay: float, error: Unavailable) -> float:
    PAUSED.set(1)
    log.warning("consumer_paused", error=str(error.__cause__ or error), seconds=delay)
    await asyncio.sleep(delay)
    return min(delay * 2, SLOWEST_RETRY_SECONDS)


def _measure(events: Sequence[Event], fresh: int) -> None:
    REPEATED.inc(len(events) - fresh)
    for event in events:
        CONSUMED.labels(event.type).inc()
    LAG.set(max(0.0, time.time() - max(event.time.timestamp() for event in events)))
