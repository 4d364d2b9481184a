"""What lecture-chat gives of a person, and that nothing of them is left."""

from contextlib import closing
from typing import Any

import psycopg2
from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.events import Event
from chassis.inbox import apply
from chassis.testing import eventually, uuid7
from chassis.testing_personal_data import erased, exported, traces
from lecture_chat.consumers import HANDLERS
from lecture_chat.testing import LECTURES, Live, World, see


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


async def test_what_a_person_said_is_exported_and_erased(
    client: TestClient[Any, Any], world: World, database: Database, database_url: str
) -> None:
    lecture = await client.post(LECTURES, json={"assignment_id": str(world.lecture_id)}, headers=world.teacher.headers)
    path = f"{LECTURES}/{(await lecture.json())['lecture_id']}/messages"
    message = {"client_id": "a", "body": "my secret"}
    assert (await client.post(path, json=message, headers=world.student.headers)).status == 201
    with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE live_lectures SET pinned_seq = 1")
    person = world.school_id, world.student.account_id
    given = await exported(database, "lecture_chat", *person)
    assert [entry["body"] for entry in given["entries"]] == ["my secret"]
    await erased(database, "lecture_chat", *person)
    assert traces(database_url, "my secret") == {}
    history = await (await client.get(path, headers=world.teacher.headers)).json()
    assert [(entry["seq"], entry["deleted"]) for entry in history["items"]] == [(1, True)]
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pinned_seq, message_count FROM live_lectures")
        assert cursor.fetchall() == [(None, 0)]


async def test_a_running_room_forgets_what_an_erased_person_said(live: Live, database: Database) -> None:
    world = live.world
    async with live.joined((world.teacher, 0), (world.student, 0)) as (teacher, student):
        await student.say("my secret")
        await teacher.say("mine")
        await erased(database, "lecture_chat", world.school_id, world.student.account_id)

        async def is_forgotten() -> bool:
            async with live.joined((world.teacher, 0)) as (late,):
                await see([late], 2)
                assert late.entries[1]["body"] == "mine"
                return "my secret" not in str(late.entries) and late.entries[0]["author"]["name"] == "Erased person"

        await eventually(is_forgotten)
