"""Files that are there. Authorised here, sent by the gateway straight from the store."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.api import Api
from chassis.db import Executor
from chassis.errors import Conflict, Forbidden, NotFound, TooMany, Unavailable
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery
from files.downloads import archive, commands, views
from files.downloads.models import ContentQuery, OwnFile
from files.keys import SETTINGS, STORAGE
from files.models import File, file_of

api = Api("files", title="Files")

ERRORS = (NotFound, TooMany)
TEACHERS = frozenset({Role.TEACHER})


@api.get("/files", summary="One's own files")
async def list_files(identity: Identity, db: Executor, query: PageQuery) -> Page[OwnFile]:
    """Newest first, uploads that are under way included."""
    return await views.own_files(db, identity, query)


@api.get("/files/{file_id}", summary="A file", errors=ERRORS)
async def read_file(request: web.Request, identity: Identity, db: Executor, file_id: UUID) -> File:
    """For its owner, and for whoever may read it where it is attached."""
    return file_of(await existing(request, identity, "file", lambda: views.find(db, identity, file_id)))


@api.delete("/files/{file_id}", summary="Delete a file", errors=(*ERRORS, Conflict))
async def delete_file(request: web.Request, identity: Identity, db: Executor, file_id: UUID) -> None:
    """Only its owner may, and only while it is attached nowhere."""
    found = await existing(request, identity, "file", lambda: views.find(db, identity, file_id))
    if found["owner_id"] != identity.account_id:
        raise Forbidden("not_yours", "Only its owner may delete this file.")
    await commands.delete(db, identity, file_id, request.app[SETTINGS].deleted_kept_seconds)


@api.get(
    "/files/{file_id}/content", summary="The bytes of a file", errors=ERRORS, media_type="*/*",
    conditional=True,
)  # fmt: skip
async def read_content(
    request: web.Request, identity: Identity, db: Executor, file_id: UUID, query: ContentQuery
) -> web.StreamResponse:
    """Ranges work. Saved under its name unless asked for `inline`."""
    found = await existing(request, identity, "file", lambda: views.find_ready(db, identity, file_id))
    return views.content(request, request.app[STORAGE], found, inline=query.disposition == "inline")


@api.get(
    "/files/{file_id}/thumbnail", summary="A small picture of a file", errors=ERRORS, media_type="image/webp",
    conditional=True,
)  # fmt: skip
async def read_thumbnail(request: web.Request, identity: Identity, db: Executor, file_id: UUID) -> web.StreamResponse:
    """Of pictures and of the first page of PDFs; at most 400 × 400."""
    found = await existing(request, identity, "file", lambda: views.find_ready(db, identity, file_id))
    if not found["thumbnail"]:
        raise NotFound("thumbnail")
    return views.thumbnail(request, request.app[STORAGE], found)


@api.get(
    "/assignments/{assignment_id}/submissions.zip", summary="All work of an assignment", roles=TEACHERS,
    errors=(*ERRORS, Unavailable), media_type="application/zip",
)  # fmt: skip
async def read_work(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> web.StreamResponse:
    """For the teachers of its classroom: a folder for each student."""
    rows = await existing(request, identity, "work", lambda: archive.list_work(db, identity, assignment_id))
    storage = request.app[STORAGE]
    # A store that is away is told of before the first byte.
    await storage.size(archive.first_key(rows))
    return await archive.send(request, storage, rows)
