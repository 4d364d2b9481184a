"""Postgres over aiopg: named queries only, explicit transactions, dictionaries as rows.

The driver runs in autocommit: one statement is one transaction. A cancelled call closes its
connection while the server may still commit, so writes must be idempotent.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Protocol

import aiopg
import orjson
import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.extras
from prometheus_client import Counter, Gauge, Histogram

from chassis import tracing
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.trace import current_traceparent

log = get_logger(__name__)

Row = dict[str, Any]

QUERY_SECONDS = Histogram(
    "homeroom_db_query_seconds",
    "Time of one named query, connection wait excluded",
    ["query"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
POOL_IN_USE = Gauge("homeroom_db_pool_in_use", "Connections of the pool that are in use")
NESTED = Counter("homeroom_db_nested_connections_total", "Connections asked for by a task that holds a transaction")
POOL_SIZE = Gauge("homeroom_db_pool_size", "Connections the pool may have")

# The task that holds a transaction of a pool; what it starts meanwhile inherits the context, and is another task.
_holder: ContextVar["asyncio.Task[Any] | None"] = ContextVar("holder", default=None)
_NAME = re.compile(r"^-- name: (\w+)[ \t]*\n", re.MULTILINE)
_UNAVAILABLE = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.errors.QueryCanceled,
    TimeoutError,
)


class Executor(Protocol):
    """What a command or a view needs of a database, inside a transaction or not."""

    async def rows(self, query: str, /, **params: Any) -> list[Row]: ...
    async def row(self, query: str, /, **params: Any) -> Row | None: ...
    async def value(self, query: str, /, **params: Any) -> Any: ...
    async def execute(self, query: str, /, **params: Any) -> int: ...
    def transaction(self) -> "AbstractAsyncContextManager[Transaction]": ...


def load_queries(package: str) -> dict[str, str]:
    """Read the named queries of every `sql/*.sql` of a package but `schema.sql`.

    Raises ValueError when a name stands twice.
    """
    queries: dict[str, str] = {}
    folders = [resources.files(package)]
    for folder in folders:
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.is_dir() and not entry.name.startswith(("_", ".", "migrations")):
                folders.append(entry)
            elif entry.name.endswith(".sql") and entry.name != "schema.sql":
                _add_queries(queries, entry.read_text("utf-8"))
    return queries


def _add_queries(queries: dict[str, str], document: str) -> None:
    _, *parts = _NAME.split(document)
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        if name in queries:
            raise ValueError(f"query {name!r} stands twice")
        queries[name] = text.strip()


class _Runner:
    """The four ways to run a named query, on a cursor that `cursor` opens."""

    def __init__(
        self,
        queries: Mapping[str, str],
        cursor: Callable[[], AbstractAsyncContextManager[aiopg.Cursor]],
    ) -> None:
        self._queries = queries
        self._cursor = cursor

    async def rows(self, query: str, /, **params: Any) -> list[Row]:
        """All rows."""
        async with self._run(query, params) as cursor:
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, record, strict=True)) for record in await cursor.fetchall()]

    async def row(self, query: str, /, **params: Any) -> Row | None:
        """The first row, or None."""
        found = await self.rows(query, **params)
        return found[0] if found else None

    async def value(self, query: str, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        async with self._run(query, params) as cursor:
            record = await cursor.fetchone()
            return record[0] if record else None

    async def execute(self, query: str, /, **params: Any) -> int:
        """The number of rows touched."""
        async with self._run(query, params) as cursor:
            return int(cursor.rowcount)

    @asynccontextmanager
    async def _run(self, query: str, params: Mapping[str, Any]) -> AsyncIterator[aiopg.Cursor]:
        text = self._queries[query]
        try:
            with _true_cancellation(), tracing.query(query):
                async with self._cursor() as cursor:
                    started = time.perf_counter()
                    await cursor.execute(text, {"traceparent": current_traceparent()} | _adapt(params))
                    QUERY_SECONDS.labels(query).observe(time.perf_counter() - started)
                    yield cursor
        except _UNAVAILABLE as error:
            raise Unavailable("The database does not answer; try again shortly.") from error


def _adapt(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_json(value) if isinstance(value, dict) else value for name, value in params.items()}


def _as_json(value: Any) -> psycopg2.extras.Json:
    return psycopg2.extras.Json(value, dumps=lambda data: orjson.dumps(data, default=str).decode())


def json_rows(rows: list[dict[str, Any]]) -> psycopg2.extras.Json:
    """Many rows as one JSON parameter, for `json_to_recordset(%(rows)s)`; decimals travel as text."""
    return _as_json(rows)


class Transaction(_Runner):
    """An open transaction; `transaction()` on it joins it."""

    def __init__(self, connection: aiopg.Connection, queries: Mapping[str, str]) -> None:
        super().__init__(queries, connection.cursor)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        yield self


class Database(_Runner):
    """A pool of connections and the named queries they may run."""

    def __init__(self, pool: aiopg.Pool, queries: Mapping[str, str], timeout: float) -> None:
        super().__init__(queries, self._pooled_cursor)
        self._pool = pool
        self._timeout = timeout
        # In the order of their coming: in aiopg's own queue the last may go first, and some would wait for ever.
        self._turns = asyncio.Semaphore(pool.maxsize or 1)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiopg.Connection]:
        self._refuse_circles()
        async with asyncio.timeout(self._timeout):
            await self._turns.acquire()
        try:
            connection = await self._acquired()
            POOL_IN_USE.inc()
            try:
                yield connection
            finally:
                POOL_IN_USE.dec()
                await self._pool.release(connection)
        finally:
            self._turns.release()

    async def _acquired(self) -> aiopg.Connection:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._pool.acquire()
        except RuntimeError as error:
            # uvloop may still hold the number of a socket that died with the server: the next try gets through.
            raise psycopg2.OperationalError(str(error)) from error

    def _refuse_circles(self) -> None:
        """Who holds a transaction and asks for another connection may wait for those who wait for it: say so each time.

        Where none is free it is refused at once, since all that hold one may be waiting for one. Raises Unavailable.
        """
        if _holder.get() is None or _holder.get() is not asyncio.current_task():
            return
        NESTED.inc()
        log.error("connection_inside_transaction", hint="use the transaction that is open", stack_info=True)
        if self._turns.locked():
            raise Unavailable("A connection was asked for inside a transaction, and none is free.")

    @asynccontextmanager
    async def _pooled_cursor(self) -> AsyncIterator[aiopg.Cursor]:
        async with self._connection() as connection, connection.cursor() as cursor:
            yield cursor

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """BEGIN … COMMIT around the block; ROLLBACK when it raises."""
        try:
            with _kept_cancellation():
                async with self._connection() as connection, _begun(connection):
                    with _held():
                        yield Transaction(connection, self._queries)
        except _UNAVAILABLE as error:
            raise Unavailable("The database does not answer; try again shortly.") from error


@contextmanager
def _held() -> Iterator[None]:
    before = _holder.get()
    _holder.set(asyncio.current_task())
    try:
        yield
    finally:
        _holder.set(before)


@asynccontextmanager
async def _begun(connection: aiopg.Connection) -> AsyncIterator[None]:
    await _command(connection, "BEGIN")
    try:
        yield
    except BaseException:
        # A cancelled or broken connection is closed already; the server then rolls back by itself.
        if not connection.closed:
            await _command(connection, "ROLLBACK")
        raise
    await _command(connection, "COMMIT")


async def _command(connection: aiopg.Connection, statement: str) -> None:
    async with connection.cursor() as cursor:
        with _true_cancellation():
            await cursor.execute(statement)


@contextmanager
def _kept_cancellation() -> Iterator[None]:
    """Raise the CancelledError that the block forgot.

    The `asyncio.wait_for` of Python 3.11, inside aiopg, swallows a cancellation that comes in the tick of the
    answer; a loop of queries would then never end.
    """
    before = _cancellations()
    yield
    if _cancellations() > before:
        raise asyncio.CancelledError


@contextmanager
def _true_cancellation() -> Iterator[None]:
    """Let CancelledError mean that this task was cancelled, and that alone.

    aiopg also raises it when the server ends a statement by its timeout.
    """
    before = _cancellations()
    try:
        with _kept_cancellation():
            yield
    except asyncio.CancelledError as error:
        if _cancellations() == before:
            raise psycopg2.errors.QueryCanceled("the statement was cancelled by the server") from error
        raise


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _register_types() -> None:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    for oid, array_oid, name in ((114, 199, "JSON"), (3802, 3807, "JSONB")):
        loads = psycopg2.extensions.new_type((oid,), name, lambda text, _: text and orjson.loads(text))
        psycopg2.extensions.register_type(loads)
        psycopg2.extensions.register_type(psycopg2.extensions.new_array_type((array_oid,), f"{name}[]", loads))


_register_types()


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def connect(url: str, *packages: str, maxsize: int = 10, timeout: float = 5.0) -> AsyncIterator[Database]:
    """Open a pool with the queries of the chassis and of `packages`.

    `timeout` in seconds bounds connecting and waiting for a free connection. Nothing connects before the
    first query, so a service starts (unready) while its database is away.
    """
    queries: dict[str, str] = {}
    for package in ("chassis", *packages):
        queries |= load_queries(package)
    pool = await aiopg.create_pool(
        url,
        minsize=0,
        maxsize=maxsize,
        timeout=timeout,
        enable_json=False,
        enable_hstore=False,
        enable_uuid=False,
        pool_recycle=1800,
    )
    POOL_SIZE.set(maxsize)
    try:
        yield Database(pool, queries, timeout)
    finally:
        pool.terminate()
        await pool.wait_closed()
