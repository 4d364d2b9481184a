"""The relay: carries committed outbox rows to the broker, in order, none lost, by one leader per service.

Every row was written by the transaction of its command. The relay publishes, waits for the broker's confirms,
and only then marks: what dies in between is published again, and the consumers' inboxes drop it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import aiohttp
from aiormq.exceptions import DeliveryError
from pamqp.commands import Basic
from prometheus_client import Counter, Gauge

from chassis import topology, tracing
from chassis.bus import BrokerAway, Bus, Channel, Message, broker_errors, publish_many
from chassis.contracts import Contracts
from chassis.db import Database, Executor, Row
from chassis.errors import Unavailable
from chassis.events import CONTENT_TYPE, Event, encode
from chassis.logging import get_logger

log = get_logger(__name__)

Invalidate = Callable[[list[str]], Awaitable[None]]

UNSENT = Gauge("homeroom_outbox_unsent", "Committed events not yet confirmed by the broker")
OLDEST = Gauge("homeroom_outbox_oldest_seconds", "Age of the oldest unsent event")
PUBLISHED = Counter("homeroom_outbox_published_total", "Events confirmed by the broker")
REFUSED = Counter("homeroom_outbox_refused_total", "Events the broker returned or refused; they are sent again")
HELD = Gauge("homeroom_outbox_held", "1 while nothing is published because a consumer's binding is missing")

BATCH = 500
# Looked at less and less often while nothing comes. Writers do not NOTIFY: that takes a lock of the whole Postgres
# until their commit is on disk, so that no two commands of any service would be committed together.
POLL_SECONDS = 0.05
IDLE_SECONDS = 0.25
FOLLOWER_SECONDS = 0.5
# Together below the 5 s after which Postgres ends an idle leader's transaction.
CONFIRM_SECONDS = 3.0
INVALIDATE_SECONDS = 1.0
CHECK_SECONDS = 30.0
HELD_SECONDS = 1.0
STATS_SECONDS = 5.0
PURGE_SECONDS = 600.0


def event_of(row: Row, service: str) -> Event:
    """The event an outbox row stands for."""
    return Event(
        id=row["event_id"],
        type=row["type"],
        source=f"/homeroom/{service}",
        subject=row["subject"],
        school_id=row["school_id"],
        sequence=row["sequence"],
        time=row["occurred_at"],
        traceparent=row["traceparent"],
        data=row["data"],
    )


class Pace:
    """How long to wait before looking again: soon after there was something, then a tenth longer each time."""

    def __init__(self) -> None:
        self._wait = POLL_SECONDS

    def after(self, found: bool) -> float:
        """The seconds to wait, now that there was something or nothing."""
        self._wait = POLL_SECONDS if found else min(1.1 * self._wait, IDLE_SECONDS)
        return self._wait


async def unsent_events(db: Executor, service: str) -> list[Event]:
    """The events that wait, oldest first: what a producer's test looks at."""
    return [event_of(row, service) for row in await db.rows("outbox_unsent", limit=100_000)]


