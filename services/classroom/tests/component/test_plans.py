"""The hot queries can all be served by an index.

With sequential scans and sorts made expensive, one that remains in a plan is one that no index can replace.
"""

from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest

from chassis.db import load_queries

SCHOOL = UUID(int=7)
SOMEBODY = UUID(int=8)
TABLES = (
    "accounts",
    "classrooms",
    "classroom_teachers",
    "enrolments",
    "topics",
    "assignments",
    "grades",
    "grade_history",
    "files",
    "attachments",
    "submissions",
    "submission_members",
    "turn_ins",
    "comments",
    "notes",
    "live_lectures",
    "announcements",
    "notifications_seen",
)

FILL = """
INSERT INTO accounts
SELECT %(school)s, uuid7(), 'p' || n, 'P ' || n, 'student', 'active', 'p-' || n, 1 FROM generate_series(1, 4000) AS n;
INSERT INTO classrooms (school_id, title, source_id, join_code)
SELECT %(school)s, 'C ' || n, 'c-' || n, translate(lpad(n::text, 8, 'Z'), '0123456789', 'ABCDEFGHJK')
FROM generate_series(1, 400) AS n;
INSERT INTO classroom_teachers (school_id, classroom_id, teacher_id)
SELECT c.school_id, c.id, uuid7() FROM classrooms AS c, generate_series(1, 3);
INSERT INTO topics (school_id, classroom_id, title, position)
SELECT c.school_id, c.id, 'T ' || n, n FROM classrooms AS c, generate_series(1, 5) AS n;
INSERT INTO assignments (school_id, classroom_id, kind, title, points_possible, status, was_published, source_id)
SELECT c.school_id, c.id, 'homework', 'A ' || n, 10, 'published', TRUE, c.source_id || 'a-' || n
FROM classrooms AS c, generate_series(1, 10) AS n;
INSERT INTO enrolments (school_id, classroom_id, student_id)
SELECT c.school_id, c.id, p.account_id
FROM (SELECT *, row_number() OVER () AS n FROM classrooms) AS c
JOIN (SELECT *, row_number() OVER () AS n FROM accounts) AS p ON p.n %% 80 = c.n %% 80;
INSERT INTO grades (school_id, assignment_id, student_id, score, max_score, released_at)
SELECT a.school_id, a.id, e.student_id, 5, 10, now()
FROM assignments AS a JOIN enrolments AS e USING (classroom_id) WHERE a.title IN ('A 1', 'A 2', 'A 3');
ANALYZE;
"""

WHO = {"school_id": SCHOOL, "account_id": SOMEBODY, "student_id": SOMEBODY, "actor": SOMEBODY, "limit": 50}
WHERE = {
    "id": SOMEBODY,
    "classroom_id": SOMEBODY,
    "topic_id": SOMEBODY,
    "ids": [SOMEBODY],
    "teacher": True,
    "student": False,
    "kind": "teacher-view",
    "accounts": [SOMEBODY],
    "classrooms": [SOMEBODY],
}
AFTER = {"after_title": "C 2", "after_name": "P 2", "after_position": 1, "after_id": SOMEBODY, "drafts": True}
GIVEN = {"score": 1, "late": False, "feedback": "", "released": True, "expected": None, "join_code": "22222222"}
WORK = {"students": [SOMEBODY], "before": 9, "rows": "[]", "file_ids": [SOMEBODY], "target_id": SOMEBODY}
TARGET = {"assignment_id": SOMEBODY, "submission_id": SOMEBODY, "audience": "members", "reader_ids": []}
SAID = {"group_id": None, "body": "x", "status": "returned", "rev": 1, "seq": None, "after_time": "2026-11-24"}
TOLD = {"attended": True, "before_at": None, "before_id": None, "until": "2026-11-24"}
REST: dict[str, Any] = SAID | TOLD | {"stale": [], "traceparent": None, "patch": "{}"}
PARAMS: dict[str, Any] = {
    **WHO,
    **WHERE,
    **AFTER,
    **GIVEN,
    **WORK,
    **TARGET,
    **REST,
}

HOT = [
    "find_classroom",
    "find_person",
    "find_joinable",
    "list_own_classrooms",
    "classroom_of_topic",
    "list_topics",
    "classroom_of_assignment",
    "find_assignment",
    "list_assignments",
    "list_grades",
    "find_grades",
    "list_grades_of_students",
    "list_grade_history",
    "store_grades",
    "are_assigned",
    "publish_scheduled",
    "list_notifications",
    "count_unseen",
    "notice_due_soon",
    "notice_open_quizzes",
    "forget_due_soon",
    "copy_assignment",
    "are_usable_files",
    "find_own_submission",
    "list_turn_ins",
    "begin_submission",
    "write_submission",
    "turn_in",
    "take_back",
    "list_submissions",
    "list_comments",
    "save_note",
    "list_notes",
    "note_coverage",
    "list_lectures",
    "set_attachments",
    "renew_audience",
    "release_grades",
    "enrol_student",
    "remove_student",
    "delete_topic",
    "change_assignment",
    "fragment_people",
    "fragment_views",
    "fragment_own",
]


@pytest.fixture
def school(database_url: str) -> str:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(FILL, {"school": SCHOOL})
    connection.close()
    return database_url


def plan(url: str, query: str, **params: Any) -> str:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            statement = load_queries("classroom")[query].rstrip(";").rpartition(";\n")[2]
            cursor.execute("SET enable_seqscan = off; SET enable_sort = off")
            cursor.execute("EXPLAIN " + statement, PARAMS | params)
            return "\n".join(line for (line,) in cursor.fetchall())
    finally:
        connection.close()


def test_hot_queries_use_an_index(school: str) -> None:
    for query in HOT:
        found = plan(school, query)
        for table in TABLES:
            assert f"Seq Scan on {table} " not in found, f"{query}\n{found}"


def test_lists_that_may_be_long_are_read_in_order(school: str) -> None:
    for query in ("list_assignments", "list_classrooms"):
        found = plan(school, query)
        assert "Sort" not in found, f"{query}\n{found}"


@pytest.mark.parametrize("query", ["list_students", "list_submissions", "list_grades"])
def test_what_is_in_order_of_names_reads_one_classroom_and_sorts_it(school: str, query: str) -> None:
    found = plan(school, query)
    for table in ("enrolments", "accounts", "grades"):
        assert f"Seq Scan on {table} " not in found, found


def test_an_import_joins_by_index(school: str) -> None:
    rows = '[{"item": "c-1a-1", "person": "p-1", "score": "3", "late": false, "feedback": ""}]'
    found = plan(school, "import_grades", rows=rows, items=["c-1a-1"])
    assert "Seq Scan on grades " not in found, found
