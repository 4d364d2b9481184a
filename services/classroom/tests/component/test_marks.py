"""Marks from a spreadsheet: the preview is what is done, all or nothing, and only what it showed."""

from decimal import Decimal
from typing import Any

import pytest

from chassis.db import Database
from classroom.testing import Actor, events

School = dict[str, Actor]
NAMES = ("sam", "sue")


class Room:
    """A classroom of two students with two works; Sam has a released 5 in the first."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.tara = school["tara"]
        self.path = ""
        self.works: list[str] = []

    async def made(self) -> "Room":
        self.path = f"/classrooms/{(await self.tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
        for name in NAMES:
            await self.tara.post(f"{self.path}/students", {"account_id": self.school[name].id})
        for kind in ("homework", "classwork"):
            body = {"kind": kind, "title": f"The {kind}", "points_possible": 10, "status": "published"}
            self.works.append((await self.tara.made(f"{self.path}/assignments", body))["id"])
        await self.grade(self.works[0], "sam", {"score": 5, "released": True})
        return self

    async def grade(self, work: str, name: str, body: dict[str, Any], **headers: str) -> None:
        assert (
            await self.tara.put(f"/assignments/{work}/grades/{self.school[name].id}", body, **headers)
        ).status == 200

    def csv(self, cells: dict[str, list[str]], delimiter: str = ",") -> str:
        """As grading exports it (services/grading/grading/gradebook/sheets.py), with these cells."""
        titles = [f"The work [{work}]" for work in self.works]
        heading = ["student_id", "name", *titles, "current", "final", "total", "letter"]
        rows = [[self.school[name].id, "'=N", *marks, "50", "50", "50", ""] for name, marks in cells.items()]
        return "\ufeff" + "\r\n".join(delimiter.join(row) for row in [heading, *rows]) + "\r\n"

    async def send(self, csv: str, *, dry_run: bool = False, **more: Any) -> Any:
        return await self.tara.post(f"{self.path}/marks?dry_run={str(dry_run).lower()}", {"csv": csv} | more)

    async def grades(self) -> dict[tuple[int, str], tuple[Decimal | None, bool, bool]]:
        """Score, excused and released by work and student."""
        by_id = {self.school[name].id: name for name in NAMES}
        return {
            (place, by_id[grade["student_id"]]): (
                None if grade["score"] is None else Decimal(grade["score"]),
                grade["excused"],
                grade["released_at"] is not None,
            )
            for place, work in enumerate(self.works)
            for grade in (await self.tara.get(f"/assignments/{work}/grades"))["items"]
        }


@pytest.fixture
async def room(school: School) -> Room:
    return await Room(school).made()


async def test_a_preview_is_what_is_done(room: Room, database: Database) -> None:
    csv = room.csv({"sam": ["7.5", ""], "sue": ["EX", "10"]})
    before = await room.grades()
    shown = await room.send(csv, dry_run=True)
    assert (shown["applied"], shown["changed"], shown["unchanged"]) == (False, 3, 0)
    assert await room.grades() == before
    done = await room.send(csv, state=shown["state"])
    assert done.data == shown.data | {"applied": True}
    assert await room.grades() == {
        (0, "sam"): (Decimal("7.5"), False, True),
        (0, "sue"): (None, True, False),
        (1, "sue"): (Decimal(10), False, False),
    }
    assert shown["ignored_columns"] == ["name", "current", "final", "total", "letter"]
    await events(database)
    again = await room.send(csv)
    assert (again["changed"], again["unchanged"]) == (0, 3)


async def test_drafts_stay_drafts_unless_they_are_released(room: Room, database: Database) -> None:
    csv = room.csv({"sue": ["4", "6"]})
    await room.send(csv)
    assert not any(
        room.school["sue"].id in str(event.data) for event in await events(database) if "grade" in event.type
    )
    await room.send(room.csv({"sue": ["5", "7"]}), release=True)
    assert {released for (_, name), (*_, released) in (await room.grades()).items() if name == "sue"} == {True}


async def test_what_changed_since_the_preview_is_not_overwritten(room: Room) -> None:
    csv = room.csv({"sam": ["7", "8"]})
    shown = await room.send(csv, dry_run=True)
    await room.grade(room.works[0], "sam", {"score": 6, "released": True}, If_Match='"1"')
    refused = await room.send(csv, state=shown["state"])
    assert refused.status == 412
    assert refused["current"]["changes"][0]["score_before"] == "6"
    assert (await room.grades())[0, "sam"][0] == 6
    assert (1, "sam") not in await room.grades()


async def test_a_spreadsheet_of_another_language(room: Room) -> None:
    await room.send(room.csv({"sam": ["7,25", ""]}, delimiter=";"))
    assert (await room.grades())[0, "sam"][0] == Decimal("7.25")


async def test_every_bad_cell_is_named_and_nothing_is_stored(room: Room, school: School) -> None:
    before = await room.grades()
    csv = room.csv({"sam": ["7", "many"], "sue": ["-1", "1e5"], "sid": ["3", ""]})
    for dry_run in (True, False):
        refused = await room.send(csv, dry_run=dry_run)
        assert refused.status == 422
        assert [error["message"].split(":")[0] for error in refused["errors"]] == [
            f"Line 2, The work [{room.works[1]}]",
            f"Line 3, The work [{room.works[0]}]",
            f"Line 3, The work [{room.works[1]}]",
        ]
    stranger = await room.send(room.csv({"sam": ["7", ""], "sid": ["3", ""]}))
    assert [error["message"] for error in stranger["errors"]] == [
        "Line 3, student_id: the classroom has no such student."
    ]
    assert await room.grades() == before


@pytest.mark.parametrize(
    "csv",
    [
        "name\r\nSam\r\n",
        '"student_id\r\n',
        "student_id,W [00000000-0000-7000-8000-000000000007]\r\n{sam},5\r\n",
        "student_id,W [{work}],X [{work}]\r\n{sam},5,6\r\n",
        "student_id,W [{work}]\r\n{sam},5\r\n{sam},6\r\n",
        "student_id,W [{work}]\r\nSam,5\r\n",
    ],
)
async def test_what_is_no_such_sheet_is_refused(room: Room, csv: str) -> None:
    text = csv.replace("{sam}", room.school["sam"].id).replace("{work}", room.works[0])
    refused = await room.send(text)
    assert (refused.status, refused["errors"][0]["field"]) == (422, "body.csv")


async def test_only_the_classrooms_teachers_may(room: Room, school: School) -> None:
    body = {"csv": room.csv({"sam": ["1", ""]})}
    statuses = {
        name: (await school[name].post(f"{room.path}/marks", body)).status
        for name in ("theo", "sam", "other_admin", "admin")
    }
    assert statuses == {"theo": 403, "sam": 403, "other_admin": 404, "admin": 200}
