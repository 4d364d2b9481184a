"""`python -m auth republish` tells all there is once more."""

from auth.__main__ import SOURCES
from auth.testing import Client, Sql, register
from chassis import republish
from chassis.db import Database
from chassis.outbox import unsent_events


async def test_schools_and_accounts_are_told_again(client: Client, database: Database, sql: Sql) -> None:
    elm = await register(client, "ada@elm.example")
    await register(client, "oak@oak.example")
    for role in ("teacher", "student"):
        body = {"name": role, "email": f"{role}@elm.example", "role": role}
        account = await elm.call("POST", "/accounts", 201, json=body)
    await elm.call("DELETE", f"/accounts/{account['account']['id']}", 204)
    before = {event.subject: event for event in await unsent_events(database, "auth") if "session" not in event.type}
    sql("DELETE FROM outbox")
    counts = [await republish.republish(database, source) for source in SOURCES]
    again = {event.subject: event for event in await unsent_events(database, "auth")}
    assert counts == [2, 4]
    assert {key: (event.sequence, event.data) for key, event in again.items()} == {
        key: (event.sequence, event.data) for key, event in before.items()
    }
