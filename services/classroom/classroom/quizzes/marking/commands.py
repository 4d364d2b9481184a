"""Marking by hand, and correcting a key."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row, json_rows
from chassis.errors import Conflict, Invalid, NotFound
from chassis.identity import Identity
from classroom.quizzes.marking.handing_in import store_grades, text_of
from classroom.quizzes.marking.models import Corrected, Correction, MarkChange, NewMark
from classroom.quizzes.questions.content import join, stored
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.models import Question

_SHOWN_CHANGES = 500
_OPTIONS = ("choices", "lefts", "rights", "items")


async def give_mark(
    db: Executor, identity: Identity, attempt: Row, question_id: UUID, body: NewMark, expected: int | None
) -> bool:
    """Mark one answer; False when its mark is at another version.

    Raises Conflict before the hand-in, Invalid above the question's points, NotFound for no question of the attempt.
    """
    assignment_id = attempt["assignment_id"]
    where = {"id": assignment_id, "school_id": identity.school_id}
    if question_id not in attempt["question_ids"]:
        raise NotFound("question")
    async with db.transaction() as tx:
        await tx.execute("hold_quiz", **where)
        await _require_markable(tx, identity, attempt["id"], question_id, body.mark)
        version = await tx.value(
            "put_mark",
            attempt_id=attempt["id"],
            question_id=question_id,
            school_id=identity.school_id,
            actor=identity.account_id,
            expected=expected,
            **body.model_dump(),
        )
        if version is None:
            return False
        students = await tx.rows("total_attempts", ids=[attempt["id"]], **where)
        await store_grades(tx, identity.school_id, assignment_id, [it["student_id"] for it in students])
    return True


async def _require_markable(
    tx: Executor, identity: Identity, attempt_id: UUID, question_id: UUID, mark: Decimal
) -> None:
    now = await tx.row("find_attempt", id=attempt_id, school_id=identity.school_id)
    if now is None or now["status"] != "submitted":
        raise Conflict("not_submitted", "The attempt is not handed in yet.")
    questions = await tx.rows("list_shown_questions", ids=[question_id], school_id=identity.school_id)
    if mark > questions[0]["points"]:
        raise Invalid("body.mark", f"The question has {questions[0]['points']} point(s).", "above_points")


async def correct(
    db: Executor, identity: Identity, assignment_id: UUID, question_id: UUID, body: Correction
) -> Corrected:
    """Correct a question and mark its answers anew.

    Raises NotFound for no question of the quiz, Invalid when it would become another question.
    """
    where = {"id": assignment_id, "school_id": identity.school_id}
    async with db.transaction() as tx:
        await tx.execute("hold_quiz", **where)
        rows = await tx.rows("list_keyed_questions", **where)
        before = next((row for row in rows if row["id"] == question_id), None)
        if before is None:
            raise NotFound("question")
        columns = _corrected(before, body.question)
        marks = await tx.rows("list_keyed_marks", question_id=question_id, **where)
        changes = _changes(marks, Marker.of(before | columns))
        if body.preview:
            return _report(marks, changes, applied=False)
        await tx.execute(
            "correct_key",
            question_id=question_id,
            actor=identity.account_id,
            reason=body.reason,
            rows=json_rows([{"attempt_id": it.attempt_id, "mark": text_of(it.after)} for it in changes]),
            **where,
            **{name: columns[name] for name in ("key", "body", "title")},
        )
        await _retotal(tx, where, changes)
    return _report(marks, changes, applied=True)


async def _retotal(tx: Executor, where: dict[str, UUID], changes: Iterable[MarkChange]) -> None:
    students = await tx.rows("total_attempts", ids=[it.attempt_id for it in changes], **where)
    await store_grades(tx, where["school_id"], where["id"], [it["student_id"] for it in students])


def _corrected(before: Row, question: Question) -> dict[str, Any]:
    """The question's new columns; what students saw of its options must not change."""
    columns = stored(question)
    if columns["kind"] != before["kind"]:
        raise Invalid("body.question.kind", "A correction keeps the kind of the question.", "other_question")
    if question.points != before["points"]:
        raise Invalid("body.question.points", "A correction keeps the points of the question.", "other_question")
    if _options(columns["body"]) != _options(before["body"]) or _truths(question) != _truths(join(before)):
        raise Invalid(
            "body.question", "A correction keeps the options of the question, with their ids.", "other_question"
        )
    return columns


def _options(body: dict[str, Any]) -> dict[str, set[str]]:
    return {name: {it["id"] for it in body.get(name, ())} for name in _OPTIONS}


def _truths(question: Question) -> tuple[Any, Any]:
    return getattr(question, "true_id", None), getattr(question, "false_id", None)


def _changes(marks: Sequence[Row], marker: Marker) -> list[MarkChange]:
    """Answers whose mark becomes another; a mark given by hand stays, and an essay's waits for a hand again."""
    found = []
    for row in marks:
        after = marker.mark(row["value"])
        if not row["by_hand"] and after != row["mark"]:
            found.append(
                MarkChange(attempt_id=row["attempt_id"], student_id=row["student_id"], before=row["mark"], after=after)
            )
    return found


def _report(marks: Sequence[Row], changes: Sequence[MarkChange], *, applied: bool) -> Corrected:
    return Corrected(
        applied=applied,
        attempts=len(marks),
        raised=sum((it.after or 0) > (it.before or 0) for it in changes),
        lowered=sum((it.after or 0) < (it.before or 0) for it in changes),
        by_hand=sum(row["by_hand"] for row in marks),
        changes=list(changes[:_SHOWN_CHANGES]),
    )
