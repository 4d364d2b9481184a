"""Judging who is at risk in the classrooms that changed, so that a list of a large class is read and not computed."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from aiohttp import web

from chassis.db import Executor, Row, json_rows
from chassis.keys import DB
from chassis.worker import Job
from grading.attention.models import Reason, Rules

CLASSROOMS_PER_TURN = 20
# A classroom where results pour in, as in an import, is not judged anew for each of their batches.
REST_SECONDS = 10


async def judge_all(db: Executor, rest_seconds: int = 0) -> None:
    """Judge where something changed or fell due; what was judged less than `rest_seconds` ago is left until later."""
    while stale := await db.rows("stale_judgements", rest_seconds=rest_seconds, limit=CLASSROOMS_PER_TURN):
        for row in stale:
            await _judge(db, row["classroom_id"], row["wanted"], row["at"])


async def _judge(db: Executor, classroom_id: UUID, wanted: int, at: datetime) -> None:
    # `wanted` was read before: what came since is judged in the next turn, if it is not in this one already.
    students = json_rows(await students_at_risk(db, classroom_id))
    await db.execute("put_judgement", classroom_id=classroom_id, wanted=wanted, at=at, students=students)


async def students_at_risk(db: Executor, classroom_id: UUID) -> list[Row]:
    """Those of a classroom for whom a reason holds, by id, from the facts as they are now."""
    rows = await db.rows("student_standings", classroom_id=classroom_id, recent=Rules.RECENT)
    return [row | {"reasons": reasons} for row in rows if (reasons := list(_reasons(row)))]


def _reasons(row: Row) -> Iterator[Reason]:
    """What holds of a student."""
    due, missing = row["due"], row["missing"]
    if row["average"] is not None and row["average"] < Rules.LOW_AVERAGE:
        yield Reason.LOW_AVERAGE
    if row["earlier"] is not None and row["earlier"] - row["recent"] >= Rules.FALLING_BY:
        yield Reason.FALLING
    if due and missing == due and not row["results"]:
        yield Reason.NOTHING_YET
    elif missing >= Rules.MISSING_WORKS and 100 * missing >= Rules.MISSING_SHARE * due:
        yield Reason.MISSING_WORK


async def judgement_differences(db: Executor, classroom_id: UUID) -> list[Row]:
    """What `recompute` names: a judgement that is not what the facts say, though nothing asks for another one."""
    before = await db.row("judgement", classroom_id=classroom_id)
    kept = await db.rows("kept_at_risk", classroom_id=classroom_id)
    real = await students_at_risk(db, classroom_id)
    after = await db.row("judgement", classroom_id=classroom_id)
    if before is None or after is None or before["wanted"] != after["wanted"] or not after["up_to_date"]:
        return []
    if kept == real:
        return []
    counts = {name: f"{len(found)} students" for name, found in (("kept", kept), ("computed", real))}
    return [{"classroom_id": classroom_id, "figure": "at risk", **counts}]


async def _run(app: web.Application) -> None:
    await judge_all(app[DB], REST_SECONDS)


JUDGE = Job("judge-students", 1, _run)
