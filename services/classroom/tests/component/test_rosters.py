"""Imports over real HTTP and Postgres; the worker's turn is taken by the test."""

import asyncio
import io
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any

from chassis.db import Database, connect
from chassis.oneroster import Package
from chassis.oneroster.testing import valid_parts
from chassis.rosters.work import work
from classroom.rosters.importer import IMPORTER
from classroom.testing import Actor, Sql, Tables, counts, edit, events, run, settle_package, upload

School = dict[str, Actor]
ALL = {
    "term-added": 2,
    "classroom-added": 4,
    "teacher-added": 5,
    "student-enrolled": 43,
    "topic-added": 12,
    "assignment-added": 20,
}


def without_grades(roster: Any) -> dict[str, int]:
    return {kind: count for kind, count in counts(roster).items() if not kind.startswith("grade")}


def scored(tables: Tables) -> int:
    return sum(bool(row["score"]) and row["scoreStatus"] != "exempt" for row in tables["results.csv"])


async def test_a_package_fills_the_school(
    school: School, database: Database, sample_package: bytes, tables: Tables, sql: Sql
) -> None:
    roster = await run(school["admin"], database, sample_package)
    assert roster["status"] == "done", roster
    assert counts(roster) == ALL | {"grade-added": scored(tables)}
    assert roster["progress"]["results.csv"]["done"] == len(tables["results.csv"])
    assert sql("SELECT count(*), count(released_at), count(score) FROM grades") == [(scored(tables),) * 3]
    assert sql("SELECT sum(grade_count)::int, sum(released_count)::int FROM assignments") == [(scored(tables),) * 2]
    assert sql("SELECT count(*) FROM grade_history") == [(scored(tables),)]
    assert sql("SELECT sum(student_count)::int, sum(teacher_count)::int FROM classrooms") == [(43, 5)]
    assert sql("SELECT DISTINCT kind, counts FROM assignments ORDER BY 1") == [("homework", None), ("quiz", "best")]


async def test_its_events_are_whole(school: School, database: Database, sample_package: bytes, tables: Tables) -> None:
    await run(school["admin"], database, sample_package)
    told: dict[str, list[Any]] = {}
    for event in await events(database):
        told.setdefault(event.type.split(".")[1], []).append(event)
    assert {kind: len(found) for kind, found in told.items()} == {
        "classroom-created": 4,
        "teacher-added": 5,
        "student-enrolled": 43,
        "topic-created": 12,
        "assignment-created": 20,
        "grade-released": 19,
    }
    results = [result for event in told["grade-released"] for result in event.data["results"]]
    assert len(results) == scored(tables)
    assert {(result["version"], result["score"] is None) for result in results} == {(1, False)}
    terms = {event.data["term"]["title"] for event in told["classroom-created"]}
    assert terms == {"Fall"}
    assert {event.traceparent for event in told["grade-released"]} == {told["topic-created"][0].traceparent}


async def test_its_figures_are_those_of_the_package(
    school: School, database: Database, sample_package: bytes, sql: Sql
) -> None:
    await run(school["admin"], database, sample_package)
    found: dict[str, Decimal] = dict(
        sql(
            "SELECT c.source_id, avg(100 * g.score / g.max_score) FROM grades g"
            " JOIN assignments a ON a.id = g.assignment_id JOIN classrooms c ON c.id = a.classroom_id"
            " JOIN enrolments e ON e.classroom_id = c.id AND e.student_id = g.student_id AND e.status = 'active'"
            " WHERE a.kind = 'quiz' AND g.score IS NOT NULL AND g.released_at IS NOT NULL GROUP BY 1"
        )
    )
    with Package(io.BytesIO(sample_package)) as opened:
        figures = import_module("dev.roster_figures").figures(opened)
    wanted = {room.source_id: room.quizzes.average for room in figures.classrooms}
    assert found.keys() == wanted.keys()
    for id_, average in wanted.items():
        assert average is not None
        assert abs(found[id_] - average) < Decimal("1e-9")


async def test_a_second_import_changes_nothing(school: School, database: Database, sample_package: bytes) -> None:
    await run(school["admin"], database, sample_package)
    before = len(await events(database))
    again = await run(school["admin"], database, sample_package)
    assert (again["status"], counts(again)) == ("done", {})
    assert len(await events(database)) == before


