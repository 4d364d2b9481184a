"""The hot queries read through an index, however much was said."""

from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest

from chassis.db import load_queries

LECTURE = UUID(int=7)
SAID = """
INSERT INTO live_lectures (lecture_id, school_id, classroom_id, assignment_id, opened_by, head_seq)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, uuid7(), uuid7(), uuid7(), uuid7(), 500
FROM generate_series(1, 20) AS n;
INSERT INTO entries (lecture_id, seq, type, author_id, author_role, client_id, content)
SELECT lecture_id, seq, 'message', uuid7(), 'student', seq::text, '{"body": "x", "mentions": [], "files": []}'
FROM live_lectures, generate_series(1, 500) AS seq;
INSERT INTO presences (presence_id, lecture_id, account_id, role, joined_at, seen_at)
SELECT uuid7(), lecture_id, uuid7(), 'student', now(), now() FROM live_lectures, generate_series(1, 200);
INSERT INTO members (classroom_id, account_id, role, school_id, status, version)
SELECT classroom_id, uuid7(), 'student', school_id, 'active', 1 FROM live_lectures, generate_series(1, 200);
ANALYZE;
"""
HOT: dict[str, tuple[str, dict[str, Any]]] = {
    "entries after": ("list_entries", {"lecture_id": LECTURE, "since": 450, "limit": 200}),
    "entries before": ("list_entries_before", {"lecture_id": LECTURE, "before": 400, "limit": 100}),
    "heads": ("read_heads", {"lecture_ids": [LECTURE]}),
    "whom it is for": ("read_audiences", {"lecture_ids": [LECTURE]}),
    "who is there": ("list_present", {"lecture_ids": [LECTURE]}),
    "lost members": ("list_lost_members", {"classroom_ids": [LECTURE], "account_ids": [LECTURE]}),
    "own choices": ("read_own", {"lecture_id": LECTURE, "account_id": LECTURE}),
}


def scans(plan: dict[str, Any]) -> list[str]:
    """The tables that are read from end to end."""
    found = [str(plan["Relation Name"])] if plan["Node Type"] == "Seq Scan" else []
    return found + [name for part in plan.get("Plans", []) for name in scans(part)]


@pytest.fixture
def cursor(database_url: str) -> Any:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as opened:
        opened.execute(SAID)
        yield opened


def test_hot_queries_scan_no_table(cursor: Any) -> None:
    queries = load_queries("lecture_chat")
    for what, (query, parameters) in HOT.items():
        cursor.execute("EXPLAIN (FORMAT JSON) " + queries[query], parameters)
        found = set(scans(cursor.fetchone()[0][0]["Plan"]))
        assert not found & {"entries", "presences", "members"}, (what, found)
