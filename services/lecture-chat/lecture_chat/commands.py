"""Opening and closing live lectures."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Conflict, Invalid
from chassis.identity import Identity
from lecture_chat.models import CloseReason, Lecture


async def open_lecture(db: Executor, identity: Identity, assignment: Row) -> Lecture:
    """Open a lecture that `find_taught_assignment` found.

    Raises Invalid when it is none, Conflict when it is open already or its classroom is archived.
    """
    if assignment["kind"] != "lecture":
        raise Invalid("body.assignment_id", "Only an assignment of kind lecture can be opened.", "not_a_lecture")
    if assignment["classroom_status"] != "active":
        raise Conflict("classroom_archived", "The classroom is archived.")
    opened = await db.row(
        "open_lecture",
        school_id=identity.school_id,
        classroom_id=assignment["classroom_id"],
        assignment_id=assignment["assignment_id"],
        opened_by=identity.account_id,
    )
    if opened is None:
        raise Conflict("already_open", "This lecture is open already.")
    return Lecture(**opened, title=assignment["title"])


async def close_lecture(db: Executor, lecture_id: UUID, reason: CloseReason = "closed_by_teacher") -> Row:
    """End a live lecture and write down its attendance; closing again changes nothing.

    Returns what stands then: `closed_at, close_reason, head_seq, message_count`.
    """
    row = await db.row("close_lecture", lecture_id=lecture_id, reason=reason)
    assert row is not None
    return row
