"""A OneRoster package through the public API: its figures, a second import, a dry run, a broken one."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import eventually
from dev.gateway_client import Api
from dev.importer import Comparison, Expected, ImportFailed, compare, complete_figures, expected_of, run_job
from dev.stack import Stack
from tests.system.conftest import Query
from tests.system.packages import QUIZZES, Tables, changed, same, sample, student_percents, with_other_result, write
from tests.system.people import Person, School

LARGE = Path(__file__).resolve().parents[3] / "shared" / "data" / "oulad-oneroster.zip"
LARGE_QUIZZES = {"cat-CMA", "cat-Exam"}
EVENTS = "SELECT count(*) FROM {}.outbox WHERE school_id = %s AND type <> 'auth.roster-imported.v1'"


@pytest.fixture
def tables(school: School) -> Tables:
    return sample(school.domain)


@pytest.fixture
def package(tmp_path: Path, tables: Tables) -> Path:
    return write(tmp_path, tables)


async def compared(admin: Api, expected: Expected, seconds: float = 120) -> Comparison:
    """The figures grading serves beside those of a package, once they are complete."""
    return compare(await complete_figures(admin, expected, seconds), expected.figures)


async def test_every_teacher_sees_the_figures_of_the_package(school: School, package: Path) -> None:
    expected = expected_of(package, QUIZZES)
    await school.take(package)
    found = await compared(school.admin, expected)
    assert found.equal, "\n".join([*found.missing, *found.lines])
    assert len(found.lines) == 8  # three teachers, and five times a teacher in a class
    await check_details(school.admin, expected)


async def check_details(admin: Person, expected: Expected) -> None:
    """GET /teachers/{id}, /classrooms/{id}."""
    served = {teacher["name"]: teacher for teacher in await admin.everything("/api/grading/teachers")}
    for teacher in expected.figures.teachers:
        detail = await admin.get(f"/api/grading/teachers/{served[teacher.name]['teacher_id']}")
        assert same(detail["quiz_average"], teacher.quizzes)
        classrooms = {classroom["title"]: classroom for classroom in detail["classrooms"]}
        assert classrooms.keys() == {classroom.title for classroom in teacher.classrooms}
        for figures in teacher.classrooms:
            listed = classrooms[figures.title]
            one = await admin.get(f"/api/grading/classrooms/{listed['classroom_id']}")
            for found in (listed, one):
                assert (found["students"], found["results"]) == (len(figures.students), figures.quizzes.results)
                assert same(found["quiz_average"], figures.quizzes)
            assert sum(one["distribution"]["histogram"]) == figures.quizzes.results


async def test_every_student_has_the_figures_of_the_package(school: School, package: Path) -> None:
    await school.take(package)
    expected = expected_of(package, QUIZZES)
    await compared(school.admin, expected)
    accounts = {account["source_id"]: account for account in await school.admin.everything("/api/auth/accounts")}
    classrooms = await ids_by_title(school.admin)
    percents = student_percents(package)
    for figures in expected.figures.classrooms:
        path = f"/api/grading/classrooms/{classrooms[figures.title]}/students"
        served = {student["student_id"]: student for student in await school.admin.everything(path)}
        assert served.keys() == {accounts[student]["id"] for student in figures.students}
        for student in figures.students:
            found, means = served[accounts[student]["id"]], percents[figures.source_id, student]
            assert found["results"] == means["quizzes"].results
            assert found["all_results"] == means["all"].results
            assert same(found["quiz_average"], means["quizzes"])
            assert same(found["average"], means["all"])


async def ids_by_title(person: Person) -> dict[str, str]:
    return {room["title"]: room["id"] for room in await person.everything("/api/classroom/classrooms")}


@pytest.mark.parametrize("source_id", ["user-student-00", "user-student-13"])
async def test_a_student_sees_the_same_figures(school: School, package: Path, source_id: str) -> None:
    await school.take(package)
    expected = expected_of(package, QUIZZES)
    await compared(school.admin, expected)
    accounts = {account["source_id"]: account for account in await school.admin.everything("/api/auth/accounts")}
    student = await school.imported(accounts[source_id]["id"], accounts[source_id]["email"])
    percents, rooms = student_percents(package), await ids_by_title(student)
    attended = [figures for figures in expected.figures.classrooms if source_id in figures.students]
    assert rooms.keys() == {figures.title for figures in attended}
    for figures in attended:
        own = await student.get(f"/api/grading/me/classrooms/{rooms[figures.title]}")
        means = percents[figures.source_id, source_id]
        assert same(own["quiz_average"], means["quizzes"])
        assert same(own["average"], means["all"])
        assert same(own["class_averages"]["quiz_average"], figures.quizzes)
        await check_own_parts(student, own)


async def check_own_parts(student: Person, own: Any) -> None:
    """The views of single topics and quizzes agree with that of the classroom."""
    for topic in own["topics"]:
        if topic["topic_id"]:
            part = await student.get(f"/api/grading/me/topics/{topic['topic_id']}")
            assert (part["quiz_average"], part["average"]) == (topic["quiz_average"], topic["average"])
    for result in own["assignments"]:
        if result["kind"] == "quiz":
            quiz = await student.get(f"/api/grading/me/quizzes/{result['assignment_id']}")
            assert (quiz["score"], quiz["percent"]) == (result["score"], result["percent"])


async def test_a_changed_result_would_be_noticed(school: School, tables: Tables, tmp_path: Path) -> None:
    other = expected_of(write(tmp_path, with_other_result(tables), "other.zip"), QUIZZES)
    await school.take(write(tmp_path, tables))
    assert not (await compared(school.admin, other, seconds=5)).equal


async def test_the_second_import_changes_nothing(school: School, package: Path, query: Query) -> None:
    first = await school.take(package)
    assert first["auth"]["account-created"]["count"] == 44
    assert first["classroom"]
    expected = expected_of(package, QUIZZES)
    before = (await compared(school.admin, expected), events(query, school))
    assert await school.take(package) == {"auth": {}, "classroom": {}}
    assert (await compared(school.admin, expected), events(query, school)) == before


def events(query: Query, school: School) -> dict[str, int]:
    """How many events the school's services have written so far."""
    return {name: query(EVENTS.format(name), school.id)[0][0] for name in ("auth", "classroom")}


