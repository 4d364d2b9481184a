"""A live lecture through the real gateway: token as subprotocol, origin, two replicas, from opening to attendance."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chassis.testing import eventually
from dev.gateway_client import trust
from dev.stack import Stack
from lecture_chat.client import RoomClient, joined
from tests.system.people import Person, School


@pytest.fixture
async def session(whole: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    authority = Path(whole.description()["ca_file"])
    connector = aiohttp.TCPConnector(ssl=trust(authority, insecure=False))
    async with aiohttp.ClientSession(connector=connector) as opened:
        yield opened


def token_of(person: Person) -> Callable[[], Awaitable[str]]:
    async def token() -> str:
        return str(person.token)

    return token


async def test_a_lecture_from_opening_to_attendance(school: School, session: aiohttp.ClientSession) -> None:
    """GUARANTEES 17, 50: a foreign room and a wrong origin are refused before the upgrade, at the gateway too; behind
    it whoever is removed, or was there at the end, still sees the code and not a cut connection.
    """
    teacher, student, leaver = await school.teacher(), await school.student(), await school.student("leaver")
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    code = (await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/join-code"))["join_code"]
    work = {"kind": "lecture", "title": "Waves", "status": "published"}
    assignment = await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/assignments", work)
    lecture = await teacher.send("POST", "/api/lecture-chat/lectures", {"assignment_id": assignment["id"]})
    path = f"/api/lecture-chat/lectures/{lecture['lecture_id']}"
    # Enrolled in this very second: the room waits for the event.
    for person in (student, leaver):
        await person.send("POST", "/api/classroom/enrollments", {"join_code": code})

    def client(person: Person, **options: Any) -> RoomClient:
        return RoomClient(session, [school.url + path], token_of(person), pause=lambda _: 0.2, **options)

    ours, theirs = client(teacher, origin=school.url), client(student)
    async with joined(ours), joined(theirs):
        assert await theirs.say("Hello") == 1
        assert await ours.say("Welcome") == 2
        await ours.add("pin", seq=2)

        async def both_see() -> bool:
            return ours.last_seq == theirs.last_seq == 3

        await eventually(both_see)
        assert ours.entries == theirs.entries
        answer = await student.ask("POST", f"{path}/messages", {"client_id": "over-http", "body": "Hi"})
        assert answer.status == 201
        stranger = client(await school.student("stranger"))
        await stranger.run()
        assert stranger.refusal == 404
        elsewhere = client(teacher, origin="https://evil.example")
        await elsewhere.run()
        assert elsewhere.refusal == 403
        async with joined(removed := client(leaver)):
            await teacher.ask("DELETE", f"/api/classroom/classrooms/{room['id']}/students/{leaver.id}")

            async def is_out() -> bool:
                return removed.close_code == 4005

            await eventually(is_out)
        await teacher.send("POST", f"{path}/close")

        async def both_ended() -> bool:
            return ours.close_code == theirs.close_code == 4010

        await eventually(both_ended)
    attendance = (await teacher.get(f"{path}/attendance"))["items"]
    assert [person["messages"] for person in attendance if person["student_id"] == student.id] == [2]
    assert "Hello" in (await student.download(f"{path}/transcript?format=text")).decode()
