"""Reads the ledger."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity
from chassis.paging import PageQuery, decode_cursor, page_of
from classroom.access import may_manage
from classroom.points.models import ClassroomPoints, Entry, Leaderboard, OwnPoints, Ranked, Standing

_FIRST = (0, UUID(int=0))


async def own_points(db: Executor, identity: Identity, query: PageQuery) -> OwnPoints:
    """Totals of all classrooms, and a page of the entries."""
    who = {"school_id": identity.school_id, "student_id": identity.account_id}
    (before,) = decode_cursor(query.cursor, UUID) or (None,)
    totals = await db.rows("list_own_totals", **who)
    rows = await db.rows("list_own_entries", before=before, limit=query.limit + 1, **who)
    page, cursor = page_of(rows, query.limit, "id")
    return OwnPoints(
        classrooms=[ClassroomPoints(**row) for row in totals],
        items=[Entry(**row) for row in page],
        next_cursor=cursor,
    )


async def leaderboard(db: Executor, identity: Identity, classroom: Row, query: PageQuery) -> Leaderboard:
    """A page for who may see it, and the caller's own place if they attend."""
    where = {"id": classroom["id"], "school_id": identity.school_id}
    shown: bool = await db.value("find_leaderboard", **where)
    rank, after = decode_cursor(query.cursor, int, UUID) or _FIRST
    rows: list[Row] = []
    if shown or may_manage(identity, classroom):
        rows = await db.rows(
            "list_leaderboard", only=None, after_rank=rank, after_id=after, limit=query.limit + 1, **where
        )
    page, cursor = page_of(rows, query.limit, "rank", "student_id")
    return Leaderboard(
        shown=shown,
        rows=[Ranked(**row) for row in page],
        own=await _own(db, identity, classroom),
        next_cursor=cursor,
    )


async def _own(db: Executor, identity: Identity, classroom: Row) -> Standing | None:
    if not classroom["attends"]:
        return None
    row = await db.row(
        "list_leaderboard",
        id=classroom["id"],
        school_id=identity.school_id,
        only=identity.account_id,
        after_rank=0,
        after_id=UUID(int=0),
        limit=1,
    )
    assert row is not None
    return Standing(rank=row["rank"], points=row["points"], badges=row["badges"])
