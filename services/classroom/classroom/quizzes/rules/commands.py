"""Changing the rules of a quiz."""

from typing import Any
from uuid import UUID

from psycopg2.errors import CheckViolation

from chassis.db import Executor
from chassis.errors import Invalid, NotFound
from chassis.identity import Identity
from classroom.quizzes.marking.handing_in import grade_anew


async def change_rules(
    db: Executor, identity: Identity, assignment_id: UUID, patch: dict[str, Any], expected: int | None
) -> bool:
    """False when the quiz is at another revision. Raises Invalid when it would close before it opens.

    Attempts under way keep the deadline they have; extending them is an action of its own. What is marked shows at once
    when results are to show so.
    """
    where = {"id": assignment_id, "school_id": identity.school_id}
    try:
        async with db.transaction() as tx:
            await tx.execute("hold_quiz", **where)
            changed = await tx.value("change_rules", patch=patch, expected=expected, **where)
            if changed is not None and "results_show" in patch:
                await grade_anew(tx, identity.school_id, assignment_id)
    except CheckViolation as error:
        if error.diag.constraint_name != "quizzes_open_before_they_close":
            raise
        raise Invalid("body.closes_at", "A quiz closes after it opens.", "closes_before_it_opens") from None
    return changed is not None


async def give_extra_time(
    db: Executor, identity: Identity, assignment_id: UUID, student_id: UUID, seconds: int
) -> None:
    """Give one student more time in attempts that start from now on; raises NotFound for no student of it."""
    _require_student(
        await db.value(
            "give_extra_time", id=assignment_id, school_id=identity.school_id, student_id=student_id, seconds=seconds
        )
    )


async def take_extra_time(db: Executor, identity: Identity, assignment_id: UUID, student_id: UUID) -> None:
    """Take it back; raises NotFound where there is none."""
    _require_student(
        await db.value("take_extra_time", id=assignment_id, school_id=identity.school_id, student_id=student_id)
    )


def _require_student(found: UUID | None) -> None:
    if found is None:
        raise NotFound("student")
