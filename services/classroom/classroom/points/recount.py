"""The ledger of points against the work that it follows from."""

import argparse
from collections.abc import AsyncIterator
from uuid import UUID

from chassis import cli
from chassis.db import Database, Row

CLASSROOMS_PER_STATEMENT = 20


async def recount(db: Database, *, mend: bool) -> AsyncIterator[Row]:
    """Every difference (classroom_id, student_id, reason, subject, kept, due), mended by an entry if wished.

    A slice of classrooms at a time, each its own transaction, so that it may be stopped and begun again.
    """
    after = UUID(int=0)
    while rows := await db.rows("next_classrooms", after=after, limit=CLASSROOMS_PER_STATEMENT):
        classrooms = [row["id"] for row in rows]
        differences = await db.rows("points_differences", classrooms=classrooms)
        if differences and mend:
            named = [[row[name] for row in differences] for name in ("student_id", "reason", "subject")]
            students, reasons, subjects = named
            await db.execute("enter_points", students=students, reasons=reasons, subjects=subjects)
        for difference in differences:
            yield difference
        after = classrooms[-1]


async def _run(database: Database, options: argparse.Namespace) -> int:
    differences = 0
    async for it in recount(database, mend=not options.check):
        differences += 1
        what = "badge" if it["reason"] == "topic" else it["reason"]
        print(f"{it['classroom_id']} {it['student_id']} {what} {it['subject']}: kept {it['kept']}, due {it['due']}")
    print(f"{differences} differences{' mended' if differences and not options.check else ''}")
    return 1 if differences and options.check else 0


COMMAND = cli.Command(
    "recount-points",
    "enter what the ledger of points lacks or has too much",
    _run,
    {"--check": {"action": "store_true", "help": "change nothing, exit with 1 when anything differs"}},
)
