"""Giving grades and releasing them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row, json_rows
from chassis.errors import Conflict, NotFound
from chassis.identity import Identity
from classroom.assignments.models import Assignment
from classroom.domain import AssignmentStatus
from classroom.grades.models import NewGrade

LARGEST_BATCH = 500


async def store_results(
    db: Executor,
    school_id: UUID,
    assignment_id: UUID,
    rows: Sequence[dict[str, Any]],
    *,
    actor: UUID | None = None,
    expected: int | None = None,
) -> list[Row]:
    """Store the grades of up to 500 students in one statement, all or none; returns those stored.

    A row: `student_id`, `score` (a decimal as text, or None) and, each None for "as it is" or "as the newest turn-in
    says": `late`, `late_seconds`, `excused`, `feedback`, `released`, `number`, `submissions` (a list of {number,
    score, max_score, late_seconds}). A released grade stays released and its change is told; a draft stays a draft.
    Who attends no more is left out, but where nobody gives them (no `actor`). `expected` is the sum of the versions the
    caller saw.
    """
    return await db.rows(
        "store_grades",
        id=assignment_id,
        school_id=school_id,
        actor=actor,
        expected=expected,
        rows=json_rows(list(rows)),
    )


async def give_grades(
    db: Executor,
    identity: Identity,
    assignment: Assignment,
    student_ids: Sequence[UUID],
    body: NewGrade,
    expected: int | None,
) -> bool:
    """Give these students the same grade; `expected` is the sum of the versions the caller saw, 0 for none.

    False when it is another. Raises Conflict for an assignment without grades, NotFound for no student of it.
    """
    _require_gradable(assignment)
    rows = [body.model_dump() | {"student_id": student_id} for student_id in student_ids]
    who = {"school_id": identity.school_id, "assignment_id": assignment.id}
    stored = await store_results(db, **who, rows=rows, actor=identity.account_id, expected=expected)
    if not stored and not await db.value("are_assigned", **who, students=list(student_ids)):
        raise NotFound("student")
    return bool(stored)


def _require_gradable(assignment: Assignment) -> None:
    if assignment.points_possible is None:
        raise Conflict("ungraded", "The assignment has no points_possible, so it is not graded.")
    if assignment.status is not AssignmentStatus.PUBLISHED:
        raise Conflict("not_published", "Publish the assignment before grading it.")


async def release_grades(
    db: Executor, identity: Identity, assignment: Assignment, student_ids: Sequence[UUID] | None
) -> list[UUID]:
    """Release drafts, of these students or of all, all or none; returns whose they were."""
    _require_gradable(assignment)
    released: list[UUID] = []
    students = None if student_ids is None else list(student_ids)
    async with db.transaction() as tx:
        while rows := await tx.rows(
            "release_grades",
            id=assignment.id,
            school_id=identity.school_id,
            actor=identity.account_id,
            students=students,
        ):
            released.extend(row["student_id"] for row in rows)
    return released
