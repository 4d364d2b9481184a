"""Making, showing, using and revoking API tokens."""

import secrets
from dataclasses import replace
from uuid import UUID

from auth.api_tokens.models import AccessToken, ApiToken, ApiTokenList, CreatedApiToken, NewApiToken
from auth.domain import token_hash
from auth.resources import Auth, Caller, actor
from auth.sessions.commands import identity_of
from chassis.db import Executor
from chassis.errors import Conflict, NotFound, Unauthenticated
from chassis.identity import Identity, Scope

# What scanners for leaked secrets look for.
PREFIX = "hr_"
_HINT = 4


async def create(db: Executor, identity: Identity, new: NewApiToken, caller: Caller) -> CreatedApiToken:
    """Raises Conflict when the school has too many."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = await db.row(
        "create_api_token",
        name=new.name,
        role=new.role,
        scope=new.scope,
        days=new.expires_in_days,
        hash=token_hash(token),
        hint=token[-_HINT:],
        **actor(identity, caller),
    )
    if row is None:
        raise Conflict("too_many_tokens", "A hundred API tokens are enough: revoke those that nobody uses.")
    return CreatedApiToken(api_token=ApiToken(**row), token=token)


async def page(db: Executor, identity: Identity) -> ApiTokenList:
    """All of the school's."""
    rows = await db.rows("list_api_tokens", school_id=identity.school_id)
    return ApiTokenList(items=[ApiToken(**row) for row in rows])


async def revoke(db: Executor, identity: Identity, token_id: UUID, caller: Caller) -> list[UUID]:
    """The sessions that ended; raises NotFound."""
    row = await db.row("revoke_api_token", token_id=token_id, **actor(identity, caller))
    if row is None:
        raise NotFound("API token")
    return list(row["ids"])


async def exchange(db: Executor, auth: Auth, token: str, caller: Caller) -> AccessToken:
    """An access token that lives no longer than the API token; raises Unauthenticated."""
    row = await db.row("exchange_api_token", hash=token_hash(token), ip=caller.ip)
    if row is None:
        raise Unauthenticated("api_token_invalid", "This API token is unknown, has expired or was revoked.")
    whole = identity_of(auth, row)
    until = min(whole.expires_at, int(row["expires_at"].timestamp()))
    identity = replace(whole, expires_at=until, scope=Scope(row["scope"]))
    left = max(0, auth.config.token_seconds - (whole.expires_at - until))
    return AccessToken(access_token=await auth.keys.access_token(identity), expires_in=left, scope=row["scope"])
