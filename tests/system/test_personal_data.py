"""A person's data through the whole stack: given to them by every service, then forgotten by every service."""

import io
import json
import zipfile
from decimal import Decimal
from typing import Any

from chassis.testing import eventually
from chassis.testing_personal_data import traces
from dev import services
from dev.stack import Stack
from tests.system.packages import TOLERANCE
from tests.system.people import Person, School

NAME = "Zebedee"
FEEDBACK = "Bravo, Zebedee of the lenses"


async def finished(person: Person, path: str) -> Any:
    """The request, once every service has answered."""

    async def check() -> Any:
        found = await person.get(path)
        request = found.get("request", found)
        return request if request["finished_at"] else None

    return await eventually(check)


async def test_a_person_is_given_all_and_then_forgotten_everywhere(school: School, ours: Stack) -> None:
    """GUARANTEES 33: erasures match (here: nothing of the person is in any schema or fragment)."""
    teacher, student, peer = await school.teacher(), await school.student(NAME), await school.student("peer")
    room = (await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"}))["id"]
    quiz = {"kind": "quiz", "title": "Lenses", "points_possible": "80", "status": "published"}
    quiz_id = (await teacher.send("POST", f"/api/classroom/classrooms/{room}/assignments", quiz))["id"]
    for person, score in ((student, "61.7"), (peer, "40")):
        await teacher.send("POST", f"/api/classroom/classrooms/{room}/students", {"account_id": person.id})
        grade = {"score": score, "feedback": FEEDBACK if person is student else "", "released": True}
        await teacher.send("PUT", f"/api/classroom/assignments/{quiz_id}/grades/{person.id}", grade)

    async def average(expected: str) -> bool:
        found = (await teacher.get(f"/api/grading/classrooms/{room}"))["quiz_average"]
        return found is not None and abs(Decimal(found) - Decimal(expected)) < TOLERANCE

    await eventually(lambda: average("63.5625"))
    await student.send("POST", "/api/auth/me/export")
    await finished(student, "/api/auth/me/export")
    archive = zipfile.ZipFile(io.BytesIO(await student.download("/api/auth/me/export.zip")))
    assert {name.split("/")[0] for name in archive.namelist() if "/" in name} == set(services.NAMES)
    assert json.loads(archive.read("classroom/grades.json"))[0]["feedback"] == FEEDBACK
    assert [result["score"] for result in json.loads(archive.read("grading/results.json"))] == ["61.7"]

    await teacher.get("/api/classroom/bootstrap")
    path = f"/api/auth/accounts/{student.id}/erase"
    await school.admin.send("POST", path, {"confirm": student.email})
    assert (await student.ask("GET", "/api/auth/me")).status == 401
    await finished(school.admin, path)
    await eventually(lambda: average("50"))
    words = (NAME, student.email, FEEDBACK)
    urls = {name: ours.description()["services"][name]["DATABASE_URL"] for name in services.NAMES}

    async def nothing_left() -> bool:
        return {name: found for name, url in urls.items() if (found := traces(url, *words))} == {}

    await eventually(nothing_left)
    for shown in ("/api/classroom/bootstrap", f"/api/classroom/classrooms/{room}/students"):
        assert NAME not in json.dumps(await teacher.get(shown)), shown
    assert (await student.ask("POST", "/api/auth/login", {"email": student.email, "password": "x"})).status == 401
