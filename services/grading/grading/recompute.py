"""The figures that are kept, against the facts they are made of."""

from collections.abc import AsyncIterator
from uuid import UUID

from chassis.db import Database, Row
from grading.attention.jobs import judge_all, judgement_differences

CLASSROOMS_PER_STATEMENT = 20


async def recompute(db: Database, *, mend: bool) -> AsyncIterator[Row]:
    """Every difference (classroom_id, figure, kept, computed), mended behind it if wished.

    A slice of classrooms at a time, so that events go on being applied in between.
    """
    after = UUID(int=0)
    while rows := await db.rows("next_classrooms", after=after, limit=CLASSROOMS_PER_STATEMENT):
        classroom_ids = [row["classroom_id"] for row in rows]
        for difference in await _compare(db, classroom_ids, mend):
            yield difference
        after = classroom_ids[-1]


async def _compare(db: Database, classroom_ids: list[UUID], mend: bool) -> list[Row]:
    differences = await db.rows("figure_differences", classroom_ids=classroom_ids)
    for classroom_id in classroom_ids:
        differences += await judgement_differences(db, classroom_id)
    if differences and mend:
        async with db.transaction() as tx:
            await tx.execute("lock_figures")
            for query in ("mend_flags", "clear_totals", "fill_totals", "want_judgements"):
                await tx.execute(query, classroom_ids=classroom_ids)
        await judge_all(db)
    return differences
