"""Opening, changing and deleting classrooms; rotating and disabling join codes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Executor, utc_now
from chassis.errors import Invalid, NotFound, Unavailable
from chassis.identity import Identity, Role
from classroom.classrooms.models import JoinCode, NewClassroom, NewJoinCode
from classroom.domain import new_join_code
from classroom.violations import violates

_TRIES = 5


async def open_classroom(db: Executor, identity: Identity, body: NewClassroom, stale: Sequence[str]) -> UUID:
    """Open a classroom; a teacher becomes its first teacher."""
    teacher_id = identity.account_id if identity.role is Role.TEACHER else None
    classroom_id: UUID = await db.value(
        "create_classroom", school_id=identity.school_id, teacher_id=teacher_id, stale=list(stale), **body.model_dump()
    )
    return classroom_id


async def change_classroom(
    db: Executor, identity: Identity, classroom_id: UUID, patch: dict[str, Any], expected: int | None, stale: list[str]
) -> bool:
    """Apply a patch; False when the classroom is not at the expected version."""
    changed = await db.execute(
        "change_classroom",
        id=classroom_id,
        school_id=identity.school_id,
        patch=patch,
        expected=expected,
        stale=stale,
    )
    return changed > 0


async def delete_classroom(
    db: Executor, identity: Identity, classroom_id: UUID, expected: int | None, stale: list[str]
) -> bool:
    """Hide a classroom; False when it is not at the expected version."""
    deleted = await db.execute(
        "delete_classroom", id=classroom_id, school_id=identity.school_id, expected=expected, stale=stale
    )
    return deleted > 0


async def restore_classroom(db: Executor, identity: Identity, classroom_id: UUID, stale: list[str]) -> None:
    """Open a deleted classroom again; raises NotFound after 30 days, and for who may not."""
    restored = await db.execute(
        "restore_classroom",
        id=classroom_id,
        school_id=identity.school_id,
        account_id=identity.account_id,
        admin=identity.role is Role.ADMIN,
        stale=stale,
    )
    if not restored:
        raise NotFound("classroom")


async def rotate_join_code(
    db: Executor, identity: Identity, classroom_id: UUID, body: NewJoinCode, stale: list[str]
) -> JoinCode:
    """Give the classroom a new code; the old one works no more."""
    if body.expires_at is not None and body.expires_at <= utc_now():
        raise Invalid("body.expires_at", "Choose a time to come.")
    for _ in range(_TRIES):
        code = new_join_code()
        with violates("classrooms_join_code") as taken:
            await _set_join_code(db, identity, classroom_id, code, body, stale)
        if not taken:
            return JoinCode(join_code=code, expires_at=body.expires_at, uses_left=body.max_uses)
    raise Unavailable("No free join code was found; try again.")


async def disable_join_code(db: Executor, identity: Identity, classroom_id: UUID, stale: list[str]) -> None:
    """Nobody joins by code until a new one is made."""
    await _set_join_code(db, identity, classroom_id, None, NewJoinCode(), stale)


async def _set_join_code(
    db: Executor,
    identity: Identity,
    classroom_id: UUID,
    code: str | None,
    body: NewJoinCode,
    stale: list[str],
) -> None:
    changed = await db.execute(
        "set_join_code",
        id=classroom_id,
        school_id=identity.school_id,
        join_code=code,
        expires_at=body.expires_at,
        max_uses=body.max_uses,
        stale=stale,
    )
    if not changed:
        raise NotFound("classroom")
