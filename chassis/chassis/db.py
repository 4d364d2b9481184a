"""Postgres over aiopg: named queries only, explicit transactions, dictionaries as rows.

The driver runs in autocommit: one statement is one transaction. A cancelled call closes its
connection while the server may still commit, so writes must be idempotent.
"""

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any, Protocol, TypeVar

import orjson
import psycopg2
import psycopg2.errors
import psycopg2.extras
from prometheus_client import Counter, Gauge, Histogram

from chassis import tracing
from chassis.driver import Connection
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
_seconds_of = cache(QUERY_SECONDS.labels)
POOL_IN_USE = Gauge("homeroom_db_pool_in_use", "Connections of the pool that are in use")
NESTED = Counter("homeroom_db_nested_connections_total", "Connections asked for by a task that holds a transaction")
POOL_SIZE = Gauge("homeroom_db_pool_size", "Connections the pool may have")

# The task that holds a transaction of a pool; what it starts meanwhile inherits the context, and is another task.
_holder: ContextVar["asyncio.Task[Any] | None"] = ContextVar("holder", default=None)
# A connection that rested longer is not trusted: what lies between may have forgotten it.
_IDLE_SECONDS = 1800.0
_NAME = re.compile(r"^-- name: (\w+)[ \t]*\n", re.MULTILINE)
_UNAVAILABLE = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.errors.QueryCanceled,
    # A standby before it is promoted, or a disk that is nearly full: the server takes no writes for now.
    psycopg2.errors.ReadOnlySqlTransaction,
    TimeoutError,
)
# The driver calls these operational, yet they are the statement's fault and stay: waiting for them would never end.
_TOO_MUCH = (
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.errors.StatementTooComplex,
)


class Executor(Protocol):
    """What a command or a view needs of a database, inside a transaction or not."""

    async def rows(self, query: str, /, **params: Any) -> list[Row]: ...
    async def row(self, query: str, /, **params: Any) -> Row | None: ...
    async def value(self, query: str, /, **params: Any) -> Any: ...
    async def execute(self, query: str, /, **params: Any) -> int: ...
    def transaction(self) -> "AbstractAsyncContextManager[Transaction]": ...


@cache
def load_queries(package: str) -> Mapping[str, str]:
    """Read, once, the named queries of every `sql/*.sql` of a package but `schema.sql`.

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


T = TypeVar("T")


class _Runner(ABC):
    """The four ways to run a named query, on a connection that `_connection` gives."""

    def __init__(self, queries: Mapping[str, str]) -> None:
        self._queries = queries

    @abstractmethod
    def _connection(self) -> AbstractAsyncContextManager[Connection]:
        """For one query."""

    async def rows(self, query: str, /, **params: Any) -> list[Row]:
        """All rows."""
        return await self._run(query, params, _all_rows)

    async def row(self, query: str, /, **params: Any) -> Row | None:
        """The first row, or None."""
        found = await self.rows(query, **params)
        return found[0] if found else None

    async def value(self, query: str, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        return await self._run(query, params, _first_value)

    async def execute(self, query: str, /, **params: Any) -> int:
        """The number of rows touched."""
        return await self._run(query, params, _row_count)

    async def _run(self, query: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        text = self._queries[query]
        try:
            with tracing.query(query):
                async with self._connection() as connection:
                    started = time.perf_counter()
                    cursor = await connection.run(text, {"traceparent": current_traceparent()} | _adapt(params))
                    _seconds_of(query).observe(time.perf_counter() - started)
                    return read(cursor)
        except _TOO_MUCH:
            raise
        except _UNAVAILABLE as error:
            raise Unavailable("The database does not answer; try again shortly.") from error


def _all_rows(cursor: Any) -> list[Row]:
    if cursor.description is None:
        return []
    names = [column.name for column in cursor.description]
    return [dict(zip(names, record, strict=True)) for record in cursor.fetchall()]


def _first_value(cursor: Any) -> Any:
    record = cursor.fetchone()
    return record[0] if record else None


def _row_count(cursor: Any) -> int:
    return int(cursor.rowcount)


def _adapt(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_json(value) if isinstance(value, dict) else value for name, value in params.items()}


def _as_json(value: Any) -> psycopg2.extras.Json:
    return psycopg2.extras.Json(value, dumps=lambda data: orjson.dumps(data, default=str).decode())


def json_rows(rows: list[dict[str, Any]]) -> psycopg2.extras.Json:
    """Many rows as one JSON parameter, for `json_to_recordset(%(rows)s)`; decimals travel as text."""
    return _as_json(rows)


class Transaction(_Runner):
    """An open transaction; `transaction()` on it joins it."""

    def __init__(self, connection: Connection, queries: Mapping[str, str]) -> None:
        super().__init__(queries)
        self._own = connection

    def _connection(self) -> AbstractAsyncContextManager[Connection]:
        return nullcontext(self._own)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        yield self


class _Lease:
    """A connection of the pool for the length of a block."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def __aenter__(self) -> Connection:
        self._connection = await self._database._acquire()
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        self._database._release(self._connection)


