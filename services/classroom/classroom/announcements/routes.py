"""`/classrooms/{id}/announcements` and `/announcements/{id}`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor, Row
from chassis.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom import fragments
from classroom.access import STAFF, managed, readable
from classroom.announcements.models import Announcement, NewAnnouncement

api = Api("classroom", "Classroom")


def _shown(row: Row) -> Announcement:
    return Announcement(**{name: row[name] for name in Announcement.model_fields})


async def _find(db: Executor, identity: Identity, announcement_id: UUID) -> Row:
    row = await db.row("find_announcement", id=announcement_id, school_id=identity.school_id)
    if row is None:
        raise NotFound("announcement")
    return row


async def _managed(request: web.Request, identity: Identity, db: Executor, announcement_id: UUID) -> list[str]:
    """Let in who may change the classroom; returns what becomes stale with its announcements."""
    row = await _find(db, identity, announcement_id)
    await managed(db, identity, row["classroom_id"], "announcement")
    return fragments.mark_stale(request, fragments.views(row["classroom_id"]))


@api.get("/classrooms/{classroom_id}/announcements", summary="List announcements", response=Page[Announcement])
async def list_announcements(
    identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery
) -> Page[Announcement]:
    """Newest first."""
    await readable(db, identity, classroom_id)
    (before,) = decode_cursor(query.cursor, UUID) or (None,)
    rows = await db.rows(
        "list_announcements",
        classroom_id=classroom_id,
        school_id=identity.school_id,
        before_id=before,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[_shown(row) for row in shown], next_cursor=cursor)


@api.post(
    "/classrooms/{classroom_id}/announcements",
    roles=STAFF,
    status=201,
    summary="Announce something",
    idempotent=True,
    errors=(Conflict,),
)
async def announce(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewAnnouncement
) -> Reply[Announcement]:
    """To everybody in the classroom."""
    await managed(db, identity, classroom_id)
    added = await db.row(
        "add_announcement",
        classroom_id=classroom_id,
        school_id=identity.school_id,
        account_id=identity.account_id,
        body=body.body,
        stale=fragments.views(classroom_id),
    )
    if added is None:
        raise Conflict("classroom_archived", "The classroom is archived; make it active again first.")
    fragments.mark_stale(request, added["stale"])
    announcement = _shown(await _find(db, identity, added["id"]))
    return Reply(announcement, etag(announcement.version))


@api.patch(
    "/announcements/{announcement_id}",
    roles=STAFF,
    summary="Change one's announcement",
    errors=(Conflict, PreconditionFailed),
)
async def change_announcement(
    request: web.Request, identity: Identity, db: Executor, announcement_id: UUID, body: NewAnnouncement
) -> Reply[Announcement]:
    """Only who wrote it may; it then shows when it was edited."""
    stale = await _managed(request, identity, db, announcement_id)
    who = {"id": announcement_id, "school_id": identity.school_id, "account_id": identity.account_id}
    changed = await db.value("change_announcement", body=body.body, expected=expected(request), stale=stale, **who)
    current = await _find(db, identity, announcement_id)
    if not changed and current["author_id"] != identity.account_id:
        raise Forbidden("not_your_announcement", "Only who wrote it may change it.")
    if not changed:
        raise PreconditionFailed(_shown(current).model_dump(mode="json"), body.model_dump(mode="json"))
    return Reply(_shown(current), etag(current["version"]))


@api.delete("/announcements/{announcement_id}", roles=STAFF, summary="Delete an announcement", errors=(Conflict,))
async def delete_announcement(request: web.Request, identity: Identity, db: Executor, announcement_id: UUID) -> None:
    """Who wrote it may, and every other teacher of the classroom."""
    stale = await _managed(request, identity, db, announcement_id)
    told = await db.value("delete_announcement", id=announcement_id, school_id=identity.school_id, stale=stale)
    fragments.mark_stale(request, told or [])
