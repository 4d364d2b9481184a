"""Opening, reading and closing live lectures: by whom, and what is the same as nothing."""

import asyncio
from contextlib import closing
from dataclasses import replace
from typing import Any

import psycopg2
from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.identity import Role
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.testing import PATIENCE_SECONDS, Caller, Issuer, somebody_waits, uuid7
from lecture_chat.consumers import HANDLERS
from lecture_chat.testing import World

Client = TestClient[Any, Any]
LECTURES = "/api/lecture-chat/lectures"


async def post(client: Client, caller: Caller, path: str = "", **body: Any) -> tuple[int, Any]:
    answer = await client.post(LECTURES + path, json=body, headers=caller.headers)
    return answer.status, await answer.json()


async def get(client: Client, caller: Caller, path: str) -> tuple[int, Any]:
    answer = await client.get(LECTURES + path, headers=caller.headers)
    return answer.status, await answer.json()


async def opened(client: Client, world: World) -> Any:
    status, lecture = await post(client, world.teacher, assignment_id=str(world.lecture_id))
    assert status == 201
    return lecture


async def test_a_lecture_from_opening_to_closing(client: Client, world: World) -> None:
    lecture = await opened(client, world)
    assert (lecture["title"], lecture["closed_at"]) == ("Waves", None)
    assert lecture["opened_by"] == str(world.teacher.account_id)
    for member in (world.teacher, world.student):
        assert await get(client, member, f"/{lecture['lecture_id']}") == (200, lecture)
    closing = f"/{lecture['lecture_id']}/close"
    status, closed = await post(client, world.teacher, closing)
    assert (status, closed["closed_at"] is None) == (200, False)
    assert await post(client, world.teacher, closing) == (200, closed)
    again = await opened(client, world)
    assert again["lecture_id"] != lecture["lecture_id"]


async def test_a_clock_that_is_put_back_does_not_keep_a_lecture_open(
    client: Client, world: World, database_url: str
) -> None:
    lecture = await opened(client, world)
    with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE live_lectures SET opened_at = opened_at + interval '1 minute'")
    status, closed = await post(client, world.teacher, f"/{lecture['lecture_id']}/close")
    assert (status, closed["closed_at"] is None) == (200, False)


async def test_a_lecture_is_open_once(client: Client, world: World) -> None:
    both = await asyncio.gather(*(post(client, world.teacher, assignment_id=str(world.lecture_id)) for _ in range(5)))
    assert sorted(status for status, _ in both) == [201, 409, 409, 409, 409]
    assert {body.get("code") for status, body in both if status == 409} == {"already_open"}


