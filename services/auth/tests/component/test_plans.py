"""The hot queries read through an index, whatever the size of the school."""

from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest

from auth.testing import Sql
from chassis.db import load_queries

SCHOOL = UUID(int=7)
PEOPLE = """
WITH school AS (INSERT INTO schools (id, name) VALUES (%s, 'Elm') RETURNING id),
account AS (
    INSERT INTO accounts (email, password_hash)
    SELECT 'p' || n || '@elm.example', 'x' FROM generate_series(1, 5000) AS n
    RETURNING id, email
)
INSERT INTO memberships (school_id, account_id, name, role, source_id)
SELECT school.id, account.id, account.email, CASE WHEN random() < 0.3 THEN 'teacher' ELSE 'student' END, account.email
FROM school, account
"""
SESSIONS = """
WITH session AS (
    INSERT INTO sessions (school_id, account_id, expires_at)
    SELECT school_id, account_id, now() + interval '1 day' FROM memberships RETURNING id
)
INSERT INTO refresh_tokens (hash, session_id) SELECT sha256(id::text::bytea), id FROM session
"""
ENTRIES = "INSERT INTO audit_log (school_id, action) SELECT %s, 'x' FROM generate_series(1, 5000)"
LETTERS = """
INSERT INTO mails (school_id, recipient, kind, expires_at, sent_at)
SELECT %s, 'p' || n || '@elm.example', 'invitation', now(), now() FROM generate_series(1, 5000) AS n
"""
NOTHING = {"after_name": None, "after_id": None, "role": None, "status": None, "pattern": None, "limit": 50}

HOT: dict[str, tuple[str, dict[str, Any]]] = {
    "login": ("find_login", {"email": "p17@elm.example", "joining_code": None, "school_id": None}),
    "first page": ("page_accounts", {"school_id": SCHOOL} | NOTHING),
    "later page": ("page_accounts", {"school_id": SCHOOL} | NOTHING | {"after_name": "p3", "after_id": SCHOOL}),
    "page of a role": ("page_accounts", {"school_id": SCHOOL} | NOTHING | {"role": "teacher"}),
    "own sessions": ("list_own_sessions", {"account_id": SCHOOL, "session_id": SCHOOL}),
    "me": ("read_me", {"school_id": SCHOOL, "account_id": SCHOOL}),
    "refresh": (
        "rotate_refresh_token",
        {
            "hash": b"x" * 32,
            "successor": b"y" * 32,
            "grace": 10,
            "days": 30,
            "ip": "",
            "user_agent": "",
            "traceparent": None,
        },
    ),
    "own schools": ("list_own_memberships", {"account_id": SCHOOL, "session_id": SCHOOL}),
    "audit page": (
        "page_audit_log",
        {"school_id": SCHOOL, "before_id": None, "actor_id": None, "subject_id": None, "action": None}
        | {"since": None, "until": None, "limit": 50},
    ),
    "invitation": ("find_invitation", {"token_hash": b"x" * 32}),
    "reset": ("find_password_reset", {"token_hash": b"x" * 32}),
    "letter that is due": ("take_classroom_invitation", {}),
    "dry run": ("plan_people", {"school_id": SCHOOL, "people": "[]"}),
}


@pytest.fixture
def school(sql: Sql) -> Sql:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    sql(PEOPLE, SCHOOL)
    sql(SESSIONS)
    sql(ENTRIES, SCHOOL)
    sql(LETTERS, SCHOOL)
    sql("ANALYZE")
    return sql


def plan(database_url: str, query: str, params: dict[str, Any]) -> str:
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            statement = load_queries("auth")[query].rpartition(";\n")[2]
            cursor.execute("EXPLAIN " + statement, params)
            return "\n".join(line for (line,) in cursor.fetchall())
    finally:
        connection.close()


def test_hot_queries_use_an_index(school: Sql, database_url: str) -> None:
    for name, (query, params) in HOT.items():
        found = plan(database_url, query, params)
        for table in ("accounts", "memberships", "sessions", "refresh_tokens", "audit_log", "mails"):
            assert f"Seq Scan on {table}" not in found, f"{name}\n{found}"
        if "page" in name:
            assert "Sort" not in found, f"{name}\n{found}"