async def test_a_dry_run_says_what_would_change_and_writes_nothing(
    school: School, database: Database, sample_package: bytes, tables: Tables, sql: Sql
) -> None:
    """Nobody of the package is known yet, and nothing waits for them."""
    planned = await run(school["admin"], database, sample_package, known=False, query="?dry_run=true")
    assert (planned["status"], planned["dry_run"]) == ("done", True)
    assert counts(planned) == ALL | {"grade-added": scored(tables)}
    assert await events(database) == []
    assert sql("SELECT count(*) FROM classrooms") == [(0,)]
    await run(school["admin"], database, sample_package)
    planned = await run(school["admin"], database, sample_package, query="?dry_run=true")
    assert counts(planned) == {}


async def test_it_waits_for_the_people(school: School, database: Database, sample_package: bytes) -> None:
    admin = school["admin"]
    roster = await run(admin, database, sample_package, known=False)
    assert (roster["status"], roster["problems"]) == ("waiting", [])
    await settle_package(database, school["other_admin"].school_id, sample_package)
    await work(database, IMPORTER)
    assert (await admin.get(f"/rosters/{roster['id']}"))["status"] == "waiting"
    await settle_package(database, admin.school_id, sample_package)
    await work(database, IMPORTER)
    assert (await admin.get(f"/rosters/{roster['id']}"))["status"] == "done"


async def test_only_what_changed_is_told(
    school: School, database: Database, sample_package: bytes, tables: Tables, zipped: Callable[[Tables], bytes]
) -> None:
    admin = school["admin"]
    await run(admin, database, sample_package)
    before = len(await events(database))
    first = next(row for row in tables["results.csv"] if row["scoreStatus"] == "fully graded")
    second = next(row for row in tables["results.csv"] if row["scoreStatus"] == "fully graded" and row is not first)
    unscored = next(row for row in tables["results.csv"] if row["scoreStatus"] == "submitted")
    first["score"] = "1.5"
    second["scoreStatus"], second["score"] = "exempt", ""
    unscored["scoreStatus"], unscored["score"] = "fully graded", "2.5"
    edit(tables, "classes.csv", "class-algebra", title="Algebra II")
    edit(tables, "categories.csv", "cat-home", title="Work at home")
    edit(tables, "lineItems.csv", "item-algebra-0", title="Renamed")
    changed = zipped(tables)
    wanted = {
        "classroom-changed": 1,
        "topic-changed": 4,
        "assignment-changed": 1,
        "grade-added": 1,
        "grade-changed": 2,
    }
    assert counts(await run(admin, database, changed, query="?dry_run=true")) == wanted
    assert counts(await run(admin, database, changed)) == wanted
    told = (await events(database))[before:]
    grades = [result for event in told if ".grade-" in event.type for result in event.data["results"]]
    assert {(result["score"], result["version"]) for result in grades} == {("1.5", 2), (None, 2), ("2.5", 1)}
    assert counts(await run(admin, database, changed)) == {}


async def test_a_term_that_moves_moves_its_classrooms(
    school: School, database: Database, sample_package: bytes, tables: Tables, zipped: Callable[[Tables], bytes]
) -> None:
    await run(school["admin"], database, sample_package)
    edit(tables, "academicSessions.csv", "term-fall", title="Autumn")
    before = len(await events(database))
    assert counts(await run(school["admin"], database, zipped(tables))) == {"term-changed": 1}
    told = (await events(database))[before:]
    assert [(event.type, event.data["term"]["title"], event.sequence) for event in told] == [
        ("classroom.classroom-updated.v1", "Autumn", 2)
    ] * 4


async def test_quiz_categories_are_chosen(school: School, database: Database, sample_package: bytes, sql: Sql) -> None:
    admin = school["admin"]
    await run(admin, database, sample_package, quiz_categories="cat-home")
    assert sql("SELECT kind, count(*) FROM assignments GROUP BY 1 ORDER BY 1") == [("homework", 12), ("quiz", 8)]
    wrong = await run(admin, database, sample_package, quiz_categories="cat-none")
    assert (wrong["status"], wrong["problems"][0]["file"]) == ("failed", "categories.csv")


async def test_a_broken_package_writes_nothing(school: School, database: Database, sql: Sql) -> None:
    broken = {
        "enrollments.csv": valid_parts().value("enrollments.csv", 3, "userSourcedId", "nobody").zipped(),
        "results.csv": valid_parts().value("results.csv", 2, "score", "many").zipped(),
        "lineItems.csv": valid_parts().value("lineItems.csv", 3, "classSourcedId", "class-9").zipped(),
    }
    for file, package in broken.items():
        roster = await run(school["admin"], database, package, known=False)
        assert roster["status"] == "failed", roster
        assert (roster["problems"][0]["file"], roster["problem_count"]) == (file, 1)
        assert roster["problems"][0]["line"] is not None
    assert (await run(school["admin"], database, b"no zip", known=False))["status"] == "failed"
    assert sql("SELECT count(*) FROM classrooms") == [(0,)]
    assert await events(database) == []


