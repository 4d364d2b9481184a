"""The database layer against a real Postgres: names, types, transactions, outages."""

import asyncio
import time
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from uuid import RFC_4122, UUID

import psycopg2
import pytest

from chassis.db import NESTED, Database, Executor, connect
from chassis.errors import Unavailable
from chassis.testing import PATIENCE_SECONDS, eventually, uuid7


async def insert_key(db: Executor, account: UUID, key: str = "k") -> None:
    await db.execute("claim_idempotency_key", account_id=account, key=key, digest=b"x")


async def test_rows_are_dictionaries_of_python_values(database: Database) -> None:
    session, expiry = uuid7(), datetime(2999, 1, 1, tzinfo=UTC)
    await database.execute("revoke_session", session_ids=[session], expires_at=[expiry])
    assert await database.rows("list_revoked_sessions") == [{"session_id": session, "expires_at": expiry}]


async def test_json_is_written_and_read_as_it_is(database: Database) -> None:
    account, headers = uuid7(), {"Location": "/x", "n": 1, "list": [None, "é"]}
    await insert_key(database, account)
    await database.execute(
        "store_idempotent_response", account_id=account, key="k", status=201, response=b"{}", headers=headers
    )
    stored = await database.row("read_idempotency_key", account_id=account, key="k")
    assert stored is not None
    assert stored["headers"] == headers


async def test_a_transaction_commits_or_leaves_nothing(database: Database) -> None:
    account = uuid7()

    async def fail_after_insert() -> None:
        async with database.transaction() as tx:
            await insert_key(tx, account)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_insert()
    assert await database.row("read_idempotency_key", account_id=account, key="k") is None
    async with database.transaction() as tx, tx.transaction() as inner:
        await insert_key(inner, account)
    assert await database.row("read_idempotency_key", account_id=account, key="k") is not None


async def test_a_cancelled_transaction_leaves_nothing_and_the_pool_whole(database: Database) -> None:
    account, entered = uuid7(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction() as tx:
            await insert_key(tx, account)
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await database.row("read_idempotency_key", account_id=account, key="k") is None
    assert await asyncio.gather(*(database.value("ping") for _ in range(20))) == [1] * 20


LOSES_ONCE = """
CREATE SEQUENCE tries;
CREATE FUNCTION lose_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('tries') = 1 THEN
        RAISE deadlock_detected;
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER lose_once BEFORE INSERT ON revoked_sessions FOR EACH ROW EXECUTE FUNCTION lose_once();
"""


async def test_who_loses_a_deadlock_is_run_again(database: Database) -> None:
    async with database._connection() as connection:
        await connection.run(LOSES_ONCE)
    added = await database.execute(
        "revoke_session", session_ids=[uuid7()], expires_at=[datetime(2999, 1, 1, tzinfo=UTC)]
    )
    assert (added, len(await database.rows("list_revoked_sessions"))) == (1, 1)


async def test_an_exhausted_pool_answers_unavailable(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, release = asyncio.Semaphore(0), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            taken.release()
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(4)]
    for _ in holders:
        await taken.acquire()
    monkeypatch.setattr(database, "_timeout", 0.05)
    try:
        with pytest.raises(Unavailable):
            await database.value("ping")
    finally:
        release.set()
        await asyncio.gather(*holders)


async def test_connections_are_given_in_the_order_of_asking(database_url: str) -> None:
    """Else under load some wait until nobody wants their answer any more."""
    order: list[int] = []
    async with connect(database_url, maxsize=1) as database:

        async def take(number: int) -> None:
            async with database.transaction():
                order.append(number)

        async with database._connection():
            first = [asyncio.create_task(take(number)) for number in range(5)]
            await asyncio.sleep(0.05)  # they wait; nothing tells when
            later = [asyncio.create_task(take(number)) for number in range(5, 10)]
        await asyncio.gather(*first, *later)
    assert order == sorted(order)


async def test_the_connection_used_last_is_used_first_unless_it_is_lost_or_in_a_transaction(
    database: Database, database_url: str
) -> None:
    first = await _backend(database)
    assert await _backend(database) == first
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [first])
    await eventually(lambda: _is_another(database, first))
    second = await _backend(database)
    async with database._connection() as connection:
        await connection.run("BEGIN")
    assert await _backend(database) != second
    assert await database.value("ping") == 1


async def _backend(database: Database) -> int:
    async with database._connection() as connection:
        return int(connection.raw.get_backend_pid())


async def _is_another(database: Database, pid: int) -> bool:
    return await _backend(database) != pid


def test_ids_made_by_the_database_are_uuid7_and_sort_by_time(database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uuid7() FROM generate_series(1, 1000)")
        made = [UUID(str(record[0])) for record in cursor.fetchall()]
    assert {identifier.version for identifier in made} == {7}
    assert {identifier.variant for identifier in made} == {RFC_4122}
    stamps = [identifier.int >> 80 for identifier in made]
    assert stamps == sorted(stamps)
    assert abs(stamps[0] / 1000 - time.time()) < 60


async def test_decimals_stay_exact(database: Database) -> None:
    account = uuid7()
    await insert_key(database, account)
    await database.execute(
        "store_idempotent_response",
        account_id=account,
        key="k",
        status=200,
        response=None,
        headers={"score": Decimal("78.10")},
    )
    stored = await database.row("read_idempotency_key", account_id=account, key="k")
    assert stored is not None
    assert stored["headers"] == {"score": "78.10"}


async def test_no_connection_is_waited_for_inside_a_transaction(database: Database) -> None:
    """Four that hold all four connections and ask for one more each would wait for each other."""
    nested, holding, together = NESTED._value.get(), 0, asyncio.Event()

    async def hold_and_ask() -> None:
        nonlocal holding
        async with database.transaction() as tx:
            await tx.value("ping")
            holding += 1
            if holding == 4:
                together.set()
            await together.wait()
            await database.value("ping")

    database._timeout = 600.0  # who waited for that would be heard of
    async with asyncio.timeout(PATIENCE_SECONDS):
        outcomes = await asyncio.gather(*(hold_and_ask() for _ in range(4)), return_exceptions=True)
    assert Unavailable in map(type, outcomes)  # and whoever asks later may get what it held
    assert NESTED._value.get() == nested + 4
    async with database.transaction() as tx:
        assert await tx.value("ping") == await asyncio.create_task(database.value("ping"))
    assert NESTED._value.get() == nested + 4
