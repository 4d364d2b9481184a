"""What auth's events change, in any order and any number of times."""

import itertools
from typing import Any

from chassis import inbox
from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.events import Event
from chassis.testing import uuid7
from classroom.consumers import HANDLERS
from classroom.testing import Actor, Sql, account_event

School = dict[str, Actor]


def test_there_is_a_handler_for_every_contract() -> None:
    assert inbox.complete_handlers(default_contracts(), "classroom", HANDLERS)


async def test_every_example_of_a_contract_is_taken(database: Database) -> None:
    contracts = default_contracts()
    for name in HANDLERS:
        for _, event in contracts.types[name].examples():
            await inbox.apply(database, HANDLERS, [event])


async def test_the_newest_state_of_an_account_wins_in_any_order(school: School, database: Database, sql: Sql) -> None:
    sam = school["sam"]
    told = [
        account_event(sam, 2, name="Sammy"),
        account_event(sam, 3, name="Samuel"),
        account_event(sam, 4, status="deactivated", name="Samuel"),
    ]
    read = "SELECT name, status, version FROM accounts WHERE account_id = %s"
    for order in itertools.permutations(told):
        for event in order:
            fresh = Event(**{**{f: getattr(event, f) for f in event.__slots__}, "id": uuid7()})
            await inbox.apply(database, HANDLERS, [fresh, fresh])
        assert sql(read, sam.id) == [("Samuel", "deactivated", 4)]
        sql("UPDATE accounts SET version = 1, status = 'active' WHERE account_id = %s", sam.id)


async def test_the_same_account_in_two_schools_is_two_people(school: School, database: Database, sql: Sql) -> None:
    sam = school["sam"]
    foreign = Event(
        type="auth.account-created.v1",
        source="/homeroom/auth",
        subject=sam.caller.account_id,
        school_id=school["other_admin"].school_id,
        sequence=9,
        data=account_event(sam).data | {"name": "Elsewhere"},
    )
    await inbox.apply(database, HANDLERS, [foreign])
    names = sql("SELECT name FROM accounts WHERE account_id = %s ORDER BY name", sam.id)
    assert names == [("Elsewhere",), ("Sam",)]


async def test_unknown_fields_are_ignored(school: School, database: Database, sql: Sql) -> None:
    await inbox.apply(database, HANDLERS, [account_event(school["sam"], 2, name="Sammy", shoe_size=43)])
    assert sql("SELECT count(*) FROM accounts WHERE name = 'Sammy'") == [(1,)]


async def test_a_package_is_known_once_its_accounts_are(database: Database, sql: Sql) -> None:
    def imported() -> Event:
        data: dict[str, Any] = {"roster_id": str(uuid7()), "package_sha256": "a" * 64, "accounts": 3}
        return Event("auth.roster-imported.v1", "/homeroom/auth", uuid7(), school_id, 1, data)

    school_id = uuid7()
    await inbox.apply(database, HANDLERS, [imported(), imported()])
    await inbox.apply(database, HANDLERS, [imported()])
    assert sql("SELECT school_id, package_sha256 FROM imported_rosters") == [(school_id, "a" * 64)]