class Relay:
    """One service's relay; any number may run, one leads.

    `invalidate` is told the cache keys of each row before the row is marked sent.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        contracts: Contracts,
        service: str,
        management_url: str,
        invalidate: Invalidate | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._contracts = contracts
        self._service = service
        self._management_url = management_url
        self._invalidate = invalidate
        self._publishing = Pace()
        self._invalidating = Pace()

    async def run(self) -> None:
        """Relay until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._bus.sessions("relay", self._publish_all))
            tasks.create_task(_again(self._measure))
            tasks.create_task(_again(self._purge))
            if self._invalidate is not None:
                tasks.create_task(_again(self._invalidate_deferred))

    async def _publish_all(self, channel: Channel) -> None:
        await topology.declare_exchange(channel)
        await self._wait_for_bindings()
        checked = time.monotonic()
        while True:
            if time.monotonic() - checked > CHECK_SECONDS:
                await self._recheck_bindings()
                checked = time.monotonic()
            await asyncio.sleep(await self._step(channel))

    async def _step(self, channel: Channel) -> float:
        """Publish one batch; returns how many seconds to wait before the next."""
        try:
            waits = await self._db.value("outbox_waits")
            seconds = self._publishing.after(waits)
            return await self._publish_batch(channel) if waits else seconds
        except Unavailable as error:
            log.warning("outbox_database_away", error=str(error.__cause__ or error))
            return HELD_SECONDS

    async def _publish_batch(self, channel: Channel) -> float:
        unconfirmed: Sequence[int] = ()
        async with self._db.transaction() as tx:
            if not await tx.value("outbox_lead"):
                return FOLLOWER_SECONDS
            rows = await tx.rows("outbox_unsent", limit=BATCH)
            told = await self._tell_cache(key for row in rows for key in row["invalidates"])
            confirmed, unconfirmed = await self._publish(channel, rows)
            await self._mark(tx, [row for row in rows if row["id"] in confirmed], told)
        if unconfirmed:
            raise BrokerAway(f"{len(unconfirmed)} events unconfirmed")
        return 0 if len(rows) == BATCH else POLL_SECONDS / 5

    async def _publish(self, channel: Channel, rows: Sequence[Row]) -> tuple[set[int], list[int]]:
        """Publish in order, many in flight; returns the ids that are safe and those nothing is known of."""
        if not rows:
            return set(), []
        events = [event_of(row, self._service) for row in rows]
        with broker_errors():
            confirms = await publish_many(channel, topology.EXCHANGE, [_message(event) for event in events])
        await asyncio.wait(confirms, timeout=CONFIRM_SECONDS)
        outcomes = {int(row["id"]): _outcome(confirm) for row, confirm in zip(rows, confirms, strict=True)}
        confirmed = {row_id for row_id, safe in outcomes.items() if safe}
        PUBLISHED.inc(len(confirmed))
        tracing.published(event for row, event in zip(rows, events, strict=True) if row["id"] in confirmed)
        return confirmed, [row_id for row_id, safe in outcomes.items() if safe is None]

    async def _mark(self, tx: Executor, rows: Sequence[Row], told: bool) -> None:
        keys = sorted({key for row in rows for key in row["invalidates"]})
        if keys and not told:
            await tx.execute("outbox_defer_invalidation", keys=keys)
        if rows:
            await tx.execute("outbox_mark_sent", ids=[row["id"] for row in rows])

    async def _tell_cache(self, keys: Iterable[str]) -> bool:
        """Run the invalidation hook; False when the cache is away, which must not hold events back."""
        wanted = sorted(set(keys))
        if not wanted or self._invalidate is None:
            return True
        try:
            async with asyncio.timeout(INVALIDATE_SECONDS):
                await self._invalidate(wanted)
        except Exception as error:  # noqa: BLE001
            log.warning("invalidation_failed", error=repr(error), keys=len(wanted))
            return False
        return True

    async def _invalidate_deferred(self) -> float:
        rows = await self._db.rows("outbox_invalidations", limit=BATCH)
        if rows and not await self._tell_cache(key for row in rows for key in row["invalidates"]):
            return HELD_SECONDS
        if rows:
            await self._db.execute("outbox_mark_sent", ids=[row["id"] for row in rows])
        return self._invalidating.after(bool(rows))

    async def _wait_for_bindings(self) -> None:
        """Hold while the broker lacks a binding, or cannot be asked."""
        try:
            while problem := await self._binding_problem():
                HELD.set(1)
                log.error("outbox_held", service=self._service, problem=problem)
                await asyncio.sleep(HELD_SECONDS)
        finally:
            HELD.set(0)

    async def _recheck_bindings(self) -> None:
        try:
            await self._missing_bindings()
        except (aiohttp.ClientError, TimeoutError) as error:
            # It was seen whole on this connection; a management page that is slow is no reason to hold.
            log.warning("bindings_unchecked", error=repr(error))
            return
        await self._wait_for_bindings()

    async def _binding_problem(self) -> str | None:
        try:
            missing = await self._missing_bindings()
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"the management API does not answer: {error!r}"
        return f"bindings are missing: {sorted(missing)}" if missing else None

    async def _missing_bindings(self) -> set[tuple[str, str]]:
        return await topology.missing_bindings(self._contracts, self._service, self._management_url, self._bus.vhost)

    async def _measure(self) -> float:
        backlog = await self._db.row("outbox_backlog") or {}
        UNSENT.set(backlog["unsent"])
        OLDEST.set(backlog["oldest_seconds"])
        return STATS_SECONDS

    async def _purge(self) -> float:
        return POLL_SECONDS if await self._db.execute("outbox_purge", limit=1000) else PURGE_SECONDS


def _message(event: Event) -> Message:
    return Message(event.type, encode(event), properties_of(event))


def _outcome(confirm: "asyncio.Future[Any]") -> bool | None:
    """True: safe with the broker; False: refused or unroutable; None: nothing is known."""
    if not confirm.done() or confirm.cancelled():
        return None
    error = confirm.exception()
    if isinstance(error, DeliveryError):
        REFUSED.inc()
        log.error("event_refused", error=repr(error))
        return False
    return None if error else True


def properties_of(event: Event) -> Basic.Properties:
    """What the broker's own tools show of an event without reading its body."""
    return Basic.Properties(
        content_type=CONTENT_TYPE,
        delivery_mode=2,
        message_id=str(event.id),
        message_type=event.type,
        timestamp=event.time,
        app_id=event.source,
    )


async def _again(job: Callable[[], Awaitable[float]]) -> None:
    """Do it for ever; each time it returns how many seconds to wait before the next."""
    while True:
        try:
            seconds = await job()
        except Unavailable as error:
            log.warning("outbox_database_away", error=str(error.__cause__ or error))
            seconds = HELD_SECONDS
        await asyncio.sleep(seconds)
