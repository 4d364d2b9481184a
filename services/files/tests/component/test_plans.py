"""The hot queries can all be served by an index.

With sequential scans made expensive, one that remains in a plan is one that no index can replace.
"""

from typing import Any
from uuid import UUID

import psycopg2.extras
import pytest

from chassis.db import load_queries

SOMEBODY = UUID(int=8)
PARAMS: dict[str, Any] = dict.fromkeys(
    ("school_id", "account_id", "owner_id", "file_id", "assignment_id", "before", "after"), SOMEBODY
) | {"file_ids": [SOMEBODY], "limit": 50, "kept_seconds": 1, "days": 30, "reason": "x", "thumbnail": False,
     "traceparent": None, "name": "a", "content_type": "a", "size": 1, "sha256": "0" * 64, "upload_seconds": 1,
     "account_quota": 1, "school_quota": 1}  # fmt: skip
HOT = (
    "find_file", "find_upload", "list_own_files", "list_work", "begin_upload", "complete_upload", "delete_file",
    "claim_file", "accept_file", "reject_file", "end_uploads", "revive_files", "doom_files", "list_doomed",
    "delete_unattached", "needed_files", "read_usage", "erase_person", "export_person",
)  # fmt: skip


@pytest.mark.parametrize("query", HOT)
def test_hot_queries_use_an_index(plans: Any, query: str) -> None:
    found = plans(load_queries("files")[query])
    assert "Seq Scan" not in found, found


def test_a_persons_files_are_read_in_order(plans: Any) -> None:
    assert "Sort" not in plans(load_queries("files")["list_own_files"])


def test_a_query_without_an_index_would_be_seen(plans: Any) -> None:
    assert "Seq Scan" in plans("SELECT 1 FROM files WHERE name = 'a'")


@pytest.fixture
def plans(sql: Any) -> Any:
    """Gives the plan of the last statement of a text."""
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    sql("SET enable_seqscan = off")

    def explain(text: str) -> str:
        statement = text.rstrip(";").rpartition(";\n")[2]
        return "\n".join(line for (line,) in sql("EXPLAIN " + statement, PARAMS))

    return explain