class Database(_Runner):
    """Named queries, and up to `maxsize` connections that run them; `timeout` as for `connect`.

    The pool is ours: aiopg's may let the last who asks go first, so that some wait for ever, and takes its connections
    in turn, so that none is warm (docs/adr/0002-aiopg-in-one-module.md).
    """

    def __init__(self, url: str, queries: Mapping[str, str], maxsize: int, timeout: float) -> None:
        super().__init__(queries)
        self._url = url
        self._timeout = timeout
        # Given in the order of asking.
        self._turns = asyncio.Semaphore(maxsize)
        # The one used last comes first: it holds plans and pages.
        self._free: list[Connection] = []
        self._used: set[Connection] = set()

    async def _run(self, query: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        try:
            return await super()._run(query, params, read)
        except Unavailable as error:
            if not isinstance(error.__cause__, psycopg2.errors.DeadlockDetected):
                raise
            # The server took all of it back, and whoever was in the way goes on.
            return await super()._run(query, params, read)

    def _connection(self) -> AbstractAsyncContextManager[Connection]:
        return _Lease(self)

    async def _acquire(self) -> Connection:
        self._refuse_circles()
        if self._turns.locked():
            async with asyncio.timeout(self._timeout):
                await self._turns.acquire()
        else:
            await self._turns.acquire()
        try:
            connection = self._reused() or await self._opened()
        except BaseException:
            self._turns.release()
            raise
        self._used.add(connection)
        POOL_IN_USE.inc()
        return connection

    def _reused(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - _IDLE_SECONDS
        while self._free:
            connection = self._free.pop()
            if not connection.closed:
                if connection.last_usage > oldest:
                    return connection
                connection.close()
        return None

    async def _opened(self) -> Connection:
        try:
            async with asyncio.timeout(self._timeout):
                connection = Connection(self._url, self._timeout)
                await connection
                return connection
        except RuntimeError as error:
            # uvloop may still hold the number of a socket that died with the server: the next try gets through.
            raise psycopg2.OperationalError(str(error)) from error

    def _release(self, connection: Connection) -> None:
        POOL_IN_USE.dec()
        self._used.discard(connection)
        if not connection.closed:
            if connection.is_idle:
                self._free.append(connection)
            else:
                connection.close()
        self._turns.release()

    def close(self) -> None:
        """Close all connections, those in use too."""
        for connection in (*self._free, *self._used):
            connection.close()
        self._free.clear()

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
    async def transaction(self) -> AsyncIterator[Transaction]:
        """BEGIN … COMMIT around the block; ROLLBACK when it raises."""
        try:
            async with self._connection() as connection, _begun(connection):
                with _held():
                    yield Transaction(connection, self._queries)
        except _TOO_MUCH:
            raise
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
async def _begun(connection: Connection) -> AsyncIterator[None]:
    await connection.run("BEGIN")
    try:
        yield
    except BaseException:
        # A cancelled or broken connection is closed already; the server then rolls back by itself.
        if not connection.closed:
            await connection.run("ROLLBACK")
        raise
    await connection.run("COMMIT")


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
    POOL_SIZE.set(maxsize)
    database = Database(url, queries, maxsize, timeout)
    try:
        yield database
    finally:
        database.close()
