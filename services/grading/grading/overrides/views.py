"""Reading overrides."""

from uuid import UUID

from chassis.db import Executor
from grading.overrides.models import Override, OverrideEdition


async def find_override(db: Executor, classroom_id: UUID, student_id: UUID) -> Override:
    """A student's, with what it was."""
    rows = await db.rows("override_history", classroom_id=classroom_id, student_id=student_id)
    history = [OverrideEdition(**row) for row in rows]
    return Override(
        classroom_id=classroom_id,
        student_id=student_id,
        percent=history[0].percent if history else None,
        version=history[0].version if history else 0,
        history=history,
    )
