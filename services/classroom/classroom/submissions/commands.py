"""Writing, turning in, reclaiming and returning work."""

from uuid import UUID

from chassis.db import Executor, utc_now
from chassis.errors import Conflict
from chassis.identity import Identity
from classroom.assignments.models import Assignment
from classroom.attachments.commands import Target, set_files
from classroom.domain import Kind
from classroom.submissions.models import Draft, OwnSubmission, SubmissionStatus

SUBMITTABLE = {Kind.CLASSWORK, Kind.HOMEWORK, Kind.GROUP}
MOST_TURN_INS = 100


def require_submittable(assignment: Assignment) -> None:
    """Raises Conflict for a kind of assignment that nothing is turned in for."""
    if assignment.kind not in SUBMITTABLE:
        raise Conflict("no_submissions", f"Nothing is turned in for an assignment of kind {assignment.kind}.")


async def begin(db: Executor, identity: Identity, assignment: Assignment, draft: Draft) -> list[UUID]:
    """Begin the caller's or their group's work; returns whose it is, nobody's when one of them has begun already."""
    async with db.transaction() as tx:
        group_id, students = await _together(tx, identity, assignment)
        who = {"school_id": identity.school_id, "classroom_id": assignment.classroom_id, "students": students}
        begun: UUID | None = await tx.value(
            "begin_submission", assignment_id=assignment.id, group_id=group_id, body=draft.body, **who
        )
        if begun is None:
            return []
        await set_files(tx, identity, _target(assignment, begun, students), draft.file_ids)
        await tx.execute("tell_submission_created", id=begun, **who)
    return students


async def _together(tx: Executor, identity: Identity, assignment: Assignment) -> tuple[UUID | None, list[UUID]]:
    """Who begins this work: the caller, or everybody of their group without work yet. Raises Conflict."""
    if assignment.kind is not Kind.GROUP:
        return None, [identity.account_id]
    group = await tx.row(
        "groupmates", assignment_id=assignment.id, school_id=identity.school_id, student_id=identity.account_id
    )
    if group is None:
        raise Conflict("no_group", "You are in no group of this assignment yet.")
    return group["group_id"], sorted({identity.account_id, *group["student_ids"]})


def _target(assignment: Assignment, submission_id: UUID, students: list[UUID]) -> Target:
    """Its students and the classroom's teachers read its files."""
    return Target(
        submission_id, assignment.classroom_id, assignment.id, submission_id=submission_id, reader_ids=students
    )


async def write(
    db: Executor, identity: Identity, assignment: Assignment, own: OwnSubmission, draft: Draft, expected: int | None
) -> bool:
    """Replace what is written; False when it is at another revision. Raises Conflict for what is turned in."""
    async with db.transaction() as tx:
        students = await tx.value(
            "write_submission", body=draft.body, expected=expected, **_whose(identity, assignment, own)
        )
        if students is not None:
            await set_files(tx, identity, _target(assignment, own.id, students), draft.file_ids)
    if students is None and await _status(db, identity, own) == SubmissionStatus.TURNED_IN:
        raise Conflict("turned_in", "It is turned in; reclaim it first.")
    return students is not None


async def _status(db: Executor, identity: Identity, own: OwnSubmission) -> str:
    """Where it stands now, since it may have been turned in elsewhere at the same time."""
    status: str = await db.value("submission_status", id=own.id, school_id=identity.school_id)
    return status


def _whose(identity: Identity, assignment: Assignment, own: OwnSubmission) -> dict[str, object]:
    return {
        "id": own.id,
        "assignment_id": assignment.id,
        "school_id": identity.school_id,
        "account_id": identity.account_id,
        "classroom_id": str(assignment.classroom_id),
    }


async def turn_in(db: Executor, identity: Identity, assignment: Assignment, own: OwnSubmission) -> None:
    """Make what is written a version for good; one that is turned in stays so. Raises Conflict."""
    turned_in = await db.value("turn_in", **_whose(identity, assignment, own))
    if not turned_in and await _status(db, identity, own) != SubmissionStatus.TURNED_IN:
        _refuse_again(assignment, own)
        raise Conflict("file_not_ready", "A file of it is gone; take it off and turn in again.")


def _refuse_again(assignment: Assignment, own: OwnSubmission) -> None:
    if own.number >= (assignment.turn_in_limit or MOST_TURN_INS):
        raise Conflict("turn_in_limit", f"It may be turned in {own.number} times, and was.")
    if not assignment.accepts_late and assignment.due_at is not None and assignment.due_at < utc_now():
        raise Conflict("too_late", "It was due, and late work is not accepted.")


async def reclaim(db: Executor, identity: Identity, assignment: Assignment, own: OwnSubmission) -> None:
    """Take back what is turned in, to change it. Raises Conflict when it could not be turned in again."""
    taken = await db.value("take_back", status="reclaimed", **_whose(identity, assignment, own))
    if not taken:
        if own.status is SubmissionStatus.TURNED_IN:
            _refuse_again(assignment, own)
        raise Conflict("not_turned_in", "It is not turned in.")


async def give_back(db: Executor, identity: Identity, assignment: Assignment, own: OwnSubmission) -> None:
    """Return what was turned in to its students, who may work on it again. Raises Conflict."""
    if not await db.value("take_back", status="returned", **_whose(identity, assignment, own)):
        raise Conflict("not_turned_in", "It is not turned in.")
