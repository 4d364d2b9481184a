"""What there is to mark, and how the questions did."""

from math import sqrt
from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity
from chassis.paging import Page, decode_cursor, page_of
from classroom.quizzes.marking.models import (
    AnswersQuery,
    AnswerToMark,
    ChoiceCount,
    ItemAnalysis,
    Mark,
    MarkingQueue,
    PastKey,
    PastKeys,
    QuizAnalysis,
    WaitingQuestion,
)

# Figures about fewer people would be figures about one of them.
FEWEST = 5
_NOBODY = {"student_id": None, "name": None}


async def marking_queue(db: Executor, identity: Identity, rules: Row) -> MarkingQueue:
    """How many answers wait, by question."""
    rows = await db.rows("count_waiting_answers", id=rules["assignment_id"], school_id=identity.school_id)
    return MarkingQueue(anonymous=rules["anonymous_marking"], questions=[WaitingQuestion(**row) for row in rows])


async def answers_to(
    db: Executor, identity: Identity, rules: Row, question_id: UUID, query: AnswersQuery
) -> Page[AnswerToMark]:
    """A page of the answers to one question, in the order the attempts began."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    rows = await db.rows(
        "list_answers_to",
        id=rules["assignment_id"],
        school_id=identity.school_id,
        question_id=question_id,
        waiting=query.waiting,
        after_id=after,
        limit=query.limit + 1,
    )
    hidden = _NOBODY if rules["anonymous_marking"] else {}
    shown, cursor = page_of(rows, query.limit, "attempt_id")
    return Page(items=[AnswerToMark(**(row | hidden)) for row in shown], next_cursor=cursor)


async def find_mark(db: Executor, identity: Identity, attempt_id: UUID, question_id: UUID) -> Mark:
    """The mark of one answer of a submitted attempt."""
    rows = await db.rows("list_answers", id=attempt_id, school_id=identity.school_id)
    row = next(it for it in rows if it["question_id"] == question_id)
    kept = {name: row[name] for name in ("question_id", "mark", "feedback", "mark_version")}
    return Mark(attempt_id=attempt_id, **kept)


async def list_corrections(db: Executor, identity: Identity, assignment_id: UUID, question_id: UUID) -> PastKeys:
    """The keys that stood before."""
    rows = await db.rows("list_corrections", id=assignment_id, school_id=identity.school_id, question_id=question_id)
    return PastKeys(items=[PastKey(**row) for row in rows])


async def analyse(db: Executor, identity: Identity, assignment_id: UUID) -> QuizAnalysis:
    """Item analysis over the attempts that count, released or not.

    Formulas: Moodle's quiz statistics, https://docs.moodle.org/dev/Quiz_statistics_calculations.
    """
    where = {"id": assignment_id, "school_id": identity.school_id}
    totals = await db.row("analyse_totals", **where) or {}
    items = await db.rows("analyse_items", **where)
    choices = await db.rows("analyse_keyed_choices", **where)
    n = totals["n"]
    if n < FEWEST:
        shape: dict[str, float | None] = dict.fromkeys(
            ("mean", "median", "standard_deviation", "skewness", "kurtosis", "internal_consistency", "standard_error")
        )
    else:
        shape = _shape(totals) | _consistency(totals, items)
    return QuizAnalysis(n=n, **shape, items=[_item(row, choices) for row in items])


def _shape(totals: Row) -> dict[str, float | None]:
    n, m2, m3, m4 = totals["n"], totals["m2"], totals["m3"], totals["m4"]
    k2 = n * m2 / (n - 1)
    k3 = n * n * m3 / ((n - 1) * (n - 2))
    k4 = n * n * ((n + 1) * m4 - 3 * (n - 1) * m2 * m2) / ((n - 1) * (n - 2) * (n - 3))
    return {
        "mean": totals["mean"],
        "median": totals["median"],
        "standard_deviation": sqrt(totals["variance"]),
        "skewness": k3 / k2**1.5 if k2 else None,
        "kurtosis": k4 / k2**2 if k2 else None,
    }


def _consistency(totals: Row, items: list[Row]) -> dict[str, float | None]:
    """100·p/(p-1)·(1 - Σvar(x)/var(T)) and the standard error that follows; only where all had the same questions."""
    p = len(items)
    if p < 2 or not totals["variance"] or any(item["n"] != totals["n"] for item in items):
        return {"internal_consistency": None, "standard_error": None}
    part = p / (p - 1) * (1 - sum(item["variance"] for item in items) / totals["variance"])
    error = sqrt(totals["variance"] * (1 - part)) if part <= 1 else None
    return {"internal_consistency": 100 * part, "standard_error": error}


def _item(row: Row, choices: list[Row]) -> ItemAnalysis:
    known = {name: row[name] for name in ("question_id", "kind", "title", "n")}
    if row["n"] < FEWEST:
        return ItemAnalysis(
            **known, facility=None, discrimination_index=None, discriminative_efficiency=None, choices=[]
        )
    spread = row["variance"] * row["rest_variance"]
    return ItemAnalysis(
        **known,
        facility=row["mean"] / row["points"],
        discrimination_index=100 * row["covariance"] / sqrt(spread) if spread else None,
        discriminative_efficiency=100 * row["covariance"] / row["best_covariance"] if row["best_covariance"] else None,
        choices=[
            ChoiceCount(choice_id=it["choice_id"], n=it["n"])
            for it in choices
            if it["question_id"] == row["question_id"]
        ],
    )
