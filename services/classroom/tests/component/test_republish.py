"""`python -m classroom republish` tells all there is once more, and nothing else."""

import asyncio
from random import Random
from typing import Any

import pytest

from chassis import republish
from chassis.db import Database
from chassis.events import Event
from chassis.testing import PATIENCE_SECONDS
from classroom.__main__ import SOURCES
from classroom.testing import Actor, Sql, events, uploaded

School = dict[str, Actor]


async def live(school: School, chance: Random, database: Database) -> None:
    """Classrooms with people who come and go, and with published, draft and deleted work, graded and taken back."""
    tara = school["tara"]
    for _ in range(2):
        room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
        students = [school[name].id for name in ("sam", "sue", "sid")]
        await asyncio.gather(*(tara.post(f"{room}/students", {"account_id": student}) for student in students))
        await tara.delete(f"{room}/students/{chance.choice(students)}")
        await tara.made(f"{room}/invitations", {"email": "new@oak.example"})
        topic = await tara.made(f"{room}/topics", {"title": "One"})
        for status in ("published", "published", "draft"):
            body = {"kind": "quiz", "title": "Quiz", "points_possible": 10, "status": status, "topic_id": topic["id"]}
            work = f"/assignments/{(await tara.made(f'{room}/assignments', body))['id']}"
            for student in students:
                grade = {"score": chance.randint(0, 10), "released": chance.random() < 0.6}
                given = await tara.put(f"{work}/grades/{student}", grade)
                if given.status == 200 and chance.random() < 0.5:
                    again = grade | {"released": False}
                    await tara.put(f"{work}/grades/{student}", again, If_Match=f'"{given["version"]}"')
        await hand_in(school, room, database)
        await tara.delete(chance.choice([work, f"/topics/{topic['id']}", room]))


async def hand_in(school: School, room: str, database: Database) -> None:
    """Work with a file that was exchanged, turned in and taken back."""
    body = {"kind": "homework", "title": "Essay", "status": "published"}
    me = f"/assignments/{(await school['tara'].made(f'{room}/assignments', body))['id']}/submissions/me"
    for name in ("sam", "sue", "sid"):
        files = [await uploaded(database, school[name]) for _ in range(2)]
        for number, file in enumerate(files):
            await school[name].put(me, {"body": str(number), "file_ids": [file]})
        await school[name].post(f"{me}/turn-in")
    await school["sue"].post(f"{me}/reclaim")


def newest(told: list[Event]) -> dict[Any, Any]:
    """The last state of every aggregate, and of every result by its own version."""
    found: dict[Any, tuple[int, Any]] = {}
    for event in told:
        kind = event.type.split(".")[1].split("-")[0]
        parts: list[tuple[Any, int, Any]] = [((kind, event.subject), event.sequence, event.data)]
        if kind == "grade":
            results = event.data["results"]
            parts = [((kind, event.subject, one["student_id"]), one["version"], one) for one in results]
        for key, version, data in parts:
            if key not in found or found[key][0] < version:
                found[key] = (version, data)
    return found


@pytest.mark.parametrize("page", [2, 500])
async def test_what_is_told_again_is_what_was_told_last(
    school: School, database: Database, sql: Sql, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(republish, "PAGE", page)
    await live(school, Random(page), database)
    before = await events(database)
    sql("DELETE FROM outbox")
    told = {source: await republish.republish(database, source) for source in SOURCES}
    # No quiz has questions here, so nothing is known of its attempts.
    assert {source for source, number in told.items() if not number} <= {"attempts", "quizzes"}
    again = await events(database)
    states, known = ({key: state for key, (_, state) in newest(told).items()} for told in (again, before))
    assert states == known
    # An assignment's version also counts the events of its grades.
    assert all(version >= newest(before)[key][0] for key, (version, _) in newest(again).items())
    subjects = [event.subject for event in again if ".grade-" not in event.type]
    assert len(subjects) == len(set(subjects)), "each once"


async def test_it_waits_until_all_is_sent(school: School, database: Database, sql: Sql) -> None:
    await school["tara"].made("/classrooms", {"title": "Algebra"})
    waiting = asyncio.create_task(republish.sent(database))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    sql("UPDATE outbox SET published_at = now()")
    await asyncio.wait_for(waiting, PATIENCE_SECONDS)
