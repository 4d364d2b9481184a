"""Students at risk: each with the reasons that hold, and nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.identity import Role
from chassis.inbox import apply
from chassis.testing import Issuer
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


async def test_students_at_risk(
    client: TestClient[Any, Any], database: Database, school: School, issuer: Issuer
) -> None:
    admin, classroom_id = issuer.caller(Role.ADMIN, school.school_id), new_id()
    students = {name: new_id() for name in SCORES}
    works = [
        school.assignment(new_id(), classroom_id, f"W{n}", kind="homework", due_at=at) for n, at in enumerate(WORKS)
    ]
    open_work = school.assignment(new_id(), classroom_id, due_at=NOW + timedelta(days=1))
    for_others = school.assignment(new_id(), classroom_id, due_at=WORKS[0], assigned_to=[new_id()])
    await apply(
        database,
        HANDLERS,
        [
            school.classroom(classroom_id, "Physics"),
            *works,
            open_work,
            for_others,
            *(school.account(student, name) for name, student in students.items()),
            *(school.enrolment(new_id(), classroom_id, student) for student in students.values()),
            *(school.grades(work.subject, classroom_id, results(students, n)) for n, work in enumerate(works)),
        ],
    )
    async with client.get(f"/api/grading/classrooms/{classroom_id}/at-risk", headers=admin.headers) as answer:
        shown = await answer.json()
    assert (shown["students"], shown["rules"]["low_average"]) == (5, "50")
    found = {student["name"]: student for student in shown["items"]}
    assert {name: student["reasons"] for name, student in found.items()} == {
        "Low": ["low_average"],
        "Falling": ["falling"],
        "Missing": ["missing_work"],
        "Absent": ["nothing_yet"],
    }
    assert (found["Missing"]["due"], found["Missing"]["missing"], found["Missing"]["average"]) == (5, 2, "85")
    assert (found["Falling"]["recent"], found["Falling"]["earlier"]) == ("71.6666666667", "92.5")


def results(students: dict[str, UUID], place: int) -> list[Given]:
    return [Given(student, score) for name, student in students.items() if (score := SCORES[name][place]) is not None]
