"""`/schools`, `/login`, `/refresh`, `/logout`, `/me` and the published keys."""

from typing import TypeVar
from uuid import UUID

from aiohttp import hdrs, web
from multidict import CIMultiDict

from auth.accounts import commands as accounts
from auth.password_rules import PASSWORD_MAX_LENGTH
from auth.resources import AUTH, caller, forget
from auth.sessions import commands, views
from auth.sessions.devices import device_cookie, known_device
from auth.sessions.models import (
    Login,
    Me,
    MeChange,
    NewSchool,
    PasswordChange,
    PasswordRule,
    PublishedKeys,
    RefreshRequest,
    SessionList,
    Tokens,
)
from auth.throttle import login_limits, token_limits
from chassis.access import check_origin
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Unauthenticated
from chassis.identity import Identity

COOKIE = "homeroom_refresh"
_COOKIE_PATH = "/api/auth"
_BROWSER_HEADERS = (hdrs.ORIGIN, "Sec-Fetch-Site")

T = TypeVar("T", bound=Tokens | None)

api = Api("auth", "auth")


@api.post("/schools", public=True, status=201, summary="Register a school with its first admin", errors=(Conflict,))
async def register_school(request: web.Request, db: Executor, body: NewSchool) -> Reply[Tokens]:
    """Signs the admin in, as /login does. 409 `email_taken` when the address has an account."""
    signed_in = await commands.register_school(db, request.app[AUTH], body, caller(request))
    return await answer(request, signed_in, browser=is_browser(request), status=201)


@api.post("/login", public=True, summary="Sign in", errors=(Unauthenticated, Forbidden))
async def login(request: web.Request, db: Executor, body: Login) -> Reply[Tokens]:
    """A browser (a request with `Origin` or `Sec-Fetch-Site`) gets the refresh token as an HttpOnly cookie,
    any other client in the answer. 403 `password_change_required`: send `new_password` along.
    403 `second_factor_required`: send `code`; 403 `second_factor_enrolment_required`: see /second-factor.
    401 `second_factor_invalid`: wrong or used; 429 `too_many_codes`."""
    auth, who, browser = request.app[AUTH], caller(request), is_browser(request)
    async with auth.throttle.attempt(login_limits(body.email, who.ip, known_device(request, body.email))):
        signed_in = await commands.login(db, auth, body, who)
    forget(request.app, list(signed_in.ended))
    reply = await answer(request, signed_in, browser=browser)
    return with_cookie(reply, device_cookie(request, body.email)) if browser else reply


@api.post("/refresh", public=True, summary="A new access token", errors=(Unauthenticated, Forbidden))
async def refresh(request: web.Request, db: Executor, body: RefreshRequest | None) -> Reply[Tokens]:
    """With `refresh_token` in the body the successor is in the answer; without, the cookie is renewed.
    A token that was already used gives the same successor for 10 seconds; later it ends the sign-in."""
    token, browser = _presented(request, body)
    if token is None:
        raise Unauthenticated("refresh_missing", "No refresh token was sent. Sign in.")
    auth, who = request.app[AUTH], caller(request)
    await auth.throttle.count(token_limits("refresh", token, who.ip)[:1])
    try:
        async with auth.throttle.attempt(token_limits("refresh", token, who.ip)[1:]):
            signed_in = await commands.refresh(db, auth, token, who)
    except commands.RefreshReused as error:
        forget(request.app, error.ended)
        raise
    return await answer(request, signed_in, browser=browser)


@api.post("/logout", public=True, summary="Sign out", errors=(Forbidden,))
async def logout(request: web.Request, db: Executor, body: RefreshRequest | None) -> Reply[None]:
    """Ends the session of the refresh token (body or cookie). Signing out twice is fine."""
    token, _ = _presented(request, body)
    if token is not None:
        forget(request.app, await commands.logout(db, token, caller(request)))
    return Reply(None, headers={hdrs.SET_COOKIE: refresh_cookie("", 0)}, status=204)


@api.get("/password-rule", public=True, summary="What a new password must be")
async def read_password_rule(request: web.Request) -> PasswordRule:
    """Besides its length: none that many people use, and not little more than the address or the school's name."""
    return PasswordRule(min_length=request.app[AUTH].config.password_min_length, max_length=PASSWORD_MAX_LENGTH)


