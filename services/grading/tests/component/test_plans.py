"""How figures are read: a student's from the covering index alone, all others without facts."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.db import Database, load_queries
from chassis.inbox import apply
from grading.attention.jobs import judge_all
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id

NOTHING = {
    "topic_id": None,
    "assignment_id": None,
    "search": None,
    "after_name": None,
    "after_id": None,
    "after_first": None,
    "after_second": None,
    "limit": 51,
    "fewest": 5,
}
NO_FILTER = {"term": None, "subject": None, "teacher_ids": None}


@pytest.fixture
async def connection(database: Database, database_url: str, school: School) -> AsyncIterator[Any]:
    """Forty classrooms with 100 quiz results each, vacuumed."""
    for _ in range(40):
        await fill(database, school)
    await judge_all(database)
    with closing(psycopg2.connect(database_url)) as connected:
        connected.autocommit = True
        with connected.cursor() as cursor:
            cursor.execute(
                "VACUUM (ANALYZE) facts, enrolments, assignments, classrooms, teachers, classroom_totals, percents,"
                " students_at_risk, accounts"
            )
        yield connected


async def fill(database: Database, school: School) -> None:
    classroom_id, students = new_id(), [new_id() for _ in range(20)]
    quizzes = [school.assignment(new_id(), classroom_id) for _ in range(5)]
    teacher_id = new_id()
    events = [
        school.account(teacher_id, "T", "teacher"),
        school.classroom(classroom_id),
        school.teacher(new_id(), classroom_id, teacher_id),
        *(school.enrolment(new_id(), classroom_id, student) for student in students),
        *quizzes,
    ]
    grades = [school.grades(quiz.subject, classroom_id, [Given(one, "45") for one in students]) for quiz in quizzes]
    await apply(database, HANDLERS, [*events, *grades])


def plan(connection: Any, query: str, **params: Any) -> list[dict[str, Any]]:
    """Every node of the plan of a named query."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + load_queries("grading")[query], NOTHING | NO_FILTER | params)
        return list(nodes(cursor.fetchone()[0][0]["Plan"]))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


def some(connection: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT classroom_id FROM facts LIMIT 1")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("query", ["classroom_assignments", "class_tally"])
async def test_a_class_is_read_without_facts(connection: Any, query: str) -> None:
    found = [node for node in plan(connection, query, classroom_id=some(connection)) if "Relation Name" in node]
    assert {node["Relation Name"] for node in found} == {"assignments", "percents"}
    conditions = [" ".join(str(node.get(name)) for name in ("Index Cond", "Recheck Cond", "Filter")) for node in found]
    assert [one for one in conditions if "classroom_id = " not in one] == [], "no other classroom's rows are read"


@pytest.mark.parametrize("query", ["classroom_assignments", "class_tally"])
async def test_the_percents_of_a_class_are_never_sorted(connection: Any, query: str) -> None:
    """However the planner guesses: a class of 100 was read three times slower than one of 300."""
    found = plan(connection, query, classroom_id=some(connection))
    assert {node["Strategy"] for node in found if node["Node Type"] == "Aggregate"} == {"Plain"}
    sorts = [node for node in found if node["Node Type"] == "Sort"]
    assert [key for sort in sorts for key in sort["Sort Key"] if "percent" in key] == []


async def test_a_page_of_students_at_risk_reads_no_more_than_the_page(connection: Any) -> None:
    found = [
        node for node in plan(connection, "list_at_risk", classroom_id=some(connection)) if "Relation Name" in node
    ]
    assert {node["Relation Name"] for node in found} == {"students_at_risk", "enrolments", "accounts"}
    scans = [node for node in found if node["Relation Name"] == "enrolments"]
    assert [(scan["Node Type"], scan["Index Name"]) for scan in scans] == [("Index Scan", "enrolments_pkey")]


async def test_students_are_read_from_the_covering_index(connection: Any) -> None:
    found = plan(connection, "list_students", classroom_id=some(connection))
    scans = [node for node in found if node.get("Relation Name") == "facts"]
    assert [(scan["Node Type"], scan["Index Name"]) for scan in scans] == [("Index Only Scan", "facts_classroom")]


@pytest.mark.parametrize("query", ["list_teachers", "school_teachers", "quiz_months"])
async def test_what_spans_classrooms_reads_no_fact(connection: Any, school: School, query: str) -> None:
    params = {"school_id": school.school_id, "classroom_ids": [new_id()], "most": 6}
    tables = {node.get("Relation Name") for node in plan(connection, query, **params)}
    assert "facts" not in tables
    assert tables & {"classroom_totals", "classroom_months"}
