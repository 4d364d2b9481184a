"""`/accounts/{account_id}/export`, `/accounts/{account_id}/erase` and `/me/export`."""

from uuid import UUID

from aiohttp import hdrs, web

from auth.personal_data import commands, views
from auth.personal_data.models import DataRequest, Erasure, OwnExport
from auth.resources import AUTH, caller, forget
from auth.throttle import export_limits
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, NotFound, TooMany
from chassis.identity import Identity, Role

ADMIN = {Role.ADMIN}

api = Api("auth", "auth")


@api.post(
    "/accounts/{account_id}/export",
    roles=ADMIN,
    people_only=True,
    status=202,
    summary="Ask for all data of a person",
    errors=(TooMany,),
)
async def ask_export(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> DataRequest:
    """Every service answers, which takes a second or two; then `/export.zip` is there for a week. Who asks while one
    runs gets that one."""
    return await _ask(request, identity, db, account_id)


@api.get("/accounts/{account_id}/export", roles=ADMIN, people_only=True, summary="How far a person's export is")
async def read_export(identity: Identity, db: Executor, account_id: UUID) -> DataRequest:
    return await views.read_request(db, identity, account_id, "export")


@api.get(
    "/accounts/{account_id}/export.zip",
    roles=ADMIN,
    people_only=True,
    summary="All data of a person, as a file",
    media_type="application/zip",
    errors=(Conflict,),
)
async def download_export(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> Reply[bytes]:
    """409 `export_running`."""
    return await _download(request, identity, db, account_id)


@api.post(
    "/accounts/{account_id}/erase",
    roles=ADMIN,
    people_only=True,
    status=202,
    summary="Forget a person",
    errors=(Conflict,),
)
async def erase_account(
    request: web.Request, identity: Identity, db: Executor, account_id: UUID, body: Erasure
) -> DataRequest:
    """For good, in this school: signed out everywhere at once, then every service forgets them. An account that is a
    member elsewhere lives on there, and cannot come back here. Asking again shows how far it is. 409 `last_admin`."""
    erasure, ended = await commands.erase(db, identity, account_id, body.confirm, caller(request))
    forget(request.app, ended)
    return erasure


@api.get("/accounts/{account_id}/erase", roles=ADMIN, people_only=True, summary="How far an erasure is")
async def read_erasure(identity: Identity, db: Executor, account_id: UUID) -> DataRequest:
    return await views.read_request(db, identity, account_id, "erasure")


@api.post("/me/export", people_only=True, status=202, summary="Ask for all my data", errors=(TooMany,))
async def ask_own_export(request: web.Request, identity: Identity, db: Executor) -> DataRequest:
    """What is kept of the caller in the school of the token."""
    return await _ask(request, identity, db, identity.account_id)


@api.get("/me/export", people_only=True, summary="How far my export is")
async def read_own_export(identity: Identity, db: Executor) -> OwnExport:
    return OwnExport(request=await views.find_request(db, identity, identity.account_id, "export"))


@api.get(
    "/me/export.zip",
    people_only=True,
    summary="All my data, as a file",
    media_type="application/zip",
    errors=(Conflict, NotFound),
)
async def download_own_export(request: web.Request, identity: Identity, db: Executor) -> Reply[bytes]:
    """404 when none was asked for, 409 `export_running`."""
    return await _download(request, identity, db, identity.account_id)


async def _ask(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> DataRequest:
    await request.app[AUTH].throttle.count(export_limits(str(account_id)))
    return await commands.ask_export(db, identity, account_id, caller(request))


async def _download(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> Reply[bytes]:
    packed = await views.read_export(db, identity, account_id, caller(request))
    headers: dict[str, str] = {
        hdrs.CONTENT_DISPOSITION: 'attachment; filename="personal-data.zip"',
        hdrs.CACHE_CONTROL: "private, no-store",
    }
    return Reply(packed, headers=headers)
