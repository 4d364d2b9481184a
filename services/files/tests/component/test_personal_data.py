"""What files gives of a person, and that nothing of them is left."""

from chassis.db import Database
from chassis.events import Event
from chassis.inbox import apply
from chassis.testing import erased, exported, uuid7
from files.consumers import HANDLERS


async def test_a_person_is_exported_and_erased(database: Database) -> None:
    school_id, account_id = uuid7(), uuid7()
    data = {"account_id": str(account_id), "email": None, "name": "Sam", "role": "student", "status": "active"}
    known = Event("auth.account-created.v1", "/homeroom/auth", account_id, school_id, 1, data)
    await apply(database, HANDLERS, [known])
    given = await exported(database, "files", school_id, account_id)
    assert given["account"] == [{"role": "student", "status": "active"}]
    await erased(database, "files", school_id, account_id)
    assert (await exported(database, "files", school_id, account_id))["account"][0]["status"] == "deactivated"
    assert await exported(database, "files", uuid7(), account_id) == {}
