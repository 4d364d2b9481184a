"""Reading the item analysis of a quiz."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity, Role
from grading.items.models import QuestionFigures, QuizStatistics, WholeFigures

UNKNOWN: dict[str, Any] = {
    "n": 0,
    "mean": None,
    "facility": None,
    "standard_deviation": None,
    "discrimination_index": None,
    "discriminative_efficiency": None,
    "choices": [],
    "findings": [],
}


async def find_quiz(db: Executor, identity: Identity, assignment_id: UUID) -> Row | None:
    """A quiz of a classroom whose figures the caller, a teacher or an admin, may see."""
    return await db.row(
        "staff_quiz",
        assignment_id=assignment_id,
        school_id=identity.school_id,
        account_id=identity.account_id,
        is_admin=identity.role is Role.ADMIN,
    )


def quiz_statistics(found: Row) -> QuizStatistics:
    """The item analysis of a quiz that was found."""
    statistics = found["statistics"] or {"n": 0, "whole": None, "items": {}}
    questions = sorted(found["questions"] or [], key=lambda question: int(question["position"]))
    return QuizStatistics(
        **{name: found[name] for name in ("assignment_id", "classroom_id", "title", "up_to_date", "computed_at")},
        released=found["questions"] is not None,
        attempts=statistics["n"],
        max_mark=sum((Decimal(question["max_mark"]) for question in questions), Decimal(0)),
        quiz=statistics["whole"] and WholeFigures(**statistics["whole"]),
        questions=[_question(question, statistics["items"]) for question in questions],
    )


def _question(question: dict[str, Any], items: dict[str, Any]) -> QuestionFigures:
    described = {name: question[name] for name in ("question_id", "position", "kind", "title", "max_mark")}
    return QuestionFigures(**described, **items.get(question["question_id"], UNKNOWN))
