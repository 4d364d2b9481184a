"""A classroom from opening to grading: who sees what when, and what the figures say."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from chassis.testing import eventually
from chassis.waiting import WAITS_PER_ACCOUNT
from dev import services
from tests.system.packages import TOLERANCE
from tests.system.people import Person, School

# A grade nobody would find by chance: 61.7 of 80.
SCORE, MAXIMUM, PERCENT, FEEDBACK = "61.7", "80", "77.125", "kept-back-until-released"
TELLING = re.compile(rf"\b61\.70*\b|\b77\.1250*\b|{FEEDBACK}")


@dataclass
class Life:
    """A classroom with a topic, a published quiz and five students."""

    school: School
    teacher: Person
    students: list[Person]
    room: str
    topic: str
    quiz: str

    async def grade(self, student: Person, score: str, *, released: bool = False) -> None:
        """A first grade."""
        path = f"/api/classroom/assignments/{self.quiz}/grades/{student.id}"
        await self.teacher.send("PUT", path, {"score": score, "feedback": FEEDBACK, "released": released})

    async def release(self) -> int:
        """All drafts of the quiz; how many there were."""
        answer = await self.teacher.send("POST", f"/api/classroom/assignments/{self.quiz}/release")
        return int(answer["released"])

    async def average(self) -> Decimal | None:
        """The classroom's quiz average as grading has it now."""
        found = (await self.teacher.get(f"/api/grading/classrooms/{self.room}"))["quiz_average"]
        return None if found is None else Decimal(found)

    async def averages(self, expected: str) -> None:
        """Wait until every view of the average is this."""

        async def agree() -> bool:
            teacher = await self.school.admin.get(f"/api/grading/teachers/{self.teacher.id}")
            found = [await self.average(), Decimal(teacher["quiz_average"] or -1)]
            return all(average is not None and abs(average - Decimal(expected)) < TOLERANCE for average in found)

        await eventually(agree)


