"""Analysing the quizzes that changed."""

import asyncio
from dataclasses import asdict
from typing import Any
from uuid import UUID

from aiohttp import web

from chassis.db import Executor, Row, json_rows
from chassis.keys import DB
from chassis.worker import Job
from grading.items.analysis import Analysis, analyse

QUIZZES_PER_TURN = 20


async def analyse_changed(db: Executor) -> int:
    """Make the statistics of some quizzes whose attempts, questions or students changed; returns how many."""
    stale = await db.rows("stale_statistics", limit=QUIZZES_PER_TURN)
    for row in stale:
        await _analyse(db, row["assignment_id"], row["wanted"])
    return len(stale)


async def _analyse(db: Executor, assignment_id: UUID, wanted: int) -> None:
    # `wanted` was read before: what came since is analysed in the next turn, if it is not in this one already.
    given: Row = await db.row("quiz_attempts", assignment_id=assignment_id) or {}
    analysis = await asyncio.to_thread(analyse, given["questions"], given["attempts"])
    await db.execute(
        "put_statistics",
        assignment_id=assignment_id,
        wanted=wanted,
        statistics=asdict(analysis),
        attempts=analysis.n,
        questions=json_rows(_rows(given["questions"], analysis)),
    )


def _rows(questions: list[dict[str, Any]], analysis: Analysis) -> list[dict[str, Any]]:
    titles = {question["question_id"]: question["title"] for question in questions}
    return [
        {"question_id": question_id, "title": titles[question_id], "attempts": item.n, "facility": item.facility}
        for question_id, item in analysis.items.items()
        if item.facility is not None
    ]


async def _run(app: web.Application) -> None:
    while await analyse_changed(app[DB]) == QUIZZES_PER_TURN:
        pass


ANALYSE = Job("item-analysis", 1, _run)
