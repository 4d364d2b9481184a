"""`/password-resets`."""

from aiohttp import web

from auth.resets import commands
from auth.resets.models import MailToken, NewPasswordChoice, ResetRequest
from auth.resources import AUTH, caller, forget
from auth.throttle import reset_limits, token_limits
from chassis.api import Api
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
async def use_password_reset(request: web.Request, db: Executor, token: MailToken, body: NewPasswordChoice) -> None:
    """Signs the person out everywhere. 404 for a token that is unknown, used or expired."""
    auth, who = request.app[AUTH], caller(request)
    async with auth.throttle.attempt(token_limits("reset-token", token, who.ip)):
        forget(request.app, await commands.use_reset(db, auth, token, body.password, who))