async def test_a_dry_run_lists_the_changes_and_writes_nothing(
    school: School, package: Path, tables: Tables, tmp_path: Path, query: Query
) -> None:
    before = events(query, school)
    planned = {service: await school.run_import(service, package, dry=True) for service in ("auth", "classroom")}
    assert events(query, school) == before
    assert await ids_by_title(school.admin) == {}
    assert len(await school.admin.everything("/api/auth/accounts")) == 1
    done = await school.take(package)
    assert {service: told(job["changes"]) for service, job in planned.items()} == {
        service: told(changes) for service, changes in done.items()
    }

    renamed = write(tmp_path, changed(tables, "classes.csv", 0, title="Algebra II"), "renamed.zip")
    job = await school.run_import("classroom", renamed, dry=True)
    assert told(job["changes"]) == {"classroom-changed": 1}
    assert "Algebra I" in await ids_by_title(school.admin)


def told(changes: Any) -> dict[str, int]:
    """Kind → how many; which of them are named first depends on the plan of the query."""
    return {kind: change["count"] for kind, change in changes.items()}


@pytest.mark.parametrize(
    ("service", "file", "field"),
    [
        ("auth", "roles.csv", "userSourcedId"),
        ("classroom", "results.csv", "lineItemSourcedId"),
        ("classroom", "enrollments.csv", "userSourcedId"),
    ],
)
async def test_a_broken_package_is_reported_and_writes_nothing(
    school: School, tables: Tables, tmp_path: Path, query: Query, service: str, file: str, field: str
) -> None:
    before = events(query, school)
    broken = write(tmp_path, changed(tables, file, 4, **{field: "nobody"}))
    job = await school.upload(service, broken)

    async def failed() -> Any:
        found = await school.admin.get(job)
        return found if found["status"] in {"done", "failed"} else None

    found = await eventually(failed)
    assert found["status"] == "failed"
    place = {(problem["file"], problem["line"], problem["field"]) for problem in found["problems"]}
    assert (file, 6, field) in place  # the header is line 1
    assert found["changes"] == {}
    assert events(query, school) == before


async def test_a_file_that_is_no_package_is_reported(school: School, tmp_path: Path) -> None:
    (tmp_path / "notes.zip").write_text("not a zip")
    for service in ("auth", "classroom"):
        with pytest.raises(ImportFailed, match="zip"):
            await school.run_import(service, tmp_path / "notes.zip")


@pytest.mark.alone
async def test_a_recomputation_finds_no_difference(school: School, package: Path, ours: Stack) -> None:
    """GUARANTEES 25."""
    await school.take(package)
    await compared(school.admin, expected_of(package, QUIZZES))
    command = [sys.executable, "-m", "grading", "recompute", "--check"]
    environment = os.environ | ours.env("grading")
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.alone
@pytest.mark.skipif(not LARGE.exists(), reason=f"{LARGE.name} is not here")
async def test_the_large_school(school: School) -> None:
    """The Open University's data set (CC BY 4.0; Kuzilek, Hlosta, Zdrahal 2017)."""
    expected = await asyncio.to_thread(expected_of, LARGE, LARGE_QUIZZES)
    assert expected.figures.counts["scored"] == 173_739
    for service in ("auth", "classroom"):
        await run_job(school.admin, service, LARGE, LARGE_QUIZZES, lambda _: None, dry=False)
    found = await compared(school.admin, expected, seconds=300)
    assert found.equal, "\n".join([*found.missing, *found.lines])
