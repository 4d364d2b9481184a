"""Adding and removing teachers and students."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Conflict, Invalid, NotFound
from chassis.identity import Identity
from classroom.domain import normal_join_code


class UnknownCode(NotFound):
    """Unknown, expired and disabled codes answer alike."""

    def __init__(self) -> None:
        super().__init__("join code")


async def joinable(db: Executor, identity: Identity, typed: str) -> UUID:
    """The classroom of the caller's school that a code opens now; raises UnknownCode."""
    code = normal_join_code(typed)
    found: UUID | None = await db.value("find_joinable", school_id=identity.school_id, join_code=code)
    if found is None:
        raise UnknownCode()
    return found


async def join(db: Executor, identity: Identity, classroom_id: UUID, typed: str) -> list[str]:
    """Enrol the caller by code; who is enrolled already stays so. Returns what is stale."""
    stale: list[str] | None = await db.value(
        "enrol_student",
        school_id=identity.school_id,
        classroom_id=classroom_id,
        student_id=identity.account_id,
        join_code=normal_join_code(typed),
    )
    if stale is None and not await _is(db, "is_student", identity, classroom_id, identity.account_id):
        raise UnknownCode()
    return stale or []


async def _is(db: Executor, query: str, identity: Identity, classroom_id: UUID, account_id: UUID) -> bool:
    return bool(await db.value(query, school_id=identity.school_id, classroom_id=classroom_id, account_id=account_id))


def _require_role(person: Row, roles: set[str]) -> None:
    if person["role"] not in roles:
        raise Conflict("wrong_role", f"The account is a {person['role']}'s.")


async def enrol(db: Executor, identity: Identity, classroom_id: UUID, person: Row) -> list[str]:
    """Enrol a student of the school; returns what is stale. Raises Conflict for another role."""
    _require_role(person, {"student"})
    stale: list[str] | None = await db.value(
        "enrol_student",
        school_id=identity.school_id,
        classroom_id=classroom_id,
        student_id=person["account_id"],
        join_code=None,
    )
    return stale or []


async def remove_student(db: Executor, identity: Identity, classroom_id: UUID, student_id: UUID) -> list[str]:
    """End an enrolment; returns what is stale. Raises NotFound when there is none."""
    stale: list[str] | None = await db.value(
        "remove_student", school_id=identity.school_id, classroom_id=classroom_id, student_id=student_id
    )
    if stale is None:
        raise NotFound("student")
    return stale


async def add_teacher(db: Executor, identity: Identity, classroom_id: UUID, person: Row, stale: list[str]) -> None:
    """Let a teacher or admin of the school teach here; raises as `enrol`."""
    _require_role(person, {"teacher", "admin"})
    await db.execute(
        "add_teacher",
        school_id=identity.school_id,
        classroom_id=classroom_id,
        teacher_id=person["account_id"],
        stale=stale,
    )


async def hand_over(db: Executor, identity: Identity, classroom_id: UUID, teacher_id: UUID, stale: list[str]) -> None:
    """Let another teacher of the classroom own it; raises Invalid for who does not teach it."""
    if not await db.value(
        "hand_over", school_id=identity.school_id, classroom_id=classroom_id, teacher_id=teacher_id, stale=stale
    ):
        raise Invalid("body.account_id", "Name somebody who teaches the classroom; add them first.", "unknown_teacher")


async def remove_teacher(
    db: Executor, identity: Identity, classroom_id: UUID, teacher_id: UUID, stale: list[str]
) -> None:
    """Take a teacher off; raises NotFound for one who does not teach here, Conflict for the last and for the owner."""
    removed = await db.execute(
        "remove_teacher", school_id=identity.school_id, classroom_id=classroom_id, teacher_id=teacher_id, stale=stale
    )
    if removed:
        return
    if not await _is(db, "is_teacher", identity, classroom_id, teacher_id):
        raise NotFound("teacher")
    row = await db.row("find_classroom", id=classroom_id, school_id=identity.school_id, account_id=teacher_id)
    if row is not None and row["teacher_count"] > 1:
        raise Conflict("owner_stays", "The classroom is theirs; hand it over to another teacher first.")
    raise Conflict("last_teacher", "A classroom keeps at least one teacher; add another first.")
