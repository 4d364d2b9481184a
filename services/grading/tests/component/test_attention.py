"""Students at risk: each with the reasons that hold, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.events import Event
from chassis.identity import Role
from chassis.inbox import apply
from chassis.paging import encode_cursor
from chassis.testing import Caller, Issuer, eventually
from grading.attention.jobs import judge_all
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id

NOW = datetime.now(UTC)
WORKS = [NOW - timedelta(days=60 - 10 * n) for n in range(5)]
"""When each of five works was due."""
SCORES: dict[str, list[str | None]] = {
    "Fine": ["80", "85", "75", "80", "80"],
    "Low": ["40", "45", "55", "49", "40"],
    "Falling": ["90", "95", "70", "75", "70"],
    "Missing": ["80", "85", "90", None, None],
    "Absent": [None, None, None, None, None],
}


@dataclass
class Room:
    """A classroom of five students, and what was set and given."""

    client: TestClient[Any, Any]
    database: Database
    school: School
    admin: Caller
    id: UUID = field(default_factory=new_id)
    students: dict[str, UUID] = field(default_factory=lambda: {name: new_id() for name in SCORES})
    pairs: dict[str, UUID] = field(default_factory=lambda: {name: new_id() for name in SCORES})

    def works(self) -> list[Event]:
        return [
            self.school.assignment(new_id(), self.id, f"W{n}", kind="homework", due_at=at) for n, at in enumerate(WORKS)
        ]

    def enrolled(self, name: str, status: str = "active", version: int = 1) -> Event:
        return self.school.enrolment(self.pairs[name], self.id, self.students[name], status=status, version=version)

    async def hear(self, events: Sequence[Event]) -> None:
        await apply(self.database, HANDLERS, events)

    async def judge(self) -> None:
        await judge_all(self.database)

    async def shown(self, query: str = "", status: int = 200) -> Any:
        path = f"/api/grading/classrooms/{self.id}/at-risk{query}"
        async with self.client.get(path, headers=self.admin.headers) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def names(self) -> set[str]:
        return {student["name"] for student in (await self.shown())["items"]}


@pytest.fixture
async def room(client: TestClient[Any, Any], database: Database, school: School, issuer: Issuer) -> Room:
    made = Room(client, database, school, issuer.caller(Role.ADMIN, school.school_id))
    works = made.works()
    open_work = school.assignment(new_id(), made.id, due_at=NOW + timedelta(days=1))
    for_others = school.assignment(new_id(), made.id, due_at=WORKS[0], assigned_to=[new_id()])
    people = [school.account(student, name) for name, student in made.students.items()]
    graded = [school.grades(work.subject, made.id, results(made.students, n)) for n, work in enumerate(works)]
    events = [school.classroom(made.id, "Physics"), *works, open_work, for_others, *people]
    await made.hear([*events, *map(made.enrolled, SCORES), *graded])
    return made


async def test_students_at_risk(room: Room) -> None:
    await room.judge()
    shown = await room.shown()
    assert (shown["students"], shown["at_risk"], shown["rules"]["low_average"]) == (5, 4, "50")
    assert (shown["up_to_date"], shown["next_cursor"]) == (True, None)
    found = {student["name"]: student for student in shown["items"]}
    assert {name: student["reasons"] for name, student in found.items()} == {
        "Low": ["low_average"],
        "Falling": ["falling"],
        "Missing": ["missing_work"],
        "Absent": ["nothing_yet"],
    }
    assert (found["Missing"]["due"], found["Missing"]["missing"], found["Missing"]["average"]) == (5, 2, "85")
    assert (found["Falling"]["recent"], found["Falling"]["earlier"]) == ("71.6666666667", "92.5")


async def test_what_was_set_for_others_makes_up_for_nothing_missing(room: Room) -> None:
    """Neither a result nor work handed in that stayed from when it was for everybody; what is theirs again counts."""
    missing, school = room.students["Missing"], room.school
    works = [
        school.assignment(new_id(), room.id, kind="homework", due_at=WORKS[0], assigned_to=[new_id()]) for _ in range(2)
    ]
    graded = school.grades(works[0].subject, room.id, [Given(missing, "80")])
    handed_in = school.submission(new_id(), works[1].subject, room.id, [missing])
    await room.hear([*works, graded, handed_in])
    await room.judge()
    (found,) = [student for student in (await room.shown())["items"] if student["name"] == "Missing"]
    assert (found["due"], found["missing"], found["reasons"]) == (5, 2, ["missing_work"])
    for work in works:
        theirs = school.assignment(
            work.subject, room.id, kind="homework", due_at=WORKS[0], assigned_to=[missing], version=2
        )
        await room.hear([theirs])
    await room.judge()
    (found,) = [student for student in (await room.shown())["items"] if student["name"] == "Missing"]
    assert (found["due"], found["missing"]) == (7, 2)


async def test_a_classroom_rests_between_two_judgements(room: Room) -> None:
    await judge_all(room.database, rest_seconds=60)
    assert (await room.shown())["up_to_date"] is True, "the first is not waited for"
    await room.hear([room.enrolled("Low", "removed", version=2)])
    await judge_all(room.database, rest_seconds=60)
    assert (await room.shown())["up_to_date"] is False
    await judge_all(room.database)
    shown = await room.shown()
    assert (shown["up_to_date"], shown["at_risk"]) == (True, 3)


async def test_the_list_is_read_page_by_page(room: Room) -> None:
    await room.judge()
    whole, found, query = await room.shown(), list[Any](), "?limit=1"
    while query:
        page = await room.shown(query)
        assert (len(page["items"]), page["at_risk"]) == (1, 4)
        found += page["items"]
        query = f"?limit=1&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert found == whole["items"]
    averages = [float(student["average"] or 0) for student in found]
    assert averages == sorted(averages), "as each has one reason, the lowest average comes first"


@pytest.mark.parametrize("position", [("Ada", UUID(int=1)), ("9" * 30, "1", UUID(int=1)), (1, "1e999", UUID(int=1))])
async def test_a_cursor_of_another_list_is_refused(room: Room, position: tuple[Any, ...]) -> None:
    problem = await room.shown(f"?cursor={encode_cursor(*position)}", status=422)
    assert problem["errors"][0]["field"] == "query.cursor"


async def test_whoever_leaves_is_not_shown_from_then_on(room: Room) -> None:
    await room.judge()
    await room.hear([room.enrolled("Low", "removed", 2)])
    assert await room.names() == {"Falling", "Missing", "Absent"}, "before it is judged again"
    assert (await room.shown())["up_to_date"] is False
    await room.judge()
    assert (await room.shown())["at_risk"] == 3


async def test_what_falls_due_makes_it_judged_again(room: Room) -> None:
    due_at = datetime.now(UTC) + timedelta(seconds=1)
    await room.hear([room.school.assignment(new_id(), room.id, due_at=due_at) for _ in "12"])
    await room.judge()
    assert "Fine" not in await room.names() or datetime.now(UTC) > due_at

    async def fine_is_missing_work() -> bool:
        await room.judge()
        return "Fine" in await room.names()

    await eventually(fine_is_missing_work)


def results(students: dict[str, UUID], place: int) -> list[Given]:
    return [Given(student, score) for name, student in students.items() if (score := SCORES[name][place]) is not None]