async def test_a_repeated_request_opens_once(client: Client, world: World) -> None:
    headers = world.teacher.headers | {"Idempotency-Key": "open"}
    body = {"assignment_id": str(world.lecture_id)}
    answers = [await client.post(LECTURES, json=body, headers=headers) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert await answers[0].json() == await answers[1].json()
    assert answers[0].headers["Location"] == f"{LECTURES}/{(await answers[0].json())['lecture_id']}"


async def test_lectures_are_listed_newest_first(client: Client, world: World) -> None:
    made = []
    for _ in range(3):
        lecture = await opened(client, world)
        made.append(lecture["lecture_id"])
        await post(client, world.teacher, f"/{lecture['lecture_id']}/close")
    path = f"?classroom_id={world.classroom_id}"
    _, first = await get(client, world.student, f"{path}&limit=2")
    _, rest = await get(client, world.student, f"{path}&limit=2&cursor={first['next_cursor']}")
    assert [item["lecture_id"] for item in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next_cursor"] is None
    assert (await get(client, world.student, f"{path}&only_open=true"))[1]["items"] == []
    assert (await get(client, world.student, ""))[0] == 422


async def test_only_a_published_lecture_of_an_active_classroom(
    client: Client, world: World, database: Database
) -> None:
    status, problem = await post(client, world.teacher, assignment_id=str(world.homework_id))
    assert (status, problem["code"]) == (422, "not_a_lecture")
    await apply(database, HANDLERS, [world.event("classroom-updated", world.classroom_id, 2, status="archived")])
    status, problem = await post(client, world.teacher, assignment_id=str(world.lecture_id))
    assert (status, problem["code"]) == (409, "classroom_archived")
    await apply(database, HANDLERS, [world.assignment(world.lecture_id, "lecture", "deleted", 2)])
    assert (await post(client, world.teacher, assignment_id=str(world.lecture_id)))[0] == 404


async def test_roles(client: Client, world: World, issuer: Issuer) -> None:
    lecture = await opened(client, world)
    assert (await post(client, world.student, assignment_id=str(world.lecture_id)))[0] == 403
    assert (await post(client, world.student, f"/{lecture['lecture_id']}/close"))[0] == 403
    admin = issuer.caller(Role.ADMIN, world.school_id)
    assert (await get(client, admin, f"/{lecture['lecture_id']}"))[0] == 403
    assert (await client.get(LECTURES)).status == 401


async def test_what_is_not_mine_does_not_exist(client: Client, world: World) -> None:
    lecture = (await opened(client, world))["lecture_id"]
    for caller in world.outsiders():
        assert (await get(client, caller, f"/{lecture}"))[0] == 404
        assert (await get(client, caller, f"?classroom_id={world.classroom_id}"))[0] == 404
    for teacher in (world.other_teacher, world.foreigner):
        assert (await post(client, teacher, assignment_id=str(world.lecture_id)))[0] == 404
        assert (await post(client, teacher, f"/{lecture}/close"))[0] == 404
    foreign, unknown = (
        await get(client, world.foreigner, f"/{lecture}"),
        await get(client, world.foreigner, f"/{uuid7()}"),
    )
    assert foreign[1] | {"request_id": ""} == unknown[1] | {"request_id": ""}


async def test_a_removed_student_is_out_until_enrolled_again(client: Client, world: World, database: Database) -> None:
    lecture, pair, student = (await opened(client, world))["lecture_id"], uuid7(), str(world.student.account_id)
    for version, kind, state, status in ((2, "removed", "removed", 404), (3, "enrolled", "active", 200)):
        event = world.event(f"student-{kind}", pair, version, student_id=student, status=state)
        await apply(database, HANDLERS, [event])
        assert (await get(client, world.student, f"/{lecture}"))[0] == status
    await apply(database, HANDLERS, [world.event("student-removed", pair, 2, student_id=student, status="removed")])
    assert (await get(client, world.student, f"/{lecture}"))[0] == 200


async def test_what_arrives_in_a_moment_is_waited_for(client: Client, world: World, database: Database) -> None:
    assert client.app is not None
    client.app[WAITS].seconds = PATIENCE_SECONDS
    late = uuid7()
    asked = asyncio.create_task(post(client, world.teacher, assignment_id=str(late)))
    await somebody_waits(client.app[WAITS])
    await apply(database, HANDLERS, [world.assignment(late, "lecture")])
    assert (await asked)[0] == 201


async def test_nothing_said_looks_like_anothers_line_of_the_transcript(
    client: Client, world: World, database: Database
) -> None:
    named = world.named(world.student.account_id, "B\ren", "student")
    await apply(database, HANDLERS, [replace(named, sequence=2)])
    path = f"/{(await opened(client, world))['lecture_id']}"
    for n, end in enumerate(("\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c")):
        await post(client, world.student, f"{path}/messages", client_id=str(n), body=f"one{end}[10:00:00] Ada: two")
    told = await client.get(f"{LECTURES}{path}/transcript?format=text", headers=world.teacher.headers)
    lines = (await told.read()).decode().splitlines()[2:]
    assert len(lines) == 16
    assert [line[10:] for line in lines[::2]] == [" B en: one"] * 8
    assert set(lines[1::2]) == {"    [10:00:00] Ada: two"}


async def test_a_lecture_for_some_does_not_exist_for_the_others(
    client: Client, world: World, database: Database
) -> None:
    other, student = world.other_student, world.student
    theirs: dict[str, Any] = {"assigned_to": [str(student.account_id)]}
    await apply(database, HANDLERS, [world.enrolled(other.account_id)])
    await apply(database, HANDLERS, [world.assignment(world.lecture_id, "lecture", version=2, **theirs)])
    lecture = await opened(client, world)
    path = f"/{lecture['lecture_id']}"
    listing = f"?classroom_id={world.classroom_id}"
    for member in (world.teacher, student):
        assert await get(client, member, path) == (200, lecture)
        assert (await get(client, member, listing))[1]["items"] == [lecture]
    assert (await get(client, other, listing))[1]["items"] == []
    for part in ("", "/messages", "/transcript"):
        assert (await get(client, other, path + part))[0] == 404
    assert (await post(client, other, f"{path}/messages", client_id="x", body="x"))[0] == 404
    socket = await client.get(f"{LECTURES}{path}/socket", headers=other.headers)
    assert socket.status == 404
    for _ in ("open", "closed"):
        shown = (await get(client, world.teacher, f"{path}/attendance"))[1]["items"]
        assert [person["student_id"] for person in shown] == [str(student.account_id)]
        await post(client, world.teacher, f"{path}/close")
    await apply(database, HANDLERS, [world.assignment(world.lecture_id, "lecture", version=3, assigned_to=None)])
    assert (await get(client, other, path))[0] == 200


async def test_whom_older_lectures_are_for_is_learned_by_republishing(
    client: Client, world: World, database: Database, database_url: str
) -> None:
    """Whether the copy is of before the upgrade, or a worker of before kept it while the column was there already."""
    other = world.other_student
    await apply(database, HANDLERS, [world.enrolled(other.account_id)])
    path = f"/{(await opened(client, world))['lecture_id']}"
    theirs = [str(world.student.account_id)]
    told = world.assignment(world.lecture_id, "lecture", version=1, assigned_to=theirs)
    for version in (0, 1):
        with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("UPDATE assignments SET assigned_to = NULL, version = %s", [version])
        assert (await get(client, other, path))[0] == 200
        await apply(database, HANDLERS, [replace(told, id=uuid7())])
        assert (await get(client, other, path))[0] == 404
    await apply(database, HANDLERS, [world.assignment(world.lecture_id, "lecture", version=2, assigned_to=None)])
    await apply(database, HANDLERS, [replace(told, id=uuid7())])
    assert (await get(client, other, path))[0] == 200


async def test_whoever_may_not_teach_any_more_moderates_nothing(client: Client, world: World, issuer: Issuer) -> None:
    """Their school made a student of them; the classroom's event, if there is one, is another matter."""
    lecture = await opened(client, world)
    path = f"/{lecture['lecture_id']}"
    was_teacher = issuer.caller(Role.STUDENT, world.school_id, world.teacher.account_id)
    for part in (path, f"{path}/messages", f"?classroom_id={world.classroom_id}"):
        assert (await get(client, was_teacher, part))[0] == 404
    assert (await post(client, was_teacher, f"{path}/messages", client_id="x", body="x"))[0] == 404
    assert (await client.get(f"{LECTURES}{path}/socket", headers=was_teacher.headers)).status == 404
