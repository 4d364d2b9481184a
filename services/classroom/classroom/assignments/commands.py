"""Adding, changing and deleting assignments."""

from typing import Any
from uuid import UUID

from chassis.db import Executor
from chassis.errors import Conflict, Invalid
from chassis.identity import Identity
from classroom.assignments.models import Assignment, NewAssignment
from classroom.domain import AssignmentStatus, Counts, Kind


async def add_assignment(
    db: Executor, identity: Identity, classroom_id: UUID, body: NewAssignment, stale: list[str]
) -> UUID:
    """Add an assignment; raises Invalid for a topic that is not the classroom's."""
    await _require_topic(db, identity, classroom_id, body.topic_id)
    values = body.model_dump()
    if body.kind is Kind.QUIZ:
        values["counts"] = body.counts or Counts.BEST
    assignment_id: UUID | None = await db.value(
        "create_assignment", school_id=identity.school_id, classroom_id=classroom_id, stale=stale, **values
    )
    if assignment_id is None:
        raise Conflict("classroom_archived", "The classroom is archived; make it active again first.")
    return assignment_id


async def _require_topic(db: Executor, identity: Identity, classroom_id: UUID, topic_id: UUID | None) -> None:
    if topic_id is not None and not await db.value(
        "has_topic", school_id=identity.school_id, classroom_id=classroom_id, topic_id=topic_id
    ):
        raise Invalid("body.topic_id", "The classroom has no such topic.", "unknown_topic")


async def change_assignment(
    db: Executor,
    identity: Identity,
    current: Assignment,
    patch: dict[str, Any],
    expected: int | None,
    stale: list[str],
) -> bool:
    """Apply a patch; False when the assignment is not at the expected revision. Raises Invalid and Conflict."""
    _check_patch(current, patch)
    topic_id = patch.get("topic_id")
    await _require_topic(db, identity, current.classroom_id, UUID(topic_id) if topic_id else None)
    changed = await db.value(
        "change_assignment",
        id=current.id,
        school_id=identity.school_id,
        patch=patch,
        expected=expected,
        stale=stale,
    )
    return changed is not None


def _check_patch(current: Assignment, patch: dict[str, Any]) -> None:
    if "counts" in patch and current.kind is not Kind.QUIZ:
        raise Invalid("body.counts", "Only a quiz counts attempts.")
    if patch.get("points_possible") is not None and current.kind is Kind.MATERIAL:
        raise Invalid("body.points_possible", "Material is not graded.")
    if patch.get("status") == "draft" and current.status is AssignmentStatus.PUBLISHED:
        raise Conflict("already_published", "A published assignment cannot become a draft again.")


async def delete_assignment(
    db: Executor, identity: Identity, assignment_id: UUID, expected: int | None, stale: list[str]
) -> bool:
    """Delete an assignment; False when it is not at the expected revision."""
    deleted = await db.value(
        "delete_assignment", id=assignment_id, school_id=identity.school_id, expected=expected, stale=stale
    )
    return deleted is not None
