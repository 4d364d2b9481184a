"""The cookie of a browser in which somebody has signed in with a password: strangers' tries do not lock it out."""

import secrets

from aiohttp import web

from auth.resources import AUTH
from auth.tickets import BadTicket

COOKIE = "homeroom_device"
_SECONDS = 365 * 86_400
_PURPOSE = "device"


def known_device(request: web.Request, email: str) -> str | None:
    """Which device of this person's it is; None for one where they have not signed in last."""
    try:
        owner, device = request.app[AUTH].tickets.read(_PURPOSE, request.cookies.get(COOKIE, ""))
    except BadTicket:
        return None
    return str(device) if owner == _owner(email) else None


def device_cookie(request: web.Request, email: str) -> str:
    """A Set-Cookie header for a browser after a login."""
    ticket = request.app[AUTH].tickets.issue(_PURPOSE, [_owner(email), secrets.token_hex(8)], _SECONDS)
    return f"{COOKIE}={ticket}; Max-Age={_SECONDS}; Path=/api/auth/login; HttpOnly; Secure; SameSite=Strict"


def _owner(email: str) -> str:
    return email.strip().lower()
