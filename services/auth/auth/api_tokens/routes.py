"""`/api-tokens` and `/token`."""

from uuid import UUID

from aiohttp import hdrs, web

from auth.api_tokens import commands
from auth.api_tokens.models import AccessToken, ApiTokenList, CreatedApiToken, Exchange, NewApiToken
from auth.resources import AUTH, caller, forget
from auth.throttle import token_limits
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Unauthenticated
from chassis.identity import Identity, Role

ADMIN = {Role.ADMIN}
_ONCE: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}

api = Api("auth", "auth")


@api.get("/api-tokens", roles=ADMIN, people_only=True, summary="The school's API tokens")
async def list_api_tokens(identity: Identity, db: Executor) -> ApiTokenList:
    return await commands.page(db, identity)


@api.post("/api-tokens", roles=ADMIN, people_only=True, status=201, summary="Create an API token", errors=(Conflict,))
async def create_api_token(
    request: web.Request, identity: Identity, db: Executor, body: NewApiToken
) -> Reply[CreatedApiToken]:
    """For a program, which acts as an account of its own with the given role. Shown this once."""
    created = await commands.create(db, identity, body, caller(request))
    location: dict[str, str] = {hdrs.LOCATION: f"{request.path}/{created.api_token.id}"}
    return Reply(created, headers={**_ONCE, **location})


@api.delete("/api-tokens/{token_id}", roles=ADMIN, people_only=True, summary="Revoke an API token")
async def revoke_api_token(request: web.Request, identity: Identity, db: Executor, token_id: UUID) -> None:
    """Its access tokens are refused everywhere within 5 seconds."""
    forget(request.app, await commands.revoke(db, identity, token_id, caller(request)))


@api.post("/token", public=True, summary="An access token for a program", errors=(Unauthenticated,))
async def exchange_api_token(request: web.Request, db: Executor, body: Exchange) -> Reply[AccessToken]:
    """Exchange an API token (`hr_…`) for an access token of ten minutes. 401 `api_token_invalid`."""
    auth, who = request.app[AUTH], caller(request)
    async with auth.throttle.attempt(token_limits("api-token", body.token, who.ip)[1:]):
        token = await commands.exchange(db, auth, body.token, who)
    return Reply(token, headers=_ONCE)
