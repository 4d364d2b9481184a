"""`python -m grading recompute`: finds what is wrong, and mends it."""

import os
import subprocess
import sys
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.db import Database
from chassis.inbox import apply
from grading.attention.jobs import judge_all
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id

FAULTS = {
    "total": "UPDATE classroom_totals SET percent_sum = percent_sum + 1",
    "students": "UPDATE classroom_totals SET students = 7",
    "missing": "DELETE FROM classroom_totals",
    "month": "UPDATE classroom_months SET results = results + 1",
    "flags": "UPDATE facts SET counted = NOT counted",
    "percents": "UPDATE percents SET results = results + 1",
    "missing percents": "DELETE FROM percents",
    "at risk": "INSERT INTO students_at_risk (classroom_id, student_id, school_id, reasons, results, due, missing)"
    " SELECT classroom_id, student_id, school_id, '{falling}', 1, 1, 0 FROM enrolments",
    "extra": "INSERT INTO classroom_months VALUES (gen_random_uuid(), '2026-01-01', 1, 50)",
}


TOTALS = "SELECT * FROM classroom_totals LEFT JOIN students_at_risk USING (classroom_id) ORDER BY classroom_id"


def run(url: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def command(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grading", "recompute", *arguments],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


async def fill(database: Database, school: School) -> None:
    classroom_id, quiz_id, students = new_id(), new_id(), [new_id() for _ in range(3)]
    results = [Given(student, "50") for student in students]
    enrolled = [school.enrolment(new_id(), classroom_id, student) for student in students]
    events = [school.classroom(classroom_id), school.assignment(quiz_id, classroom_id), *enrolled]
    await apply(database, HANDLERS, [*events, school.grades(quiz_id, classroom_id, results)])
    await judge_all(database)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_difference_is_reported_and_mended(
    database: Database, database_url: str, school: School, name: str
) -> None:
    for _ in range(2):
        await fill(database, school)
    before = run(database_url, TOTALS)
    run(database_url, FAULTS[name])
    found = command(database_url, "--check")
    assert found.returncode == 1
    assert "computed" in found.stdout
    assert command(database_url).returncode == 0
    assert command(database_url, "--check").returncode == 0
    assert run(database_url, TOTALS) == before


async def test_nothing_differs(database: Database, database_url: str, school: School) -> None:
    await fill(database, school)
    checked = command(database_url, "--check")
    assert (checked.returncode, checked.stdout) == (0, "0 differences\n")
