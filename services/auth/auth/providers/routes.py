"""`/providers`, `/schools/{id}/sign-in` and `/oidc/{id}/…`."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import astuple
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import hdrs, web

from auth.config import Config
from auth.providers import commands, network
from auth.providers.commands import Journey, Providers
from auth.providers.models import (
    CallbackQuery,
    NewProvider,
    Provider,
    ProviderChange,
    ProviderList,
    SignInOption,
    SignInOptions,
    StartQuery,
)
from auth.providers.openid import OpenId
from auth.resources import AUTH, caller, forget
from auth.sealing import Sealer
from auth.sessions.routes import refresh_cookie
from auth.tickets import BadTicket
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, NotFound
from chassis.identity import Identity, Role
from chassis.keys import CONFIG
from chassis.logging import get_logger

log = get_logger(__name__)

ADMIN = {Role.ADMIN}
PROVIDERS = web.AppKey("providers", Providers)
COOKIE = "homeroom_oidc"
_JOURNEY = "oidc journey"
_JOURNEY_SECONDS = 600
_SIGN_IN_PAGE = "/sign-in"

api = Api("auth", "auth")


async def acquire(app: web.Application) -> AsyncIterator[None]:
    """The way out to providers."""
    config = app[CONFIG]
    assert isinstance(config, Config)
    sealer = Sealer(config.signing_key_secret.get_secret_value(), "providers")
    async with network.opened(private=config.oidc_private_providers) as outside:
        app[PROVIDERS] = Providers(OpenId(outside), sealer, config.public_url)
        yield


@api.get("/providers", roles=ADMIN, people_only=True, summary="The school's sign-in providers")
async def list_providers(request: web.Request, identity: Identity, db: Executor) -> ProviderList:
    rows = await db.rows("list_providers", school_id=identity.school_id)
    return ProviderList(items=[request.app[PROVIDERS].shown(row) for row in rows])


@api.post("/providers", roles=ADMIN, people_only=True, status=201, summary="Add a sign-in provider", errors=(Conflict,))
async def create_provider(request: web.Request, identity: Identity, db: Executor, body: NewProvider) -> Reply[Provider]:
    """Any OpenID Connect provider by its issuer; register the `redirect_uri` of the answer with it. The secret is
    never shown again. 422 `issuer_unusable`, 409 `too_many_providers`."""
    provider = await commands.create(db, request.app[PROVIDERS], identity, body, caller(request))
    return Reply(provider, headers={hdrs.LOCATION: f"{request.path}/{provider.id}"})


@api.patch("/providers/{provider_id}", roles=ADMIN, people_only=True, summary="Change a sign-in provider")
async def change_provider(
    request: web.Request, identity: Identity, db: Executor, provider_id: UUID, body: ProviderChange
) -> Provider:
    return await commands.change(db, request.app[PROVIDERS], identity, provider_id, body, caller(request))


@api.delete("/providers/{provider_id}", roles=ADMIN, people_only=True, summary="Remove a sign-in provider")
async def delete_provider(request: web.Request, identity: Identity, db: Executor, provider_id: UUID) -> None:
    """Ends the sessions that were opened by it."""
    forget(request.app, await commands.delete(db, identity, provider_id, caller(request)))


@api.delete(
    "/accounts/{account_id}/identities", roles=ADMIN, people_only=True, summary="Unlink somebody from the providers"
)
async def unlink_identities(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> None:
    """For somebody whom the provider gave a new account. Ends the sessions that providers opened for the person."""
    forget(request.app, await commands.unlink(db, identity, account_id, caller(request)))


@api.get("/schools/{school_id}/sign-in", public=True, summary="How people of a school may sign in")
async def read_sign_in_options(db: Executor, school_id: UUID) -> SignInOptions:
    rows = await db.rows("list_sign_in_options", school_id=school_id)
    if not rows:
        raise NotFound("school")
    return SignInOptions(providers=[SignInOption(**row) for row in rows if row["id"] is not None])


@api.get("/oidc/{provider_id}/start", public=True, status=303, summary="Go to a provider to sign in")
async def start_oidc(request: web.Request, db: Executor, provider_id: UUID, query: StartQuery) -> web.Response:
    """For a browser. Comes back to /oidc/{provider_id}/callback within ten minutes."""
    row = await commands.find(db, provider_id)
    try:
        target, journey = await commands.departure(request.app[PROVIDERS], row, query.return_to)
    except network.Refused as error:
        return _failed("provider_unavailable", provider_id, str(error))
    ticket = request.app[AUTH].tickets.issue(_JOURNEY, list(astuple(journey)), _JOURNEY_SECONDS)
    return _redirect(target, _cookie(ticket, _JOURNEY_SECONDS))


@api.get("/oidc/{provider_id}/callback", public=True, status=303, summary="Back from a provider")
async def finish_oidc(request: web.Request, db: Executor, provider_id: UUID, query: CallbackQuery) -> web.Response:
    """Sets the refresh cookie and goes on to the web app, or to its sign-in page with `error`:
    `sign_in_expired`, `sign_in_refused`, `no_account`."""
    row, auth = await commands.find(db, provider_id), request.app[AUTH]
    journey = _journey(request, provider_id, query.state)
    if journey is None:
        return _failed("sign_in_expired", provider_id, "no journey of this browser")
    if query.code is None:
        return _failed("sign_in_refused", provider_id, query.error or "no code")
    try:
        signed_in = await commands.arrival(
            db, auth, request.app[PROVIDERS], row, journey, query.code, query.iss, caller(request)
        )
    except network.Refused as error:
        return _failed("sign_in_refused", provider_id, str(error))
    if signed_in is None:
        return _failed("no_account", provider_id, "nobody of this school")
    session = refresh_cookie(signed_in.refresh_token, auth.config.session_days * 86_400)
    return _redirect(journey.return_to, _cookie("", 0), session)


def _journey(request: web.Request, provider_id: UUID, state: str | None) -> Journey | None:
    """What this browser set out with, to this very provider, with this very state."""
    try:
        journey = Journey(*request.app[AUTH].tickets.read(_JOURNEY, request.cookies.get(COOKIE, "")))
    except BadTicket:
        return None
    same = hmac.compare_digest((state or "").encode(), journey.state.encode())
    return journey if same and journey.provider_id == str(provider_id) else None


def _failed(code: str, provider_id: UUID, reason: str) -> web.Response:
    log.warning("oidc_sign_in_failed", code=code, provider_id=str(provider_id), reason=reason)
    return _redirect(f"{_SIGN_IN_PAGE}?{urlencode({'error': code})}", _cookie("", 0))


def _redirect(target: str, *cookies: str) -> web.Response:
    response = web.Response(status=303, headers={hdrs.LOCATION: target, hdrs.CACHE_CONTROL: "no-store"})
    for cookie in cookies:
        response.headers.add(hdrs.SET_COOKIE, cookie)
    return response


def _cookie(value: str, seconds: int) -> str:
    # Lax: the way back begins at the provider's site.
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/api/auth/oidc; HttpOnly; Secure; SameSite=Lax"
