"""Adding, changing, publishing, copying and deleting assignments."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.db import Executor, Row, json_rows, utc_now
from chassis.errors import Conflict, Invalid
from chassis.identity import Identity
from classroom.access import require_known
from classroom.assignments.models import Assignment, AssignmentOrder, AssignmentPatch, Copy, NewAssignment
from classroom.attachments.commands import Target, questions_of, renew_audience, set_files
from classroom.domain import AssignmentStatus, Counts, Kind
from classroom.quizzes.marking.handing_in import grade_anew

# What the results of a quiz follow from, besides its attempts.
_RESULTS_FOLLOW = ("counts", "points_possible")


def _archived() -> Conflict:
    return Conflict("classroom_archived", "The classroom is archived; make it active again first.")


async def add_assignment(db: Executor, identity: Identity, classroom_id: UUID, body: NewAssignment) -> Row:
    """Add an assignment; returns its `id` and what is `stale`. Raises Invalid for a topic or students of elsewhere."""
    await _require_topic(db, identity, classroom_id, body.topic_id)
    await _require_students(db, identity, classroom_id, body.assigned_to)
    _require_future(body.publish_at)
    values = body.model_dump(exclude={"due_at", "file_ids", "links"})
    if body.due_at is not None:
        values["due_local"] = _wall_time(body.due_at, body.due_zone)
    if body.kind is Kind.QUIZ:
        values["counts"] = body.counts or Counts.BEST
    links = json_rows([link.model_dump(mode="json") for link in body.links])
    who = {"school_id": identity.school_id, "classroom_id": classroom_id}
    async with db.transaction() as tx:
        made = await tx.row("create_assignment", links=links, **who, **values)
        if made is None:
            raise _archived()
        if body.file_ids:
            target = _target(made["id"], classroom_id, body.status, body.assigned_to)
            await set_files(tx, identity, target, body.file_ids)
    return made


def _wall_time(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _target(assignment_id: UUID, classroom_id: UUID, status: str, assigned_to: list[UUID] | None) -> Target:
    """Students read the files of what is published and theirs."""
    if status != AssignmentStatus.PUBLISHED:
        return Target(assignment_id, classroom_id, assignment_id)
    if assigned_to is None:
        return Target(assignment_id, classroom_id, assignment_id, audience="members")
    return Target(assignment_id, classroom_id, assignment_id, reader_ids=assigned_to)


async def _require_topic(db: Executor, identity: Identity, classroom_id: UUID, topic_id: UUID | None) -> None:
    if topic_id is not None and not await db.value(
        "has_topic", school_id=identity.school_id, classroom_id=classroom_id, topic_id=topic_id
    ):
        raise Invalid("body.topic_id", "The classroom has no such topic.", "unknown_topic")


async def _require_students(db: Executor, identity: Identity, classroom_id: UUID, students: list[UUID] | None) -> None:
    if students and not await db.value(
        "are_students", school_id=identity.school_id, classroom_id=classroom_id, students=students
    ):
        raise Invalid("body.assigned_to", "Name students of the classroom.", "unknown_student")


def _require_future(publish_at: datetime | None) -> None:
    if publish_at is not None and publish_at <= utc_now():
        raise Invalid("body.publish_at", "Choose a time to come, or publish it now.")


async def change_assignment(
    db: Executor, identity: Identity, current: Assignment, body: AssignmentPatch, expected: int | None
) -> Row | None:
    """Apply a patch; returns what is `stale`, None when it is at another revision. Raises Invalid, Conflict."""
    patch = body.model_dump(mode="json", exclude_unset=True)
    _check_patch(current, patch)
    _require_future(body.publish_at)
    await _require_topic(db, identity, current.classroom_id, body.topic_id)
    await _require_students(db, identity, current.classroom_id, body.assigned_to)
    patch = _with_wall_time(current, body, patch)
    where = {"id": current.id, "school_id": identity.school_id}
    regrades = current.kind is Kind.QUIZ and not patch.keys().isdisjoint(_RESULTS_FOLLOW)
    async with db.transaction() as tx:
        if regrades:
            await tx.execute("hold_quiz", **where)
        changed = await tx.row("change_assignment", patch=patch, expected=expected, **where)
        if changed and "file_ids" in patch:
            target = _target(current.id, current.classroom_id, changed["status"], changed["assigned_to"])
            await set_files(tx, identity, target, body.file_ids)
        if changed and patch.keys() & {"status", "assigned_to"}:
            await renew_audience(tx, [current.id])
        if changed and regrades:
            await grade_anew(tx, identity.school_id, current.id)
    return changed


def _check_patch(current: Assignment, patch: dict[str, Any]) -> None:
    if "counts" in patch and current.kind is not Kind.QUIZ:
        raise Invalid("body.counts", "Only a quiz counts attempts.")
    if patch.get("points_possible") is not None and current.kind is Kind.MATERIAL:
        raise Invalid("body.points_possible", "Material is not graded.")
    status = AssignmentStatus(patch.get("status", current.status))
    if current.status is AssignmentStatus.PUBLISHED and status is not AssignmentStatus.PUBLISHED:
        raise Conflict("already_published", "A published assignment cannot become a draft again.")
    scheduled = status is AssignmentStatus.SCHEDULED
    if "publish_at" in patch and not scheduled:
        raise Invalid("body.publish_at", "Only what is scheduled has a publish_at: send the status too.")
    if scheduled and current.publish_at is None and "publish_at" not in patch:
        raise Invalid("body.publish_at", "Say when it is to be published.", "missing")


def _with_wall_time(current: Assignment, body: AssignmentPatch, patch: dict[str, Any]) -> dict[str, Any]:
    """The patch with a moment that it is due at as the clock shows it in the assignment's zone."""
    if "due_at" not in patch:
        return patch
    zone = patch.get("due_zone", current.due_zone)
    local = None if body.due_at is None else _wall_time(body.due_at, zone).isoformat()
    return patch | ({} if body.due_local is not None else {"due_local": local, "due_zone": zone})


