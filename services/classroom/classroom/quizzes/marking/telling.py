"""Publishing questions and marks of a quiz, once results are released and answers may show, and not before."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from chassis.db import Database, Executor, Row, json_rows
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.models import QuestionKind

ATTEMPTS_AN_EVENT = 100
_TRUTHS = (("true_id", "True", True), ("false_id", "False", False))


async def tell_all(db: Database) -> None:
    """Tell what may be told of every quiz by now."""
    for quiz in await db.rows("list_untold_quizzes"):
        while await tell(db, quiz["school_id"], quiz["assignment_id"]) == ATTEMPTS_AN_EVENT:
            pass


async def tell(db: Database, school_id: UUID, assignment_id: UUID) -> int:
    """Tell up to 100 attempts of a quiz, and its questions if they changed; returns how many.

    The first time questions are told with attempts; a correction that changes no mark is told alone.
    """
    where = {"id": assignment_id, "school_id": school_id}
    async with db.transaction() as tx:
        await tx.execute("hold_quiz", **where)
        attempts = await tx.rows("list_untold_attempts", limit=ATTEMPTS_AN_EVENT, **where)
        keys = await tx.row("untold_keys", **where)
        if keys is None or not (attempts or (keys["untold"] and keys["told"])):
            return 0
        questions = await tx.rows("list_keyed_questions", **where)
        events = [_questions_event(assignment_id, keys, questions)] if keys["untold"] else []
        if attempts:
            events.append(await _marks_event(tx, where, keys, questions, attempts))
        told = [{"id": it["id"], "marks_version": it["marks_version"]} for it in attempts]
        await tx.execute(
            "tell_quiz",
            events=json_rows(events),
            attempts=json_rows(told),
            keys_version=keys["keys_version"],
            **where,
        )
    return len(attempts)


def _questions_event(assignment_id: UUID, keys: Row, questions: Sequence[Row]) -> dict[str, Any]:
    data = {
        "assignment_id": assignment_id,
        "classroom_id": keys["classroom_id"],
        "questions": [_question(row) for row in questions],
    }
    return {"type": "classroom.quiz-questions-released.v1", "data": data}


def _question(row: Row) -> dict[str, Any]:
    return {
        "question_id": row["id"],
        "position": row["position"],
        "kind": row["kind"],
        "title": row["title"],
        "max_mark": f"{row['points'].normalize():f}",
        "choices": list(_choices(row)),
    }


def _choices(row: Row) -> Iterator[dict[str, Any]]:
    key = row["key"]
    if row["kind"] == QuestionKind.TRUE_FALSE:
        for name, text, truth in _TRUTHS:
            yield {"choice_id": key[name], "text": text, "correct": key["answer"] is truth}
    for choice in key.get("choices", ()):
        yield {"choice_id": choice["id"], "text": choice["text"], "correct": choice["correct"]}


async def _marks_event(
    tx: Executor, where: dict[str, UUID], keys: Row, questions: Sequence[Row], attempts: Sequence[Row]
) -> dict[str, Any]:
    markers = {row["id"]: Marker.of(row) for row in questions}
    items: dict[UUID, list[dict[str, Any]]] = {it["id"]: [] for it in attempts}
    for row in await tx.rows("list_items_of", ids=list(items), school_id=where["school_id"]):
        chosen = markers[row["question_id"]].chosen(row["value"])
        items[row["attempt_id"]].append({"question_id": row["question_id"], "mark": row["mark"], "choices": chosen})
    data = {
        "assignment_id": where["id"],
        "classroom_id": keys["classroom_id"],
        "attempts": [_attempt(row, items[row["id"]]) for row in attempts],
    }
    return {"type": "classroom.attempts-marked.v1", "data": data}


def _attempt(row: Row, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "attempt_id": row["id"],
        "student_id": row["student_id"],
        "number": row["number"],
        "counts": row["counts"],
        "version": row["marks_version"],
        "items": items,
    }
