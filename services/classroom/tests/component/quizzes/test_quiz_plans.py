"""What a class under way asks for thousands of times is found by an index, however many quizzes there were.

With sequential scans made expensive, one that remains in a plan is one that no index can replace; an index that is read
from end to end is none either.
"""

import json
import re
from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest

from chassis.db import load_queries
from classroom.quizzes.testing import QuizRoom, open_quiz
from classroom.testing import Actor, Sql

SCHOOL, QUIZ, ATTEMPT, QUESTION = (UUID(int=number) for number in range(1, 5))
SOMEBODY = UUID(int=9)

ANSWER = (
    f'[{{"number": 0, "attempt_id": "{ATTEMPT}", "question_id": "{QUESTION}", "rev": 2, "value": "1",'
    f' "hash": "{"0" * 64}", "mark": "1", "answered": true}}]'
)
PARAMS: dict[str, Any] = {
    "id": QUIZ,
    "school_id": SCHOOL,
    "student_id": SOMEBODY,
    "owner_id": SOMEBODY,
    "attempt_id": ATTEMPT,
    "question_id": QUESTION,
    "ids": [ATTEMPT],
    "students": [SOMEBODY],
    "after_id": UUID(int=0),
    "limit": 100,
    "since": 0,
    "looked_at": "2026-01-01",
    "revision": 1,
    "seed": 1,
    "question_ids": [QUESTION],
    "answers": ANSWER,
    "signs": "[]",
    "rows": "[]",
    "by": "time",
    "blank_hash": "0" * 64,
    "seconds": 60,
    "waiting": True,
    "tags": [],
    "taken": [],
    "kind": None,
    "search": None,
    "traceparent": None,
}
HOT = [
    "find_quiz", "own_standing", "list_drawable_questions", "list_draws", "start_attempt", "find_unfinished_attempt",
    "find_attempt", "list_attempts", "list_shown_questions", "list_answers", "list_messages",
    "keep_connected", "find_progress", "list_standings_since", "list_messages_since", "list_progress_since",
    "list_progress", "pause_attempts", "resume_attempts", "extend_attempts", "list_unfinished_ids", "list_due_quizzes",
    "list_due_ids", "list_keyed_questions", "hold_unfinished_attempts", "list_answers_of", "submit_attempts",
    "list_quiz_results", "count_waiting_answers", "list_answers_to", "list_keyed_marks", "total_attempts",
    "list_keyed_bank_questions", "draw_keyed_bank_questions",
]  # fmt: skip


def scans(plan: dict[str, Any]) -> set[str]:
    """The tables that are read from end to end."""
    whole = plan["Node Type"] == "Seq Scan" or ("Index Name" in plan and "Index Cond" not in plan)
    found = {str(plan.get("Relation Name", plan.get("Index Name")))} if whole else set()
    return found.union(*(scans(part) for part in plan.get("Plans", [])))


@pytest.fixture
def cursor(database_url: str) -> Any:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as opened:
        opened.execute("SET enable_seqscan = off")
        yield opened


def explained(cursor: Any, query: str) -> set[str]:
    statement = load_queries("classroom")[query].rstrip(";").rpartition(";\n")[2]
    return plan_of(cursor, statement)


def explained_function(cursor: Any) -> set[str]:
    """What `save_work` does after its lock."""
    cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'save_work'")
    statement = cursor.fetchone()[0].partition("RETURN QUERY")[2].rpartition(";")[0]
    for name, param in {"quiz": "id", "school": "school_id"}.items():
        statement = statement.replace(f"for_{name}", f"%({param})s")
    return plan_of(cursor, re.sub(r"given_(\w+)", r"%(\1)s", statement))


def plan_of(cursor: Any, statement: str) -> set[str]:
    cursor.execute("EXPLAIN (FORMAT JSON) " + statement, PARAMS)
    return scans(cursor.fetchone()[0][0]["Plan"])


def test_hot_queries_read_no_table_from_end_to_end(cursor: Any) -> None:
    for query in HOT:
        assert explained(cursor, query) == set(), query
    assert explained_function(cursor) == set()
    cursor.execute(
        "DROP INDEX attempts_one_unfinished, attempts_of_student; ALTER TABLE attempts DROP CONSTRAINT attempts_number"
    )
    assert explained(cursor, "find_unfinished_attempt") == {"attempts"}


def test_what_an_answer_changes_is_in_no_index(cursor: Any) -> None:
    """So that a saved answer writes one row of the attempt and no entry of any index."""
    cursor.execute(
        "SELECT DISTINCT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid"
        " AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'attempts'::regclass"
    )
    indexed = {name for (name,) in cursor.fetchall()}
    assert not indexed & {"changed", "score", "answered_count", "last_saved_at", "current_question_id", "away"}


def scanned_by_saving(database_url: str, quiz: QuizRoom, attempt_id: str) -> set[str]:
    """The tables that are read whole when one connection saves an answer again and again."""
    answer = {"number": 0, "attempt_id": attempt_id, "question_id": quiz.questions[0]["id"], "value": 1}
    answer |= {"hash": "0" * 64, "mark": "1", "answered": True}
    school = quiz.teacher.school_id
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        for rev in range(1, 11):
            rows = json.dumps([answer | {"rev": rev}])
            cursor.execute("SELECT judged, refused FROM save_work(%s, %s, %s, '[]')", [quiz.id, school, rows])
            assert cursor.fetchall() == [(1, [])]
        cursor.execute("SELECT relname::text FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
        return {name for (name,) in cursor.fetchall()}


CLASSMATES = """
INSERT INTO attempts
SELECT (jsonb_populate_record(a, jsonb_build_object('id', uuid7(), 'student_id', uuid7()))).*
FROM attempts AS a, generate_series(1, 1000);
ANALYZE attempts
"""


async def test_a_plan_of_small_tables_would_do_for_large_ones(
    database_url: str, school: dict[str, Actor], sql: Sql
) -> None:
    """A connection keeps the plan of `save_work`, whatever the tables grow to (docs/adr/0026)."""
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    quiz = await open_quiz(school["tara"], [school["sam"]])
    attempt_id = (await quiz.start(school["sam"]))["id"]
    sql(CLASSMATES)
    assert scanned_by_saving(database_url, quiz, attempt_id) == set()
    with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION save_work RESET ALL")
    assert "attempts" in scanned_by_saving(database_url, quiz, attempt_id)
