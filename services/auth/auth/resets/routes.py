"""`/password-resets`."""

from aiohttp import hdrs, web

from auth.resets import commands
from auth.resets.models import MailToken, NewPasswordChoice, ResetRequest
from auth.resources import AUTH, caller, forget
from auth.sessions.devices import device_cookie
from auth.sessions.routes import is_browser
from auth.throttle import reset_limits, token_limits
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import NotFound

api = Api("auth", "auth")


@api.post("/password-resets", public=True, summary="Ask for a letter to choose a new password")
async def request_password_reset(request: web.Request, db: Executor, body: ResetRequest) -> None:
    """Always 204, after the same time: the letter comes if the address has an account."""
    who = caller(request)
    await request.app[AUTH].throttle.count(reset_limits(body.email, who.ip))
    await commands.request_reset(db, body.email, who)


@api.post("/password-resets/{token}", public=True, summary="Choose a new password", errors=(NotFound,))
async def use_password_reset(
    request: web.Request, db: Executor, token: MailToken, body: NewPasswordChoice
) -> Reply[None]:
    """Signs the person out everywhere; their browser may sign in whatever strangers have tried. 404 for a token that
    is unknown, used or expired."""
    auth, who = request.app[AUTH], caller(request)
    async with auth.throttle.attempt(token_limits("reset-token", token, who.ip)):
        email, ended = await commands.use_reset(db, auth, token, body.password, who)
    forget(request.app, ended)
    headers: dict[str, str] = {hdrs.SET_COOKIE: device_cookie(request, email)} if is_browser(request) else {}
    return Reply(None, headers=headers, status=204)
