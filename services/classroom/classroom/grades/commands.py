"""Giving grades and releasing them."""

from uuid import UUID

from chassis.db import Executor
from chassis.errors import Conflict, NotFound
from chassis.identity import Identity
from classroom.assignments.models import Assignment
from classroom.domain import AssignmentStatus
from classroom.grades.models import NewGrade


async def give_grade(
    db: Executor,
    identity: Identity,
    assignment: Assignment,
    student_id: UUID,
    body: NewGrade,
    expected: int | None,
    stale: list[str],
) -> bool:
    """Store a grade; `expected` is the version the caller saw, 0 for none, null for any.

    False when it is another. Raises Conflict for an assignment without grades, NotFound for no student of it.
    """
    _require_gradable(assignment)
    given = await db.value(
        "put_grade",
        id=assignment.id,
        school_id=identity.school_id,
        student_id=student_id,
        actor=identity.account_id,
        expected=expected,
        stale=stale,
        **body.model_dump(),
    )
    if given is None and not await db.value(
        "is_student", school_id=identity.school_id, classroom_id=assignment.classroom_id, account_id=student_id
    ):
        raise NotFound("student")
    return given is not None


def _require_gradable(assignment: Assignment) -> None:
    if assignment.points_possible is None:
        raise Conflict("ungraded", "The assignment has no points_possible, so it is not graded.")
    if assignment.status is AssignmentStatus.DRAFT:
        raise Conflict("not_published", "Publish the assignment before grading it.")


async def release_grades(db: Executor, identity: Identity, assignment: Assignment) -> list[UUID]:
    """Release every draft, all or none; returns whose they were."""
    _require_gradable(assignment)
    released: list[UUID] = []
    async with db.transaction() as tx:
        while rows := await tx.rows(
            "release_grades", id=assignment.id, school_id=identity.school_id, actor=identity.account_id
        ):
            released.extend(row["student_id"] for row in rows)
    return released
