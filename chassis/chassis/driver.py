"""A connection to Postgres: aiopg's, with a shorter way for a query (docs/adr/0002-aiopg-in-one-module.md)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiopg
import orjson
import psycopg2
import psycopg2.extensions
import psycopg2.extras


class Connection(aiopg.Connection):
    """Awaiting it connects. Its calls raise psycopg2's errors, TimeoutError."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, timeout, enable_json=False, enable_hstore=False, enable_uuid=False)

    @property
    def is_idle(self) -> bool:
        """Neither in a statement nor in a transaction."""
        status = self._conn.get_transaction_status()
        return bool(status == psycopg2.extensions.TRANSACTION_STATUS_IDLE)

    async def run(self, statement: str, params: Mapping[str, Any] | None = None) -> Any:
        """Run it; psycopg2's cursor holds the whole result.

        When it is cancelled or takes too long the connection is closed, while the server may go on.
        """
        waiter = self._create_waiter("run")
        try:
            cursor = self._conn.cursor()
            cursor.execute(statement, params)
        except BaseException:
            self._waiter = None
            raise
        await self._poll(waiter, self._timeout)
        self._last_usage = self._loop.time()
        return cursor

    async def _poll(self, waiter: "asyncio.Future[None]", timeout: float) -> None:
        """Instead of aiopg's, whose `asyncio.wait_for` takes another future, a turn of the loop, and in Python 3.11
        swallows a cancellation that comes in the tick of the answer."""
        self._ready(self._weakref)
        deadline = self._loop.call_later(timeout, _expire, waiter)
        try:
            await waiter
        except (asyncio.CancelledError, TimeoutError):
            self._close()
            raise
        finally:
            deadline.cancel()
            self._waiter = None


def _expire(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


def _register_types() -> None:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    for oid, array_oid, name in ((114, 199, "JSON"), (3802, 3807, "JSONB")):
        loads = psycopg2.extensions.new_type((oid,), name, lambda text, _: text and orjson.loads(text))
        psycopg2.extensions.register_type(loads)
        psycopg2.extensions.register_type(psycopg2.extensions.new_array_type((array_oid,), f"{name}[]", loads))


_register_types()