@pytest.fixture
async def life(school: School) -> Life:
    teacher, students = await school.teacher(), await school.students(5)
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    code = (await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/join-code"))["join_code"]
    topic = await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/topics", {"title": "Light"})
    quiz = {"kind": "quiz", "title": "Lenses", "topic_id": topic["id"], "points_possible": MAXIMUM}
    path = f"/api/classroom/classrooms/{room['id']}/assignments"
    assignment = await teacher.send("POST", path, quiz | {"status": "published"})
    for student in students:
        joined = await student.send("POST", "/api/classroom/enrollments", {"join_code": code.lower()})
        assert joined["id"] == room["id"]
    return Life(school, teacher, students, room["id"], topic["id"], assignment["id"])


def own_grades(bootstrap: Any) -> list[Any]:
    return [grade for work in bootstrap["own"] for grade in work["grades"]]


async def test_grades_are_drafts_until_they_are_released(life: Life) -> None:
    student = life.students[0]
    await life.grade(student, SCORE)
    await life.grade(life.students[1], "40")
    before = await student.get("/api/classroom/bootstrap")
    assert [part["classroom"]["title"] for part in before["classrooms"]] == ["Physics"]
    assert own_grades(before) == []
    assert await life.average() is None

    assert await life.release() == 2
    after = await student.get("/api/classroom/bootstrap")
    assert [(grade["assignment_id"], Decimal(grade["score"])) for grade in own_grades(after)] == [
        (life.quiz, Decimal(SCORE))
    ]
    await life.averages("63.5625")  # the mean of 77.125 and 50
    own = await student.get(f"/api/grading/me/classrooms/{life.room}")
    assert Decimal(own["quiz_average"]) == Decimal(PERCENT)
    assert own["class_averages"]["quiz_average"] is None  # of two students only
    await life.grade(life.students[2], "80", released=True)
    await life.averages("75.7083333333")


async def test_a_removed_student_leaves_every_figure_and_comes_back(life: Life) -> None:
    for student, score in zip(life.students, ["80", "40", "40", "40", "40"], strict=True):
        await life.grade(student, score)
    await life.release()
    await life.averages("60")
    best = life.students[0]
    path = f"/api/classroom/classrooms/{life.room}/students"
    await life.teacher.send("DELETE", f"{path}/{best.id}")
    await life.averages("50")
    await check_absence(life, best)

    await life.teacher.send("POST", path, {"account_id": best.id})
    await life.averages("60")
    assert len(own_grades(await best.get("/api/classroom/bootstrap"))) == 1
    own = await best.get(f"/api/grading/me/quizzes/{life.quiz}")
    assert (own["percent"], own["class_average"]) == ("100", "60")


async def check_absence(life: Life, student: Person) -> None:
    """Neither in the teacher's lists nor let in."""
    room = await life.teacher.get(f"/api/grading/classrooms/{life.room}")
    assert (room["students"], room["results"], room["distribution"]["highest"]) == (4, 4, "50")
    listed = await life.teacher.everything(f"/api/grading/classrooms/{life.room}/students")
    assert student.id not in {found["student_id"] for found in listed}
    in_topic = f"/api/grading/classrooms/{life.room}/topics/{life.topic}/students"
    assert student.id not in {found["student_id"] for found in await life.teacher.everything(in_topic)}
    assert (await student.get("/api/classroom/bootstrap"))["classrooms"] == []
    for path in (f"/api/classroom/classrooms/{life.room}", f"/api/grading/me/classrooms/{life.room}"):
        assert (await student.ask("GET", path)).status == 404


async def readable(life: Life, student: Person) -> dict[str, str]:
    """Everything the student can GET: each operation of each document, with all ids there are, the quiz's elsewhere."""
    known = {"classroom_id": life.room, "topic_id": life.topic, "teacher_id": life.teacher.id}
    ids = defaultdict(lambda: life.quiz, known, student_id=student.id, account_id=student.id)
    asked: dict[str, str] = {}
    for service in services.NAMES:
        document = await student.get(f"/api/{service}/openapi.json")
        for path in [path for path, operations in document["paths"].items() if "get" in operations]:
            filled = f"/api/{service}" + path.format_map(ids)
            asked[f"/api/{service}{path}"] = f"{filled}?classroom_id={life.room}" if "lectures" in path else filled
    # What is not there is waited for, and at most four at once: half of these answers take two seconds.
    turns = asyncio.Semaphore(WAITS_PER_ACCOUNT)
    return dict(await asyncio.gather(*(_read(student, turns, path, url) for path, url in asked.items())))


async def _read(student: Person, turns: asyncio.Semaphore, path: str, url: str) -> tuple[str, str]:
    async with turns:
        answer = await student.ask("GET", url)
    assert answer.status in {200, 302, 400, 403, 404, 409, 422, 426}, (path, answer)
    return path, f"{answer.headers} {answer.data}"


def leaks(found: dict[str, str]) -> list[str]:
    return [path for path, text in found.items() if TELLING.search(text)]


@pytest.mark.parametrize("graded", [1, 5])
async def test_nothing_tells_an_unreleased_grade(life: Life, graded: int) -> None:
    """GUARANTEES 26. The release shows that the search would find it."""
    student = life.students[0]
    for one in life.students[:graded]:
        await life.grade(one, SCORE)
    found = await readable(life, student)
    assert len(found) > 20
    assert leaks(found) == []
    await life.release()
    await life.averages(PERCENT)
    assert {
        "/api/classroom/bootstrap",
        "/api/grading/me/classrooms/{classroom_id}",
        "/api/grading/me/topics/{topic_id}",
        "/api/grading/me/quizzes/{assignment_id}",
    } <= set(leaks(await readable(life, student)))


async def test_a_draft_is_told_to_nobody(life: Life) -> None:
    path = f"/api/classroom/classrooms/{life.room}/assignments"
    draft = await life.teacher.send("POST", path, {"kind": "quiz", "title": "Secret surprise"})
    found = await readable(life, life.students[0])
    assert [path for path, text in found.items() if "Secret surprise" in text or draft["id"] in text] == []
    await life.teacher.send("PATCH", f"/api/classroom/assignments/{draft['id']}", {"status": "published"})
    shown = await readable(life, life.students[0])
    assert [path for path, text in shown.items() if "Secret surprise" in text]


@pytest.mark.parametrize("who", ["student", "stranger"])
async def test_only_its_teachers_change_a_classroom(life: Life, who: str) -> None:
    person = life.students[0] if who == "student" else await life.school.teacher("other")
    refused: list[Callable[[], Awaitable[Any]]] = [
        lambda: person.ask("PATCH", f"/api/classroom/classrooms/{life.room}", {"title": "Mine"}),
        lambda: person.ask("POST", f"/api/classroom/classrooms/{life.room}/topics", {"title": "Mine"}),
        lambda: person.ask("POST", f"/api/classroom/assignments/{life.quiz}/release"),
        lambda: person.ask(
            "PUT", f"/api/classroom/assignments/{life.quiz}/grades/{life.students[0].id}", {"score": "80"}
        ),
    ]
    assert {(await attempt()).status for attempt in refused} <= {403, 404}
    assert (await life.teacher.get(f"/api/classroom/classrooms/{life.room}"))["title"] == "Physics"
