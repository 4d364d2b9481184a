"""What a school decides differently from the installation."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Invalid, PreconditionFailed
from files.config import Config
from files.kinds import KINDS
from files.limits.models import SchoolLimits


async def change_limits(
    db: Executor, settings: Config, school_id: UUID, body: SchoolLimits, expected: int | None
) -> Row:
    """Raises Invalid for what the installation cannot do, PreconditionFailed for an old edition."""
    _check(settings, body)
    changed = await db.row("change_school_limits", school_id=school_id, expected=expected, **body.model_dump())
    if changed is None:
        current = await db.row("read_school_limits", school_id=school_id)
        raise PreconditionFailed(current, body.model_dump())
    return changed


def _check(settings: Config, body: SchoolLimits) -> None:
    if unknown := sorted(set(body.types or ()) - KINDS.keys()):
        raise Invalid("body.types", f"Choose from possible_types of GET /limits; unknown: {', '.join(unknown)}.")
    if body.max_bytes is not None and body.max_bytes > settings.upload_max_bytes:
        raise Invalid("body.max_bytes", f"This installation takes at most {settings.upload_max_bytes} bytes.")
