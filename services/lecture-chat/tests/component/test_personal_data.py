"""What lecture-chat gives of a person, and that nothing of them is left."""

from chassis.db import Database
from chassis.events import Event
from chassis.inbox import apply
from chassis.testing import erased, exported, traces, uuid7
from lecture_chat.consumers import HANDLERS


async def test_a_person_is_exported_and_erased(database: Database, database_url: str) -> None:
    school_id, account_id = uuid7(), uuid7()
    data = {"account_id": str(account_id), "email": None, "name": "Sam Hill", "role": "student", "status": "active"}
    joined = {"classroom_id": str(uuid7()), "student_id": str(account_id), "status": "active"}
    await apply(
        database,
        HANDLERS,
        [
            Event("auth.account-created.v1", "/homeroom/auth", account_id, school_id, 1, data),
            Event("classroom.student-enrolled.v1", "/homeroom/classroom", uuid7(), school_id, 1, joined),
        ],
    )
    given = await exported(database, "lecture_chat", school_id, account_id)
    assert (given["account"][0]["name"], given["memberships"][0]["role"]) == ("Sam Hill", "student")
    await erased(database, "lecture_chat", school_id, account_id)
    assert traces(database_url, "Sam Hill") == {}
    assert await exported(database, "lecture_chat", uuid7(), account_id) == {}
