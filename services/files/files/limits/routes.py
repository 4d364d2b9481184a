"""Limits and usage."""

from aiohttp import web

from chassis import etags
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Invalid, PreconditionFailed
from chassis.identity import Identity, Role
from files.keys import SETTINGS
from files.limits import commands, views
from files.limits.models import Limits, SchoolLimits, Usage

api = Api("files", title="Limits and usage")

ADMINS = frozenset({Role.ADMIN})


@api.get("/limits", summary="What may be uploaded")
async def read_limits(request: web.Request, identity: Identity, db: Executor) -> Reply[Limits]:
    """As the school decided, within what this installation can do."""
    allowed, version = await views.limits(db, request.app[SETTINGS], identity.school_id)
    return Reply(allowed, headers=etags.etag(version))


@api.put("/limits", summary="Decide what may be uploaded", roles=ADMINS, errors=(Invalid, PreconditionFailed))
async def change_limits(request: web.Request, identity: Identity, db: Executor, body: SchoolLimits) -> Reply[Limits]:
    """For the whole school, from the next upload on."""
    settings = request.app[SETTINGS]
    row = await commands.change_limits(db, settings, identity.school_id, body, etags.expected(request))
    return Reply(views.merged(settings, row), headers=etags.etag(row["version"]))


@api.get("/usage", summary="How much is stored")
async def read_usage(request: web.Request, identity: Identity, db: Executor) -> Usage:
    """By the caller; admins see their school's too."""
    return await views.usage(db, request.app[SETTINGS], identity)
