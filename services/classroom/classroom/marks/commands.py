"""From a marked sheet to grades: one plan, which the preview shows and the import carries out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import FieldError, PreconditionFailed
from chassis.identity import Identity
from classroom.grades.commands import store_results
from classroom.marks.models import MarkChange, MarkedSheet, MarksOutcome
from classroom.marks.sheet import Mark, Sheet, problem, read, refuse

GRADES_PER_STATEMENT = 500
SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A grade that becomes another; version 0: there is none yet."""

    change: MarkChange
    version: int


@dataclass(frozen=True)
class Plan:
    """All that a sheet changes, by assignment."""

    steps: Sequence[Step]
    unchanged: int
    ignored: Sequence[str]

    @property
    def state(self) -> str:
        """Another one whenever what is to be done, or what it is done to, is another."""
        digest = sha256()
        for step in self.steps:
            digest.update(f"{step.version} {step.change.model_dump_json()}\n".encode())
        return digest.hexdigest()

    def outcome(self, *, applied: bool) -> MarksOutcome:
        """As it is answered."""
        return MarksOutcome(
            applied=applied,
            state=self.state,
            changed=len(self.steps),
            unchanged=self.unchanged,
            changes=[step.change for step in self.steps[:SHOWN]],
            ignored_columns=self.ignored,
        )


async def plan_marks(db: Executor, identity: Identity, classroom_id: UUID, text: str) -> Plan:
    """What the sheet changes; raises Invalid with every cell that cannot be taken."""
    sheet = read(text)
    where = {"school_id": identity.school_id, "classroom_id": classroom_id}
    assignment_ids = sorted({mark.assignment_id for mark in sheet.marks})
    student_ids = sorted({mark.student_id for mark in sheet.marks})
    assignments = {row["id"]: row for row in await db.rows("marked_assignments", ids=assignment_ids, **where)}
    students = {row["student_id"]: row["name"] for row in await db.rows("marked_students", ids=student_ids, **where)}
    refuse([found for mark in sheet.marks if (found := _refused(mark, assignments, students))])
    rows = await db.rows(
        "marked_grades", school_id=identity.school_id, assignment_ids=assignment_ids, student_ids=student_ids
    )
    grades = {(row["assignment_id"], row["student_id"]): row for row in rows}
    return _plan(sheet, assignments, students, grades)


def _refused(mark: Mark, assignments: dict[UUID, Row], students: dict[UUID, str]) -> FieldError | None:
    assignment = assignments.get(mark.assignment_id)
    if assignment is None:
        return problem(mark.line, mark.column, "the classroom has no such graded assignment.")
    if mark.student_id not in students:
        return problem(mark.line, "student_id", "the classroom has no such student.")
    if assignment["assigned_to"] is not None and mark.student_id not in assignment["assigned_to"]:
        return problem(mark.line, mark.column, "it was not set for this student.")
    return None


def _plan(
    sheet: Sheet, assignments: dict[UUID, Row], students: dict[UUID, str], grades: dict[tuple[UUID, UUID], Row]
) -> Plan:
    steps = []
    for mark in sorted(sheet.marks, key=lambda one: (one.assignment_id, one.student_id)):
        grade = grades.get((mark.assignment_id, mark.student_id))
        change = MarkChange(
            student_id=mark.student_id,
            name=students[mark.student_id],
            assignment_id=mark.assignment_id,
            title=assignments[mark.assignment_id]["title"],
            score_before=grade["score"] if grade else None,
            excused_before=bool(grade and grade["excused"]),
            score=mark.score,
            excused=mark.score is None,
        )
        if (change.score, change.excused) != (change.score_before, change.excused_before):
            steps.append(Step(change, grade["version"] if grade else 0))
    return Plan(steps, len(sheet.marks) - len(steps), sheet.ignored)


async def apply_marks(db: Executor, identity: Identity, classroom_id: UUID, body: MarkedSheet) -> Plan:
    """Carry the plan out, all or nothing; raises PreconditionFailed when it is not, or no longer, what was shown."""
    async with db.transaction() as tx:
        plan = await plan_marks(tx, identity, classroom_id, body.csv)
        if body.state is not None and body.state != plan.state:
            raise _changed(plan, body)
        held = sorted({step.change.assignment_id for step in plan.steps})
        await tx.execute("hold_marked", school_id=identity.school_id, classroom_id=classroom_id, ids=held)
        for steps in _parts(plan.steps):
            rows = [_row(step.change, release=body.release) for step in steps]
            stored = await store_results(
                tx,
                identity.school_id,
                steps[0].change.assignment_id,
                rows,
                actor=identity.account_id,
                expected=sum(step.version for step in steps),
            )
            if len(stored) < len(steps):
                raise _changed(plan, body)
    return plan


def _parts(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """The steps of one assignment at a time, so many that one statement and one event take them."""
    for _, group in groupby(steps, key=lambda step: step.change.assignment_id):
        own = list(group)
        for start in range(0, len(own), GRADES_PER_STATEMENT):
            yield own[start : start + GRADES_PER_STATEMENT]


def _row(change: MarkChange, *, release: bool) -> dict[str, object]:
    return {
        "student_id": change.student_id,
        "score": None if change.score is None else str(change.score),
        "excused": change.excused,
        "released": True if release else None,
    }


def _changed(plan: Plan, body: MarkedSheet) -> PreconditionFailed:
    return PreconditionFailed(plan.outcome(applied=False).model_dump(mode="json"), {"state": body.state})
