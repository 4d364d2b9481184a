"""Reading policies."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.paging import Page, PageQuery, decode_cursor, page_of, whole
from grading.policies.models import ClassroomPolicy, Policy

UNSET = {"policy": {}, "version": 0, "changed_by": None, "changed_by_name": None, "changed_at": None}


async def find_policy(db: Executor, school_id: UUID, classroom_id: UUID) -> ClassroomPolicy:
    """The policy that stands; the usual one where nobody has set any."""
    return shown_policy(classroom_id, await db.row("find_policy", classroom_id=classroom_id, school_id=school_id))


async def policy_history(db: Executor, school_id: UUID, classroom_id: UUID, query: PageQuery) -> Page[ClassroomPolicy]:
    """What it was, the newest first."""
    (before,) = decode_cursor(query.cursor, whole) or (None,)
    rows = await db.rows(
        "list_policies", classroom_id=classroom_id, school_id=school_id, before=before, limit=query.limit + 1
    )
    shown, cursor = page_of(rows, query.limit, "version")
    return Page(items=[shown_policy(classroom_id, row) for row in shown], next_cursor=cursor)


def shown_policy(classroom_id: UUID, row: Row | None) -> ClassroomPolicy:
    """A policy's row as it is shown; the usual one without a row."""
    found = row or UNSET
    return ClassroomPolicy(classroom_id=classroom_id, **found | {"policy": Policy.model_validate(found["policy"])})
