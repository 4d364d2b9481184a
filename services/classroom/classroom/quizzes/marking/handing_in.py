"""Handing attempts in: by the student, by a teacher, or when time is up, which a job sees to that survives restarts."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row, json_rows
from classroom.grades.commands import LARGEST_BATCH, store_results
from classroom.quizzes.attempts.models import SubmittedBy
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.values import hash_of
from classroom.quizzes.questions.views import markers

BATCH = 200
_BLANK = hash_of(None)


async def hand_in(
    tx: Executor, school_id: UUID, assignment_id: UUID, attempt_ids: Sequence[UUID], by: SubmittedBy
) -> list[UUID]:
    """Mark and submit those of the attempts that are not submitted yet; returns them.

    Runs in the caller's transaction and holds the quiz until its end: the answers that are marked are all that were
    ever acknowledged, and the keys are those that stand.
    """
    where = {"id": assignment_id, "school_id": school_id}
    await tx.execute("hold_quiz", **where)
    attempts = await tx.rows("hold_unfinished_attempts", ids=list(attempt_ids), **where)
    if not attempts:
        return []
    judges = await markers(tx, school_id, assignment_id)
    answers = await tx.rows("list_answers_of", ids=[it["id"] for it in attempts], school_id=school_id)
    rows = _marks(attempts, answers, judges)
    submitted = await tx.rows("submit_attempts", rows=json_rows(rows), by=by, blank_hash=_BLANK, **where)
    await store_grades(tx, school_id, assignment_id, [it["student_id"] for it in submitted])
    return [it["id"] for it in submitted]


def _marks(attempts: Iterable[Row], answers: Iterable[Row], judges: dict[UUID, Marker]) -> list[dict[str, Any]]:
    given = {(it["attempt_id"], it["question_id"]): it["value"] for it in answers}
    return [
        {
            "attempt_id": attempt["id"],
            "question_id": question_id,
            "mark": text_of(judges[question_id].mark(given.get((attempt["id"], question_id)))),
        }
        for attempt in attempts
        for question_id in attempt["question_ids"]
    ]


def text_of(mark: Decimal | None) -> str | None:
    """A mark as it travels to SQL."""
    return None if mark is None else str(mark)


async def store_grades(tx: Executor, school_id: UUID, assignment_id: UUID, students: Iterable[UUID]) -> None:
    """Make the results of these students from their attempts. Call it last: it locks the assignment.

    A draft stays one unless results show as soon as they are marked; what was released stays so, its change is told.
    """
    everybody = sorted(set(students))
    for start in range(0, len(everybody), LARGEST_BATCH):
        some = everybody[start : start + LARGEST_BATCH]
        rows = await tx.rows("list_quiz_results", id=assignment_id, school_id=school_id, students=some)
        if rows:
            await store_results(tx, school_id, assignment_id, rows)


async def grade_anew(tx: Executor, school_id: UUID, assignment_id: UUID) -> None:
    """Make all results of a quiz again, after what they follow from has changed. Whoever calls it holds the quiz."""
    takers = await tx.rows("list_takers", id=assignment_id, school_id=school_id)
    await store_grades(tx, school_id, assignment_id, [it["student_id"] for it in takers])
