"""The broker: one connection a process, made again whenever it is lost.

aiormq is the protocol layer of aio-pika. Its robust layer on top restores channels behind one's back, which
hides exactly what a relay and a consumer must know: that confirms and deliveries of the old channel are void.
Here every loss ends the work on the channel, and the work starts anew on a fresh one.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import aiormq
from aiormq.abc import AbstractConnection, ChannelFrame
from aiormq.channel import Channel
from aiormq.exceptions import AMQPError, ChannelInvalidStateError
from pamqp.commands import Basic
from pamqp.header import ContentHeader
from prometheus_client import Gauge
from yarl import URL

from chassis.logging import get_logger
from chassis.tasks import end

__all__ = ["BrokerAway", "Bus", "Channel", "Message", "Work", "broker_errors", "connect", "publish_many"]

log = get_logger(__name__)

Work = Callable[[Channel], Awaitable[None]]

CONNECTED = Gauge("homeroom_broker_connected", "1 while this process is connected to the broker")
_CONNECT_SECONDS = 5.0
_CLOSE_SECONDS = 2.0
_SLOWEST_RETRY_SECONDS = 2.0
_HEARTBEAT_SECONDS = "5"


class BrokerAway(Exception):
    """The connection or the channel is gone; nothing can be said about what was in flight."""


@contextmanager
def broker_errors() -> Iterator[None]:
    """Turn every way in which the driver reports a lost connection or channel into BrokerAway."""
    try:
        yield
    except (AMQPError, ChannelInvalidStateError, OSError, TimeoutError) as error:
        raise BrokerAway(repr(error)) from error
    except asyncio.CancelledError:
        # The driver cancels its pending calls when a connection closes: not our own cancellation.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BrokerAway("the connection was closed") from None


class Bus:
    """A connection that comes back; use `connect`."""

    def __init__(self, url: str, name: str) -> None:
        self._url = URL(url)
        self._url = self._url.update_query({"heartbeat": _HEARTBEAT_SECONDS, "name": name} | dict(self._url.query))
        self._connection: AbstractConnection | None = None
        self._available = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the broker is there now (for readiness)."""
        return self._available.is_set()

    @property
    def vhost(self) -> str:
        """The virtual host of the URL."""
        return self._url.path.removeprefix("/") or "/"

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[Channel]:
        """Wait for the broker, then open a channel with publisher confirms. Raises BrokerAway."""
        await self._available.wait()
        channel = await self._open()
        try:
            yield channel
        finally:
            await _close(channel)

    async def _open(self) -> Channel:
        connection = self._connection
        if connection is None:
            raise BrokerAway("not connected")
        with broker_errors():
            async with asyncio.timeout(_CONNECT_SECONDS):
                return cast(Channel, await connection.channel(publisher_confirms=True))

    async def sessions(self, name: str, work: Work) -> None:
        """Run `work` on a channel, and again on a fresh one each time the broker goes away.

        Returns when `work` does, raises what it raises but for the driver's errors. Work still running when
        its channel closes is cancelled.
        """
        attempt = 0
        while True:
            started = asyncio.get_running_loop().time()
            try:
                with broker_errors():
                    async with self.channel() as channel:
                        return await _until_closed(channel, work)
            except BrokerAway as error:
                attempt = 0 if asyncio.get_running_loop().time() - started > 5 else attempt + 1
                log.warning("broker_session_ended", session=name, error=str(error), attempt=attempt)
                await asyncio.sleep(_delay(attempt))

    async def _keep_connected(self) -> None:
        attempt = 0
        while True:
            try:
                with broker_errors():
                    async with asyncio.timeout(_CONNECT_SECONDS):
                        self._connection = await aiormq.connect(str(self._url))
                attempt = 0
                await self._stay(self._connection)
            except BrokerAway as error:
                attempt += 1
                log.warning("broker_away", error=str(error), attempt=attempt)
            await asyncio.sleep(_delay(attempt))

    async def _stay(self, connection: AbstractConnection) -> None:
        try:
            self._available.set()
            CONNECTED.set(1)
            log.info("broker_connected")
            await asyncio.wait([connection.closing])
        finally:
            self._available.clear()
            CONNECTED.set(0)
            self._connection = None
            await _close(connection)


@dataclass(frozen=True, slots=True)
class Message:
    """What to publish; `properties.message_id` must be set."""

    routing_key: str
    body: bytes
    properties: Basic.Properties


async def publish_many(channel: Channel, exchange: str, messages: Sequence[Message]) -> "list[asyncio.Future[Any]]":
    """Publish in order, as mandatory, in one write; returns the broker's confirm of each, still to come.

    A confirm fails with aiormq's DeliveryError when the broker refuses or returns the message. It does what
    `Channel.basic_publish` does, which costs a task and a system call per message: three times as much.
    """
    confirms, frames = [], list[Any]()
    async with channel.lock:
        for message in messages:
            channel.delivery_tag += 1
            confirm = channel.create_future()
            channel.confirmations[channel.delivery_tag] = confirm
            channel.message_id_delivery_tag[str(message.properties.message_id)] = channel.delivery_tag
            frames.append(Basic.Publish(exchange=exchange, routing_key=message.routing_key, mandatory=True))
            frames.append(ContentHeader(properties=message.properties, body_size=len(message.body)))
            frames.extend(channel._split_body(message.body))
            confirm.add_done_callback(partial(_forget, channel, str(message.properties.message_id)))
            confirms.append(confirm)
        await channel.write_queue.put(ChannelFrame.marshall(frames=frames, channel_number=channel.number))
    return confirms


def _forget(channel: Channel, message_id: str, _: "asyncio.Future[Any]") -> None:
    channel.message_id_delivery_tag.pop(message_id, None)


async def _until_closed(channel: Channel, work: Work) -> None:
    task = asyncio.ensure_future(work(channel))
    channel.on_consumer_cancel_callbacks.add(lambda _: _closer(channel))
    try:
        await asyncio.wait([task, channel.closing], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise BrokerAway("the channel was closed")
        await task
    finally:
        await end([task])


def _closer(channel: Channel) -> None:
    # Called by the channel's own reader, which must not wait for its own end.
    asyncio.get_running_loop().call_soon(asyncio.ensure_future, _close(channel))


async def _close(resource: Channel | AbstractConnection) -> None:
    with suppress(Exception):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await resource.close()


def _delay(attempt: int) -> float:
    return min(0.05 * 2.0 ** min(attempt, 10), _SLOWEST_RETRY_SECONDS) * random.uniform(0.8, 1.2)


@asynccontextmanager
async def connect(url: str, name: str = "homeroom") -> AsyncIterator[Bus]:
    """Keep a connection in the background; a broker that is away delays nobody's start.

    `name` is shown in the broker's management pages.
    """
    bus = Bus(url, name)
    keeper = asyncio.create_task(bus._keep_connected(), name="bus")
    try:
        yield bus
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
