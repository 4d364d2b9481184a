"""Moving one student later: their work and grade stay theirs, or become those of the new group.

A preview is the move itself, taken back: it cannot differ from what then happens.
"""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Conflict, Invalid
from chassis.identity import Identity
from classroom.assignments.models import Assignment
from classroom.grades.commands import store_results
from classroom.groups.commands import Scope, require_groups
from classroom.groups.models import Move, NewMove, Standing
from classroom.groups.plan import Known

_NO_GRADE: Row = {"score": None, "excused": False, "feedback": "", "released": False, "submissions": []}


class _TakenBack(Exception):
    """Rolls a preview back."""


async def move(
    db: Executor, identity: Identity, assignment: Assignment, body: NewMove, *, dry_run: bool
) -> tuple[Move, list[str]]:
    """Move a student, or only see what that would do; with what is stale. Raises Invalid, Conflict."""
    require_groups(assignment)
    try:
        async with db.transaction() as tx:
            moved = await _move(Scope(tx, assignment.id, identity.school_id), identity, body)
            if dry_run:
                raise _TakenBack
    except _TakenBack:
        return moved[0], []
    return moved


async def _move(scope: Scope, identity: Identity, body: NewMove) -> tuple[Move, list[str]]:
    known = await scope.lock()
    _check(known, body)
    before = await _standing(scope, body.student_id)
    await scope.place({body.student_id: body.group_id})
    if (body.work == "follow" or body.student_id not in known.workers) and await scope.follow([body.student_id]):
        await _take_grade(scope, identity, body.student_id, before)
    stale = await scope.count({body.student_id, *known.placed, *known.workers})
    return Move(student_id=body.student_id, before=before, after=await _standing(scope, body.student_id)), stale


def _check(known: Known, body: NewMove) -> None:
    if body.student_id not in known.students:
        raise Invalid("body.student_id", "Name a student whom the assignment is for.", "unknown_student")
    if body.group_id is None or known.placed.get(body.student_id) == body.group_id:
        return
    if body.group_id not in known.groups:
        raise Invalid("body.group_id", "The assignment has no such group.", "unknown_group")
    if known.places is not None and len(known.groups[body.group_id].student_ids) >= known.places:
        raise Conflict("group_full", "The group has no place left.")


async def _standing(scope: Scope, student_id: UUID) -> Standing:
    row = await scope.tx.row("find_standing", student_id=student_id, **scope.ids)
    assert row is not None
    return Standing(**row)


async def _take_grade(scope: Scope, identity: Identity, student_id: UUID, before: Standing) -> None:
    """The grade that all others of the work have; where they have none in common, none."""
    grade = await scope.tx.row("grade_of_work", student_id=student_id, **scope.ids)
    if grade is None and before.grade_version is None:
        return
    rows = [{"student_id": student_id} | (grade or _NO_GRADE)]
    await store_results(scope.tx, scope.school_id, scope.assignment_id, rows, actor=identity.account_id)
