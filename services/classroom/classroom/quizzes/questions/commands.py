"""Writing the questions of a quiz."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row, json_rows
from chassis.errors import Conflict, Invalid
from chassis.identity import Identity
from classroom.assignments.commands import change_assignment
from classroom.assignments.models import Assignment, AssignmentPatch
from classroom.attachments.commands import Target, questions_of, renew_audience, set_files
from classroom.quizzes.ids import new_id
from classroom.quizzes.questions.content import stored
from classroom.quizzes.questions.models import MOST_QUESTIONS, NewDraw, NewQuestions, Question

MOST_POINTS = Decimal(10) ** 8 - 1


async def replace_questions(
    db: Executor,
    identity: Identity,
    assignment: Assignment,
    before: Row,
    body: NewQuestions,
    expected: int | None,
) -> bool:
    """Replace all questions; False when the quiz is at another revision. `before` is the quiz as it was read.

    Raises Conflict once somebody has started, Invalid for unknown ids, a pool that is too small or too many questions.
    A quiz whose points nobody chose is worth the sum of its questions.
    """
    async with db.transaction() as tx:
        locked = await tx.row("lock_quiz", id=assignment.id, school_id=identity.school_id, expected=expected)
        if locked is None:
            return False
        if locked["started"]:
            raise Conflict("attempts_exist", "Somebody has started; correct keys one by one instead.")
        rows = await _rows(tx, identity, body)
        foreign = await tx.value(
            "replace_questions",
            id=assignment.id,
            school_id=identity.school_id,
            questions=json_rows(rows),
            draws=json_rows([_draw_row(number, draw) for number, draw in enumerate(body.draws)]),
        )
        if foreign:
            raise Invalid("body.questions", "An id is of no question of this quiz; leave it out.", "unknown_question")
        await _attach(tx, identity, assignment, body)
        await _follow_points(tx, identity, assignment, before, _max_score(body))
    return True


def pictures(body: NewQuestions) -> list[UUID]:
    """The files of all questions, each once."""
    everything = [*body.questions, *(question for draw in body.draws for question in draw.questions)]
    return list(dict.fromkeys(file_id for question in everything for file_id in question.file_ids))


async def _attach(tx: Executor, identity: Identity, assignment: Assignment, body: NewQuestions) -> None:
    target = Target(questions_of(assignment.id), assignment.classroom_id, assignment.id)
    await set_files(tx, identity, target, pictures(body))
    await renew_audience(tx, [assignment.id])


def _draw_row(number: int, draw: NewDraw) -> dict[str, Any]:
    return {"draw": number, "tags": list(draw.tags), "count": draw.count, "points": str(draw.points)}


def _max_score(body: NewQuestions) -> Decimal:
    fixed = sum((question.points for question in body.questions), Decimal(0))
    return fixed + sum((draw.count * draw.points for draw in body.draws), Decimal(0))


async def _follow_points(tx: Executor, identity: Identity, assignment: Assignment, before: Row, total: Decimal) -> None:
    if assignment.points_possible in (None, before["max_score"]) and 0 < total <= MOST_POINTS:
        await change_assignment(tx, identity, assignment, AssignmentPatch(points_possible=total), None)


async def _rows(tx: Executor, identity: Identity, body: NewQuestions) -> list[dict[str, Any]]:
    """Every question as a row, in order, those of the draws after the others."""
    rows = [_row(question, None) for question in body.questions]
    taken: list[UUID] = []
    for number, draw in enumerate(body.draws):
        pool = [_row(question, number) for question in draw.questions]
        if draw.tags:
            pool = await _from_bank(tx, identity, number, draw, taken)
        if len(pool) < draw.count:
            raise Invalid(f"body.draws.{number}.count", f"The pool has only {len(pool)} question(s).", "pool_too_small")
        rows += [row | {"points": str(draw.points)} for row in pool]
    if len(rows) > MOST_QUESTIONS:
        raise Invalid("body.questions", f"A quiz has at most {MOST_QUESTIONS} questions, pools included.", "too_many")
    if len({row["id"] for row in rows}) < len(rows):
        raise Invalid("body.questions", "A question stands twice.", "duplicate")
    return [row | {"position": position} for position, row in enumerate(rows)]


def _row(question: Question, draw: int | None) -> dict[str, Any]:
    return stored(question) | {"id": question.id or new_id(), "draw": draw}


async def _from_bank(
    tx: Executor, identity: Identity, number: int, draw: NewDraw, taken: list[UUID]
) -> list[dict[str, Any]]:
    """Copies of the bank's questions with all the tags; one that an earlier draw has taken is not taken again."""
    found = await tx.rows(
        "draw_keyed_bank_questions",
        school_id=identity.school_id,
        owner_id=identity.account_id,
        tags=list(draw.tags),
        taken=taken,
        limit=MOST_QUESTIONS,
    )
    taken += [row.pop("id") for row in found]
    return [row | {"id": new_id(), "draw": number} for row in found]
