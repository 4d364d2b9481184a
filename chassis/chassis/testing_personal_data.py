"""For component tests of export and erasure: what auth asks, and whether anything is left."""

from importlib import import_module
from uuid import UUID

import psycopg2
from psycopg2 import sql

from chassis.contracts import check_event, default_contracts
from chassis.db import Database, utc_now
from chassis.events import Event
from chassis.inbox import apply, complete_handlers
from chassis.outbox import unsent_events
from chassis.personal_data import ACCOUNT_ERASED, EXPORT_REQUESTED, Part, reapply
from chassis.testing import uuid7


def request_event(kind: str, school_id: UUID, account_id: UUID, sequence: int = 9) -> Event:
    """What auth asks every service for a person: their `export`, or their `erasure`."""
    request_id = uuid7()
    data = {"request_id": str(request_id), "account_id": str(account_id)}
    if kind == "export":
        return Event(EXPORT_REQUESTED, "/homeroom/auth", request_id, school_id, 1, data)
    data["erased_at"] = utc_now().isoformat()
    return Event(ACCOUNT_ERASED, "/homeroom/auth", account_id, school_id, sequence, data)


async def exported(database: Database, package: str, school_id: UUID, account_id: UUID) -> Part:
    """What a service answers when it is asked for all it keeps of a person."""
    await _apply_request(database, package, "export", school_id, account_id)
    answer = (await unsent_events(database, package.replace("_", "-")))[-1]
    check_event(answer)
    content: Part = answer.data["content"]
    return content


async def erased(database: Database, package: str, school_id: UUID, account_id: UUID) -> None:
    """Let a service forget a person, twice: the second time changes nothing that anybody hears of."""
    await _apply_request(database, package, "erasure", school_id, account_id)
    told = await unsent_events(database, package.replace("_", "-"))
    assert (told[-1].data["kind"], told[-1].data["content"]) == ("erasure", None)
    for event in told:
        check_event(event)
    await reapply(database)
    assert len(await unsent_events(database, package.replace("_", "-"))) == len(told)


async def _apply_request(database: Database, package: str, kind: str, school_id: UUID, account_id: UUID) -> None:
    contracts, consumers = default_contracts(), import_module(f"{package}.consumers")
    handlers = complete_handlers(contracts, package.replace("_", "-"), consumers.HANDLERS)
    await apply(database, handlers, [request_event(kind, school_id, account_id)])


def traces(database_url: str, *words: str) -> dict[str, int]:
    """How many rows of which tables hold one of the words anywhere; the outbox, kept for a day, left out."""
    found = {}
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'outbox'")
        for (table,) in cursor.fetchall():
            statement = "SELECT count(*) FROM {} AS t WHERE to_jsonb(t)::text ILIKE ANY(%s)"
            cursor.execute(sql.SQL(statement).format(sql.Identifier(table)), [[f"%{word}%" for word in words]])
            [(found[table],)] = cursor.fetchall()
    connection.close()
    return {table: count for table, count in found.items() if count}
