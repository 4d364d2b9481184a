"""Reading attempts: a student their own, the quiz's teachers all."""

import hashlib
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom.access import require_manager
from classroom.assignments.models import Assignment
from classroom.quizzes.attempts.models import (
    Attempt,
    AttemptSummary,
    Message,
    Receipt,
    ReceiptItem,
    ShownAnswer,
    ShownQuestion,
)
from classroom.quizzes.questions.content import join
from classroom.quizzes.questions.order import arranged
from classroom.quizzes.questions.values import hash_of
from classroom.quizzes.rules.views import answers_may_show, reach_quiz

_STANDING = (
    "status",
    "now",
    "deadline_at",
    "paused_at",
    "submitted_at",
    "submitted_by",
)
_OF_ATTEMPT = (
    *_STANDING,
    "id",
    "assignment_id",
    "student_id",
    "number",
    "started_at",
    "current_question_id",
    "flagged",
    "max_score",
    "progress",
)
_MARKING = ("mark", "feedback", "mark_version")
_UNSEEN = {"score": None, "unmarked_count": None}


def standing(row: Row) -> dict[str, Any]:
    """How an attempt stands, of any row that has it."""
    return {name: row[name] for name in _STANDING}


async def reach_attempt(db: Executor, identity: Identity, attempt_id: UUID) -> tuple[Row, Assignment, Row, Row]:
    """Classroom, assignment, rules and attempt for whose it is and for the quiz's teachers.

    Raises NotFound, also for another student's; Forbidden for teachers of other classrooms.
    """
    row = await db.row("find_attempt", id=attempt_id, school_id=identity.school_id)
    if row is None or (identity.role is Role.STUDENT and row["student_id"] != identity.account_id):
        raise NotFound("attempt")
    try:
        classroom, assignment, rules = await reach_quiz(db, identity, row["assignment_id"])
    except NotFound:
        raise NotFound("attempt") from None
    if identity.role is not Role.STUDENT:
        require_manager(identity, classroom, archived=True)
    return classroom, assignment, rules, row


async def unfinished_attempt(db: Executor, identity: Identity, assignment_id: UUID) -> Row:
    """The student's attempt under way at a quiz that is theirs; raises Conflict without one."""
    where = {"id": assignment_id, "school_id": identity.school_id, "student_id": identity.account_id}
    attempt_id = await db.value("find_unfinished_attempt", **where)
    row = attempt_id and await db.row("find_attempt", id=attempt_id, school_id=identity.school_id)
    if not row:
        raise Conflict("no_attempt", "Start an attempt first.")
    return row


async def managed_attempt(db: Executor, identity: Identity, attempt_id: UUID) -> tuple[Assignment, Row, Row]:
    """Assignment, rules and attempt for the quiz's teachers; raises Conflict in an archived classroom."""
    classroom, assignment, rules, row = await reach_attempt(db, identity, attempt_id)
    require_manager(identity, classroom, archived=False)
    return assignment, rules, row


async def show_attempt(db: Executor, identity: Identity, rules: Row, row: Row) -> Attempt:
    """The attempt with its questions and answers; marks and keys only as far as they may show to the caller."""
    teaches = identity.role is not Role.STUDENT
    results = teaches or (row["status"] == "submitted" and row["released"])
    keys = teaches or (results and answers_may_show(rules))
    answers = await db.rows("list_answers", id=row["id"], school_id=identity.school_id)
    messages = await db.rows("list_messages", id=row["id"], school_id=identity.school_id, since=0)
    return Attempt(
        **{name: row[name] for name in _OF_ATTEMPT},
        questions=await _questions(db, identity, row, keys=keys),
        answers=[_answer(answer, results=results) for answer in answers],
        messages=[Message(**message) for message in messages],
        **({name: row[name] for name in _UNSEEN} if results else {}),
    )


def _answer(row: Row, *, results: bool) -> ShownAnswer:
    shown = {name: value for name, value in row.items() if name not in (*_MARKING, "marked_by")}
    if results:
        shown |= {name: row[name] for name in _MARKING} | {"by_hand": row["marked_by"] is not None}
    return ShownAnswer(**shown)


async def _questions(db: Executor, identity: Identity, attempt: Row, *, keys: bool) -> list[ShownQuestion]:
    query = "list_keyed_questions_of_attempt" if keys else "list_shown_questions"
    rows = await db.rows(query, ids=attempt["question_ids"], school_id=identity.school_id)
    by_id = {row["id"]: row for row in rows}
    return [_question(attempt, by_id[question_id]) for question_id in attempt["question_ids"]]


def _question(attempt: Row, row: Row) -> ShownQuestion:
    body = arranged(attempt["seed"], row["body"], shuffle_choices=attempt["shuffle_choices"])
    head = {name: row[name] for name in ("id", "kind", "title", "points")}
    return ShownQuestion(**head, **body, solution=join(row) if "key" in row else None)


async def list_attempts(
    db: Executor, identity: Identity, assignment_id: UUID, query: PageQuery
) -> Page[AttemptSummary]:
    """A page of the attempts that the caller may see, oldest first."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    student = identity.role is Role.STUDENT
    rows = await db.rows(
        "list_attempts",
        id=assignment_id,
        school_id=identity.school_id,
        student_id=identity.account_id if student else None,
        after_id=after,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[_summary(row, results=not student) for row in shown], next_cursor=cursor)


def _summary(row: Row, *, results: bool) -> AttemptSummary:
    released = row.pop("released") and row["status"] == "submitted"
    return AttemptSummary(**(row if results or released else row | _UNSEEN))


async def receipt(db: Executor, identity: Identity, assignment: Assignment, row: Row) -> Receipt:
    """Every answer of the attempt with revision, hash and time; nothing of its marks."""
    questions = await db.rows("list_shown_questions", ids=row["question_ids"], school_id=identity.school_id)
    titles = {question["id"]: question["title"] for question in questions}
    answers = {
        it["question_id"]: it for it in await db.rows("list_answers", id=row["id"], school_id=identity.school_id)
    }
    items = [
        _receipt_item(question_id, titles[question_id], answers.get(question_id)) for question_id in row["question_ids"]
    ]
    lines = "\n".join(f"{item.question_id}:{item.rev}:{item.hash}" for item in items)
    kept = ("student_id", "name", "number", "started_at", "submitted_at", "submitted_by", "assignment_id")
    return Receipt(
        attempt_id=row["id"],
        title=assignment.title,
        **{name: row[name] for name in kept},
        answers=items,
        hash=hashlib.sha256(lines.encode()).hexdigest(),
    )


def _receipt_item(question_id: UUID, title: str, answer: Row | None) -> ReceiptItem:
    if answer is None or answer["rev"] == 0:
        return ReceiptItem(question_id=question_id, title=title, value=None, rev=0, hash=hash_of(None), saved_at=None)
    kept = {name: answer[name] for name in ("value", "rev", "hash", "saved_at")}
    return ReceiptItem(question_id=question_id, title=title, **kept)
