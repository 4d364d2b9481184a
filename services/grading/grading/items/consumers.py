"""Questions and marked attempts into copies; whatever changes wants its quiz analysed again."""

from collections.abc import Sequence
from uuid import UUID

from chassis.copies import copy_rows, with_version
from chassis.db import Executor, json_rows
from chassis.events import Event
from chassis.inbox import Handler


async def keep_questions(tx: Executor, events: Sequence[Event]) -> None:
    """What quizzes asked."""
    await _want(tx, [row["assignment_id"] for row in await tx.rows("keep_questions", rows=copy_rows(events))])


async def keep_attempts(tx: Executor, events: Sequence[Event]) -> None:
    """Marked attempts, each by its own version."""
    rows = await tx.rows("keep_attempts", events=json_rows([with_version(event) for event in events]))
    await _want(tx, [row["assignment_id"] for row in rows])


async def _want(tx: Executor, assignment_ids: list[UUID]) -> None:
    if assignment_ids:
        await tx.execute("want_statistics", assignment_ids=assignment_ids)


HANDLERS: dict[str, Handler] = {
    "classroom.quiz-questions-released.v1": keep_questions,
    "classroom.attempts-marked.v1": keep_attempts,
}
