"""Students at risk with the reason."""

from collections.abc import Iterator

from chassis.db import Executor, Row
from grading.attention.models import AtRisk, Reason, Rules, StudentAtRisk
from grading.domain import rounded


async def at_risk(db: Executor, found: Row) -> AtRisk:
    """The students at risk of a classroom that was found."""
    rows = await db.rows("student_standings", classroom_id=found["classroom_id"], recent=Rules.RECENT)
    students = [student for row in rows if (student := _student(row)).reasons]
    students.sort(key=lambda one: (-len(one.reasons), one.average or 0, one.name or "", one.student_id))
    return AtRisk(
        classroom_id=found["classroom_id"],
        title=found["title"],
        students=found["students"],
        rules=Rules(),
        items=students,
    )


def _student(row: Row) -> StudentAtRisk:
    means = {name: None if row[name] is None else rounded(row[name]) for name in ("average", "recent", "earlier")}
    known = {name: row[name] for name in ("student_id", "name", "results", "due", "missing")}
    return StudentAtRisk(reasons=list(_reasons(row)), **known, **means)


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
