"""Packages that hold only what changed."""

from collections.abc import Iterable
from typing import Any

import pytest

from chassis.db import Database
from chassis.oneroster.testing import TABLES, build
from classroom.testing import Actor, Sql, counts, events, run, uncached

School = dict[str, Actor]
SINCE = "2026-10-01T08:00:00Z"
NEXT = {
    "classes.csv": [
        f"class-1,active,{SINCE},Maths B,,course-1,,scheduled,,org-1,year-1,,,",
        f"class-2,tobedeleted,{SINCE},Old,,course-1,,scheduled,,org-1,year-1,,,",
    ],
    "enrollments.csv": [
        f"enr-1,tobedeleted,{SINCE},class-1,org-1,teacher-1,teacher,true,,",
        f"enr-9,active,{SINCE},class-1,org-1,teacher-2,teacher,false,,",
        f"enr-2,tobedeleted,{SINCE},class-1,org-1,student-1,student,,,",
        f"enr-3,tobedeleted,{SINCE},class-1,org-1,student-2,student,,,",
        f"enr-8,active,{SINCE},class-1,org-1,student-2,student,,,",
        f"enr-7,active,{SINCE},class-1,org-1,nobody,student,,,",
        f"enr-5,tobedeleted,{SINCE},class-3,org-1,teacher-1,teacher,,,",
    ],
    "lineItems.csv": [
        f"item-1,active,{SINCE},Quiz one,,2026-09-01,2026-09-02,class-1,cat-1,year-1,0,10,org-1",
        f"item-2,tobedeleted,{SINCE},Work 1,,2026-09-01,2026-09-02,class-1,cat-2,year-1,0,20.5,org-1",
        f"item-3,active,{SINCE},Quiz 3,,2026-09-01,2026-09-02,class-3,cat-1,year-1,0,10,org-1",
        f"item-4,active,{SINCE},Lost,,2026-09-01,2026-09-02,class-9,cat-1,year-1,0,10,org-1",
    ],
    "results.csv": [
        f"res-1,tobedeleted,{SINCE},item-1,student-1,fully graded,7.5,2026-09-02,,,class-1,,,false,",
        f"res-9,active,{SINCE},item-1,student-2,fully graded,3,2026-09-02,,,class-1,,,false,",
        f"res-8,tobedeleted,{SINCE},item-1,student-2,fully graded,9,2026-09-02,,,class-1,,,false,",
    ],
}
EXPECTED = {
    "classroom-changed": 1,
    "classroom-deleted": 1,
    "teacher-added": 1,
    "teacher-removed": 1,
    "last-teacher-kept": 1,
    "student-removed": 1,
    "topic-added": 1,
    "assignment-added": 1,
    "assignment-changed": 1,
    "assignment-deleted": 1,
    "grade-added": 1,
    "grade-changed": 1,
    "unknown-skipped": 2,
}


def changed(tables: dict[str, list[str]]) -> bytes:
    parts = build(tables)
    for name in tables:
        parts.property(f"file.{name.removesuffix('.csv')}", "delta")
    return parts.zipped()


def whole(*more: tuple[str, Iterable[str]]) -> bytes:
    tables = {name: list(rows) for name, rows in TABLES.items()}
    for name, rows in more:
        tables[name] += rows
    return build(tables).zipped()


@pytest.fixture
async def imported(school: School, database: Database) -> Actor:
    """The admin of a school with three classes; class-3 is taught by one teacher."""
    classes = [f"class-{n},,,{title},,course-1,,scheduled,,org-1,year-1,,," for n, title in ((2, "Old"), (3, "Sole"))]
    teacher = "teacher-2,,,true,tea,,Tea,Woo,,,tea@elm.example,,,,,,,,,,org-1,"
    package = whole(
        ("classes.csv", classes),
        ("users.csv", [teacher]),
        ("roles.csv", ["role-9,,,teacher-2,primary,teacher,,,org-1,"]),
        ("enrollments.csv", ["enr-5,,,class-3,org-1,teacher-1,teacher,,,"]),
    )
    roster = await run(school["admin"], database, package)
    assert roster["status"] == "done", roster
    return school["admin"]


async def test_what_changed_is_applied_and_the_rest_stays(imported: Actor, database: Database, sql: Sql) -> None:
    package = changed(NEXT)
    preview = await run(imported, database, package, query="?dry_run=true")
    before = len(await events(database))
    assert (preview["status"], counts(preview), before) == ("done", EXPECTED, len(await events(database))), preview
    roster = await run(imported, database, package)
    assert (roster["status"], counts(roster)) == ("done", EXPECTED), roster
    assert sql("SELECT title, subject, status FROM classrooms ORDER BY source_id") == [
        ("Maths B", "Maths", "active"), ("Old", "Maths", "deleted"), ("Sole", "Maths", "active"),
    ]  # fmt: skip
    teachers = (
        "SELECT c.source_id, p.source_id, c.owner_id = p.account_id FROM classrooms c INNER JOIN classroom_teachers t"
    )
    teachers += " ON t.classroom_id = c.id AND t.status = 'active' INNER JOIN accounts p ON p.account_id = t.teacher_id"
    assert sql(f"{teachers} ORDER BY 1") == [("class-1", "teacher-2", True), ("class-3", "teacher-1", True)]
    students = "SELECT p.source_id, e.status FROM enrolments e INNER JOIN accounts p ON p.account_id = e.student_id"
    assert sql(f"{students} ORDER BY 1") == [("student-1", "removed"), ("student-2", "active")]
    work = "SELECT a.source_id, a.kind, a.status, t.title FROM assignments a LEFT JOIN topics t ON t.id = a.topic_id"
    assert sql(f"{work} ORDER BY 1") == [
        ("item-1", "quiz", "published", "Quizzes"),
        ("item-2", "homework", "deleted", "Homework"),
        ("item-3", "quiz", "published", "Quizzes"),
    ]
    grades = "SELECT p.source_id, g.score FROM grades g INNER JOIN accounts p ON p.account_id = g.student_id"
    assert [(who, None if score is None else int(score)) for who, score in sql(f"{grades} ORDER BY 1")] == [
        ("student-1", None), ("student-2", 3),
    ]  # fmt: skip
    # Brought again it changes nothing more.
    again = await run(imported, database, changed(NEXT | {"classes.csv": NEXT["classes.csv"][:1]}))
    assert counts(again) == {"last-teacher-kept": 1, "unknown-skipped": 2}
    assert (await imported.get("/bootstrap")).data == await uncached(imported, database)


@pytest.mark.parametrize(
    ("property_", "value"), [("file.lineItems", "bulk"), ("file.classes", "bulk"), ("file.categories", "delta")]
)
async def test_what_changed_and_what_is_whole_are_not_mixed(
    imported: Actor, database: Database, property_: str, value: str
) -> None:
    parts = build(NEXT | {"categories.csv": TABLES["categories.csv"]})
    for name in NEXT:
        parts.property(f"file.{name.removesuffix('.csv')}", "delta")
    roster = await run(imported, database, parts.property(property_, value).zipped())
    assert (roster["status"], roster["problems"][0]["code"]) == ("failed", "delta")


async def test_an_import_of_what_changed_goes_on_where_it_was(
    imported: Actor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom.rosters.rows.PART", 1)
    roster: Any = await run(imported, database, changed(NEXT))
    # One row at a time, a topic is still made once and the last teacher still stays.
    assert counts(roster) == EXPECTED