async def order_assignments(db: Executor, identity: Identity, classroom_id: UUID, body: AssignmentOrder) -> list[str]:
    """Put assignments into a topic in an order; returns what is stale. Raises Invalid for what is not there."""
    where = {"school_id": identity.school_id, "classroom_id": classroom_id, "topic_id": body.topic_id}
    scope = where | {"ids": body.assignment_ids}
    async with db.transaction() as tx:
        living = await tx.rows("living_assignments", **scope)
        await _require_topic(tx, identity, classroom_id, body.topic_id)
        require_known(body.assignment_ids, {row["id"] for row in living}, "assignment")
        stale: list[str] = await tx.value("order_assignments", **scope)
    return stale


async def copy_assignment(db: Executor, identity: Identity, assignment_id: UUID, body: Copy) -> Row:
    """Put a copy into a classroom as a draft; returns its `id` and what is `stale`. Raises Invalid, Conflict."""
    await _require_topic(db, identity, body.classroom_id, body.topic_id)
    async with db.transaction() as tx:
        copied = await tx.row(
            "copy_assignment",
            id=assignment_id,
            school_id=identity.school_id,
            account_id=identity.account_id,
            **body.model_dump(),
        )
        if copied is None:
            raise _archived()
        pictures = await tx.rows("copy_quiz", id=assignment_id, school_id=identity.school_id, copy_id=copied["id"])
        target = Target(questions_of(copied["id"]), body.classroom_id, copied["id"])
        await set_files(tx, identity, target, [row["file_id"] for row in pictures])
    return copied


async def publish_scheduled(db: Executor) -> int:
    """Publish up to 100 assignments whose time has come; returns how many."""
    async with db.transaction() as tx:
        published = [row["id"] for row in await tx.rows("publish_scheduled")]
        await renew_audience(tx, published)
    return len(published)


async def delete_assignment(
    db: Executor, identity: Identity, assignment_id: UUID, expected: int | None, stale: list[str]
) -> bool:
    """Delete an assignment; False when it is not at the expected revision."""
    async with db.transaction() as tx:
        deleted = await tx.value(
            "delete_assignment", id=assignment_id, school_id=identity.school_id, expected=expected, stale=stale
        )
        if deleted is not None:
            await renew_audience(tx, [assignment_id])
    return deleted is not None
