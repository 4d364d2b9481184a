"""`/me/memberships` and `/switch`."""

from aiohttp import web

from auth.memberships import commands, views
from auth.memberships.models import MembershipList, Switch
from auth.resources import AUTH, caller, forget
from auth.sessions.models import Tokens
from auth.sessions.routes import answer, is_browser
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Forbidden, NotFound, Unauthenticated
from chassis.identity import Identity

api = Api("auth", "auth")


@api.get("/me/memberships", summary="The schools of the signed-in person")
async def list_memberships(identity: Identity, db: Executor) -> MembershipList:
    return await views.list_memberships(db, identity)


@api.post("/switch", summary="Go to another school", errors=(NotFound, Forbidden, Unauthenticated))
async def switch_school(request: web.Request, identity: Identity, db: Executor, body: Switch) -> Reply[Tokens]:
    """The sign-in goes on there: new tokens (a browser's cookie is replaced), and the old ones are refused.
    403 `joining_code_required` for a school that the person has not joined yet."""
    signed_in = await commands.switch(db, request.app[AUTH], identity, body, caller(request))
    forget(request.app, list(signed_in.ended))
    return await answer(request, signed_in, browser=is_browser(request))
