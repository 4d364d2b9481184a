"""Starting attempts, saving their answers, handing them in, and what teachers do to them meanwhile."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Database, Executor, Row
from chassis.errors import Conflict, HomeroomError, Invalid, NotFound, Unavailable
from chassis.identity import Identity
from classroom.attachments.commands import renew_audience
from classroom.quizzes.attempts.models import SavedAnswer, Signs, SubmittedBy
from classroom.quizzes.live.room import Room
from classroom.quizzes.live.writer import QuizWriter, Verdict
from classroom.quizzes.marking.handing_in import BATCH, hand_in
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.order import drawn, new_seed
from classroom.quizzes.questions.values import SHAPES, Value
from classroom.quizzes.rules.views import own_standing, reach_quiz

_STARTS = 5

REFUSALS = {
    "stale": "A newer revision of this answer is saved already.",
    "paused": "The attempt is paused; answer again when it goes on.",
    "submitted": "The attempt is handed in; answers can no longer change.",
    "gone": "The attempt is not yours to answer any more.",
    "unknown_question": "The attempt has no such question.",
    "unavailable": "It could not be saved now; send it again shortly.",
}


async def start(db: Executor, identity: Identity, assignment_id: UUID) -> tuple[UUID, bool]:
    """The student's unfinished attempt, or a new one, and whether it is new. From now on the pictures may be seen.

    Raises Conflict when the quiz is not open, has no questions or no attempt is left.
    """
    started = await _start(db, identity, assignment_id)
    await renew_audience(db, [assignment_id])
    return started


async def _start(db: Executor, identity: Identity, assignment_id: UUID) -> tuple[UUID, bool]:
    for _ in range(_STARTS):
        _, _, rules = await reach_quiz(db, identity, assignment_id)
        where = {"id": assignment_id, "school_id": identity.school_id}
        questions = await db.rows("list_drawable_questions", **where)
        seed = new_seed()
        chosen = drawn(seed, questions, await db.rows("list_draws", **where), shuffle=rules["shuffle_questions"])
        if not chosen:
            raise Conflict("no_questions", "The quiz has no questions yet.")
        where["student_id"] = identity.account_id
        made = await db.value("start_attempt", revision=rules["revision"], seed=seed, question_ids=chosen, **where)
        if made is not None:
            return made, True
        unfinished = await db.value("find_unfinished_attempt", **where)
        if unfinished is not None:
            return unfinished, False
        await _require_startable(db, identity, rules)
    raise Unavailable("The quiz is being changed; try again shortly.")


async def _require_startable(db: Executor, identity: Identity, rules: Row) -> None:
    """Why nobody can start now; returns when the quiz has only been changed meanwhile."""
    own = await own_standing(db, identity, rules)
    now, closes_at = rules["now"], rules["closes_at"]
    if rules["opens_at"] is not None and now < rules["opens_at"]:
        raise Conflict("not_open_yet", f"The quiz opens at {rules['opens_at'].isoformat()}.")
    if closes_at is not None and (now - closes_at).total_seconds() >= own.extra_seconds:
        raise Conflict("closed", f"The quiz closed at {closes_at.isoformat()}.")
    if rules["attempts_allowed"] is not None and own.attempts_used >= rules["attempts_allowed"]:
        raise Conflict("no_attempts_left", f"You have used all {rules['attempts_allowed']} attempt(s).")


def misfit(marker: Marker) -> str:
    """What to send instead of a value of another shape."""
    return f"Send {SHAPES[marker.kind]}, or null to clear."


async def save(room: Room, attempt_id: UUID, question_id: UUID, rev: int, value: Value) -> SavedAnswer:
    """Save an answer as the socket does.

    Raises NotFound for a question that the attempt does not have, Invalid for a value of another shape, Conflict when
    it is not taken, Unavailable when nothing is known.
    """
    marker = room.writer.marker(question_id)
    if marker is None:
        raise NotFound("question")
    if not marker.fits(value):
        raise Invalid("body.value", misfit(marker), "wrong_shape")
    decided: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()

    def reply(verdict: Verdict) -> None:
        if not decided.done():
            decided.set_result(verdict)

    room.writer.answer(attempt_id, marker, rev, value, reply)
    verdict = await decided
    if verdict.outcome != "saved":
        raise refusal(verdict)
    return SavedAnswer(question_id=question_id, rev=rev, hash=verdict.hash, saved_at=verdict.saved_at)


def refusal(verdict: Verdict) -> HomeroomError:
    """What an answer that was not saved is answered with."""
    if verdict.outcome == "unavailable":
        return Unavailable(REFUSALS["unavailable"])
    if verdict.outcome in ("gone", "unknown_question"):
        return NotFound("attempt" if verdict.outcome == "gone" else "question")
    return Conflict(verdict.outcome, REFUSALS[verdict.outcome], extra={"newest_rev": verdict.newest_rev})


def sign(writer: QuizWriter, attempt_id: UUID, signs: Signs) -> None:
    """Take signs of progress along with the next commit."""
    pending = writer.sign(attempt_id)
    if signs.current_question_id is not None:
        pending["current_question_id"] = signs.current_question_id
    if signs.away is not None:
        pending["away"] = signs.away
        pending["losses"] = pending.get("losses", 0) + signs.away
    if signs.flagged or signs.unflagged:
        _flag(pending, set(map(str, signs.flagged)), set(map(str, signs.unflagged)))


def _flag(pending: dict[str, Any], up: set[str], down: set[str]) -> None:
    """The last word on each flag counts."""
    pending["flagged"] = sorted((set(pending.get("flagged", ())) - down) | up)
    pending["unflagged"] = sorted((set(pending.get("unflagged", ())) - up) | down)


async def submit(db: Executor, attempt: Row, school_id: UUID, by: SubmittedBy) -> None:
    """Hand one attempt in; does nothing to one that is handed in already."""
    async with db.transaction() as tx:
        await hand_in(tx, school_id, attempt["assignment_id"], [attempt["id"]], by)


async def submit_all(
    db: Executor, school_id: UUID, assignment_id: UUID, attempt_id: UUID | None, by: SubmittedBy
) -> list[UUID]:
    """Hand in every unfinished attempt of a quiz, or the one."""
    rows = await db.rows("list_unfinished_ids", id=assignment_id, school_id=school_id, attempt_id=attempt_id)
    return await _submit_in_batches(db, school_id, assignment_id, [row["id"] for row in rows], by)


async def _submit_in_batches(
    db: Executor, school_id: UUID, assignment_id: UUID, attempt_ids: Sequence[UUID], by: SubmittedBy
) -> list[UUID]:
    """Batch by batch, so that nobody who still answers waits long for the quiz."""
    done: list[UUID] = []
    for start_at in range(0, len(attempt_ids), BATCH):
        async with db.transaction() as tx:
            done += await hand_in(tx, school_id, assignment_id, attempt_ids[start_at : start_at + BATCH], by)
    return done


async def close_due(db: Database) -> list[UUID]:
    """Hand in all attempts whose time has been up for a second; returns the quizzes they were of."""
    closed = []
    for quiz in await db.rows("list_due_quizzes"):
        while await _close_batch(db, quiz["school_id"], quiz["assignment_id"]) == BATCH:
            pass
        closed.append(quiz["assignment_id"])
    return closed


async def _close_batch(db: Database, school_id: UUID, assignment_id: UUID) -> int:
    """Under the quiz's lock, so that an extension that came first is respected."""
    where = {"id": assignment_id, "school_id": school_id}
    async with db.transaction() as tx:
        await tx.execute("hold_quiz", **where)
        due = await tx.rows("list_due_ids", limit=BATCH, **where)
        await hand_in(tx, school_id, assignment_id, [row["id"] for row in due], SubmittedBy.TIME)
    return len(due)
