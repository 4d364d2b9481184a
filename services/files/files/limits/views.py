"""The limits of a school, and what is stored."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity, Role
from files.config import Config
from files.kinds import KINDS
from files.limits.models import Amount, Limits, SchoolLimits, Usage

_SCHOOL = UUID(int=0)


async def limits(db: Executor, settings: Config, school_id: UUID) -> tuple[Limits, int]:
    """What may be uploaded, and the edition of the school's decision (0: none yet)."""
    row = await db.row("read_school_limits", school_id=school_id)
    return merged(settings, row), row["version"] if row else 0


def merged(settings: Config, row: Row | None) -> Limits:
    """The school's decision over the installation's; never a larger file than the installation takes."""
    chosen = SchoolLimits(**{name: value for name, value in (row or {}).items() if name != "version"})
    quota = chosen.account_quota_bytes
    return Limits(
        max_bytes=min(chosen.max_bytes or settings.upload_max_bytes, settings.upload_max_bytes),
        types=sorted(set(chosen.types) & KINDS.keys()) if chosen.types else settings.types,
        possible_types=sorted(KINDS),
        parts_above_bytes=settings.parts_above_bytes,
        account_quota_bytes=settings.account_quota_bytes if quota is None else quota,
        chosen=chosen,
    )


async def usage(db: Executor, settings: Config, identity: Identity) -> Usage:
    """What the caller stores, and what the school does if they may know."""
    rows = await db.rows("read_usage", school_id=identity.school_id, account_id=identity.account_id)
    found = {row["account_id"]: row for row in rows}
    allowed, _ = await limits(db, settings, identity.school_id)
    school = _amount(found.get(_SCHOOL), settings.school_quota_bytes) if identity.role is Role.ADMIN else None
    return Usage(account=_amount(found.get(identity.account_id), allowed.account_quota_bytes), school=school)


def _amount(row: Row | None, quota: int) -> Amount:
    return Amount(bytes=row["bytes"] if row else 0, files=row["files"] if row else 0, quota_bytes=quota)