@api.get("/.well-known/jwks.json", public=True, summary="The keys that sign access tokens")
async def read_jwks(request: web.Request) -> Reply[PublishedKeys]:
    """A JSON Web Key Set; a key is here at least 15 minutes before it signs."""
    keys = PublishedKeys(**await request.app[AUTH].keys.jwks())
    return Reply(keys, headers={hdrs.CACHE_CONTROL: "public, max-age=60"})


@api.get("/me", summary="The signed-in person", errors=(NotFound,))
async def read_me(identity: Identity, db: Executor) -> Reply[Me]:
    return _me(*await views.read_me(db, identity))


@api.patch("/me", summary="Change the own name", errors=(NotFound, PreconditionFailed))
async def change_me(request: web.Request, identity: Identity, db: Executor, body: MeChange) -> Reply[Me]:
    await accounts.rename(db, identity, body.name, request.headers.get(hdrs.IF_MATCH), caller(request))
    return _me(*await views.read_me(db, identity))


@api.post("/me/password", summary="Change the own password", errors=(NotFound,))
async def change_password(request: web.Request, identity: Identity, db: Executor, body: PasswordChange) -> None:
    """Ends every other session of the person."""
    ended = await commands.change_password(db, request.app[AUTH], identity, body, caller(request))
    forget(request.app, ended)


@api.get("/me/sessions", summary="Where the person is signed in")
async def list_sessions(identity: Identity, db: Executor) -> SessionList:
    return await views.list_sessions(db, identity)


@api.delete("/me/sessions/{session_id}", summary="Sign out elsewhere")
async def end_session(request: web.Request, identity: Identity, db: Executor, session_id: UUID) -> None:
    forget(request.app, await commands.end_own_session(db, identity, session_id, caller(request)))


@api.delete("/me/sessions", summary="Sign out everywhere")
async def end_sessions(request: web.Request, identity: Identity, db: Executor) -> Reply[None]:
    """Here as well, in every school."""
    forget(request.app, await commands.end_own_sessions(db, identity, caller(request)))
    return Reply(None, headers={hdrs.SET_COOKIE: refresh_cookie("", 0)}, status=204)


def _me(me: Me, version: int) -> Reply[Me]:
    return Reply(me, headers={hdrs.ETAG: f'"{version}"'})


def is_browser(request: web.Request) -> bool:
    """Browsers alone name an origin or a fetch site."""
    return any(name in request.headers for name in _BROWSER_HEADERS)


def _presented(request: web.Request, body: RefreshRequest | None) -> tuple[str | None, bool]:
    """The refresh token, and whether it is a browser's. A cookie counts only on our own pages' requests."""
    if body is not None and body.refresh_token is not None:
        return body.refresh_token, False
    token = request.cookies.get(COOKIE)
    if token is not None:
        check_origin(request)
    return (token if token and token.isascii() else None), True


async def answer(
    request: web.Request, signed_in: commands.SignedIn, *, browser: bool, status: int = 200
) -> Reply[Tokens]:
    """What whoever signed in gets: a browser its refresh token as a cookie, others in the body."""
    auth = request.app[AUTH]
    headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}
    if browser:
        headers[hdrs.SET_COOKIE] = refresh_cookie(signed_in.refresh_token, auth.config.session_days * 86_400)
    tokens = Tokens(
        access_token=await auth.keys.access_token(signed_in.identity),
        expires_in=auth.config.token_seconds,
        refresh_token=None if browser else signed_in.refresh_token,
    )
    return Reply(tokens, headers=headers, status=status)


def with_cookie(reply: Reply[T], cookie: str) -> Reply[T]:
    """The same answer with one more cookie."""
    headers = CIMultiDict(reply.headers)
    headers.add(hdrs.SET_COOKIE, cookie)
    return Reply(reply.body, headers=headers, status=reply.status)


def refresh_cookie(value: str, seconds: int) -> str:
    """What a browser keeps; `seconds` 0 takes it away."""
    return f"{COOKIE}={value}; Max-Age={seconds}; Path={_COOKIE_PATH}; HttpOnly; Secure; SameSite=Strict"
