"""The copies end in the newest states, in whatever order and however often events come."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import Database
from chassis.events import Event, newest
from chassis.inbox import apply
from chassis.testing import uuid7
from lecture_chat.consumers import HANDLERS

STATES = {
    "classroom.classroom": {"active": "created", "archived": "updated", "deleted": "deleted"},
    "classroom.teacher": {"active": "added", "removed": "removed"},
    "classroom.student": {"active": "enrolled", "removed": "removed"},
    "classroom.assignment": {"published": "created", "deleted": "deleted"},
    "auth.account": {"active": "created", "deactivated": "deactivated"},
}
COPIES = """
    SELECT classroom_id::text || role, status, version FROM members WHERE school_id = %(school_id)s
    UNION ALL SELECT classroom_id::text, status, version FROM classrooms WHERE school_id = %(school_id)s
    UNION ALL SELECT assignment_id::text, status, version FROM assignments WHERE school_id = %(school_id)s
    UNION ALL SELECT account_id::text, status, version FROM accounts WHERE school_id = %(school_id)s
"""


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """All events, and the same shuffled with some of them twice."""
    school_id, events = uuid7(), []
    for name in draw(st.lists(st.sampled_from(sorted(STATES)), min_size=1, max_size=5)):
        states = draw(st.lists(st.sampled_from(sorted(STATES[name])), min_size=1, max_size=4))
        events += aggregate(school_id, name, states)
    again = draw(st.lists(st.sampled_from(events), max_size=5))
    return events, draw(st.permutations([*events, *again]))


def aggregate(school_id: UUID, name: str, states: Sequence[str]) -> list[Event]:
    """The versions of one aggregate; its own id stands for every id it carries."""
    subject, owner = uuid7(), name.partition(".")[0]
    ids = ["account_id", "classroom_id", "assignment_id"]
    ids += [key for key in ("teacher_id", "student_id") if name == f"classroom.{key.removesuffix('_id')}"]
    data = dict.fromkeys(ids, str(subject)) | {"kind": "lecture", "title": "T", "name": "N", "role": "student"}
    return [
        Event(
            f"{name}-{STATES[name][state]}.v1",
            f"/homeroom/{owner}",
            subject,
            school_id,
            version,
            {**data, "status": state},
        )
        for version, state in enumerate(states, 1)
    ]


def key(event: Event) -> str:
    role = next((role for role in ("teacher", "student") if f"{role}_id" in event.data), "")
    return f"{event.subject}{role}"


def copies(url: str, school_id: UUID) -> set[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(COPIES, {"school_id": str(school_id)})
        return set(cursor.fetchall())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), size=st.integers(1, 10))
async def test_any_order_ends_in_the_newest_states(
    database: Database, database_url: str, history: tuple[list[Event], list[Event]], size: int
) -> None:
    events, delivered = history
    for start in range(0, len(delivered), size):
        await apply(database, HANDLERS, delivered[start : start + size])
    expected = {(key(event), event.data["status"], event.sequence) for event in newest(events)}
    assert copies(database_url, events[0].school_id) == expected