async def test_what_was_deleted_here_stays_deleted(
    school: School, database: Database, sample_package: bytes, sql: Sql
) -> None:
    admin = school["admin"]
    await run(admin, database, sample_package)
    rooms = {item["title"]: item["id"] for item in (await admin.get("/classrooms"))["items"]}
    work_ = (await admin.get(f"/classrooms/{rooms['Geometry']}/assignments"))["items"][0]
    topic = (await admin.get(f"/classrooms/{rooms['Biology']}/topics"))["items"][0]
    for path in (f"/classrooms/{rooms['Algebra I']}", f"/assignments/{work_['id']}", f"/topics/{topic['id']}"):
        assert (await admin.delete(path)).status == 204
    assert counts(await run(admin, database, sample_package, query="?dry_run=true")) == {}
    assert counts(await run(admin, database, sample_package)) == {}
    assert len((await admin.get("/classrooms"))["items"]) == 3


async def test_a_removed_student_is_enrolled_again(school: School, database: Database, sample_package: bytes) -> None:
    admin = school["admin"]
    await run(admin, database, sample_package)
    room = f"/classrooms/{(await admin.get('/classrooms'))['items'][0]['id']}"
    student = (await admin.get(f"{room}/students"))["items"][0]
    await admin.delete(f"{room}/students/{student['account_id']}")
    assert counts(await run(admin, database, sample_package)) == {"student-enrolled": 1}
    assert (await events(database))[-1].sequence == 3


async def test_nothing_is_told_of_a_deleted_classroom(
    school: School, database: Database, tables: Tables, zipped: Callable[[Tables], bytes], sql: Sql
) -> None:
    admin = school["admin"]
    await run(admin, database, zipped(tables))
    ((room,),) = sql("SELECT id FROM classrooms WHERE source_id = 'class-algebra'")
    await admin.delete(f"/classrooms/{room}")
    before = len(await events(database))
    for row in tables["results.csv"]:
        row["score"] = row["score"] and "1"
    planned = await run(admin, database, zipped(tables), query="?dry_run=true")
    assert counts(await run(admin, database, zipped(tables))) == counts(planned)
    assert str(room) not in {event.data["classroom_id"] for event in (await events(database))[before:]}


async def test_three_imports_of_one_package_at_once_are_one(
    school: School, database: Database, database_url: str, sample_package: bytes, sql: Sql
) -> None:
    admin = school["admin"]
    await settle_package(database, admin.school_id, sample_package)
    jobs = [await upload(admin, sample_package) for _ in range(3)]
    async with connect(database_url, "classroom") as other:
        for _ in jobs:
            await asyncio.gather(work(database, IMPORTER), work(other, IMPORTER))
    done = [(await admin.get(f"/rosters/{job['id']}")).data for job in jobs]
    assert {job["status"] for job in done} == {"done"}
    assert [without_grades(job) for job in done] == [ALL, {}, {}]
    assert sql("SELECT sum(student_count)::int FROM classrooms") == [(43,)]


async def test_two_schools_import_the_same_package(school: School, database: Database, sample_package: bytes) -> None:
    for name in ("admin", "other_admin"):
        assert without_grades(await run(school[name], database, sample_package)) == ALL
        assert len((await school[name].get("/classrooms"))["items"]) == 4


async def test_results_in_any_order_give_few_events(
    school: School, database: Database, tables: Tables, zipped: Callable[[Tables], bytes]
) -> None:
    tables["results.csv"].sort(key=lambda row: row["studentSourcedId"])
    await run(school["admin"], database, zipped(tables))
    assert sum(".grade-" in event.type for event in await events(database)) == 19


async def test_who_may_import(school: School, sample_package: bytes, database: Database) -> None:
    roster = await upload(school["admin"], sample_package)
    for name in ("tara", "sam"):
        assert (await school[name].get("/rosters")).status == 403
        assert (await school[name].post("/rosters")).status == 403
    path = f"/rosters/{roster['id']}"
    assert (await school["other_admin"].get(path)).status == 404
    assert (await school["other_admin"].get("/rosters"))["items"] == []
    assert [item["id"] for item in (await school["admin"].get("/rosters"))["items"]] == [roster["id"]]
