"""Students at risk with the reason, as they were judged last."""

from decimal import Decimal
from uuid import UUID

from chassis.db import Executor, Row
from chassis.paging import PageQuery, decode_cursor, page_of, whole
from grading.attention.models import AtRisk, Rules, StudentAtRisk
from grading.domain import rounded

_NOT_JUDGED: Row = {"at_risk": 0, "judged_at": None, "up_to_date": False}
_MEANS = ("average", "recent", "earlier")
_MOST_DIGITS = 100


async def at_risk(db: Executor, found: Row, query: PageQuery) -> AtRisk:
    """A page of the students at risk of a classroom that was found."""
    after = decode_cursor(query.cursor, whole, _percent, UUID) or (None, None, None)
    rows = await db.rows(
        "list_at_risk",
        classroom_id=found["classroom_id"],
        limit=query.limit + 1,
        **dict(zip(("after_first", "after_second", "after_id"), after, strict=True)),
    )
    shown, cursor = page_of(rows, query.limit, "first", "second", "student_id")
    judged = await db.row("judgement", classroom_id=found["classroom_id"]) or _NOT_JUDGED
    return AtRisk(
        **{name: found[name] for name in ("classroom_id", "title", "students")},
        **{name: judged[name] for name in _NOT_JUDGED},
        rules=Rules(),
        items=[_student(row) for row in shown if row["enrolled"]],
        next_cursor=cursor,
    )


def _student(row: Row) -> StudentAtRisk:
    means = {name: None if row[name] is None else rounded(row[name]) for name in _MEANS}
    known = {name: row[name] for name in ("student_id", "name", "reasons", "results", "due", "missing")}
    return StudentAtRisk(**known, **means)


def _percent(text: str) -> Decimal:
    """A mean in a cursor, of a size that the database takes."""
    value = Decimal(text)
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError("not a mean")
    return value
