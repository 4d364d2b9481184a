"""Uploads: the bytes go straight to the store, never through this process."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Gone, Invalid, NotFound, Unavailable
from chassis.identity import Identity
from files.keys import SETTINGS, STORAGE
from files.limits import views as limits
from files.models import File, file_of
from files.uploads import commands, views
from files.uploads.models import NewUpload, Parts, Upload

api = Api("files", title="Uploads")

# An inspection of a usual file takes less; a caller whose answer is still `checking` asks again.
VERDICT_SECONDS = 5.0


@api.post("/uploads", summary="Begin an upload", status=201, idempotent=True, errors=(Invalid, Conflict))
async def begin_upload(request: web.Request, identity: Identity, db: Executor, body: NewUpload) -> Reply[Upload]:
    """Says how to send the bytes. Nothing but these bytes is taken, and they count against the quota from now on."""
    settings = request.app[SETTINGS]
    allowed, _ = await limits.limits(db, settings, identity.school_id)
    row = await commands.begin(db, settings, identity, allowed, body)
    made = views.upload_of(settings, request.app[STORAGE], row)
    return Reply(made, headers={"Location": f"{api.prefix}/uploads/{made.file.file_id}"})


@api.get("/uploads/{upload_id}", summary="An upload", errors=(NotFound,))
async def read_upload(request: web.Request, identity: Identity, db: Executor, upload_id: UUID) -> Upload:
    """With a fresh form, for an upload that was interrupted."""
    row = await views.find(db, identity, upload_id)
    return views.upload_of(request.app[SETTINGS], request.app[STORAGE], row)


@api.post("/uploads/{upload_id}/parts", summary="Where parts go", errors=(NotFound, Conflict, Gone, Unavailable))
async def name_parts(request: web.Request, identity: Identity, db: Executor, upload_id: UUID) -> Parts:
    """Fresh addresses, and which parts have arrived: the way to begin as well as to resume."""
    row = await views.find(db, identity, upload_id)
    return Parts(items=await commands.parts(db, request.app[SETTINGS], request.app[STORAGE], row))


@api.post("/uploads/{upload_id}/complete", summary="All bytes are sent", errors=(NotFound, Conflict, Gone, Unavailable))
async def complete_upload(request: web.Request, identity: Identity, db: Executor, upload_id: UUID) -> File:
    """Waits a few seconds for the verdict; ask again while the file is still `checking`."""
    row = await views.find(db, identity, upload_id)
    await commands.complete(db, request.app[SETTINGS], request.app[STORAGE], row)
    return file_of(await views.verdict(db, identity, upload_id, VERDICT_SECONDS))
