"""Setting a total by hand."""

from uuid import UUID

from chassis.db import Executor
from chassis.identity import Identity
from grading.overrides.models import NewOverride


async def put_override(
    db: Executor, identity: Identity, classroom_id: UUID, student_id: UUID, body: NewOverride, expected: int | None
) -> bool:
    """Store it with its history; False when another version stands than `expected` (0: none)."""
    version = await db.value(
        "put_override",
        classroom_id=classroom_id,
        student_id=student_id,
        school_id=identity.school_id,
        actor=identity.account_id,
        expected=expected,
        **body.model_dump(),
    )
    return version is not None
