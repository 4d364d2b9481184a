"""From a request to its caller, and to what the caller asks for.

The token is in the header or, on a WebSocket, in the subprotocol.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import hdrs, web

from chassis.errors import Forbidden, Unauthenticated
from chassis.identity import Identity, Scope
from chassis.keys import CONFIG, IDENTITY, VERIFIER, WAITS

T = TypeVar("T")

WEBSOCKET_PROTOCOL = "homeroom.v1"
_TOKEN_PROTOCOL = "bearer."
_READING = {hdrs.METH_GET, hdrs.METH_HEAD}


async def identify(request: web.Request) -> Identity:
    """The verified caller, kept with the request; raises Unauthenticated, Forbidden for what its scope leaves out."""
    socket = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    token = _websocket_token(request) if socket else _bearer_token(request)
    identity = await request.app[VERIFIER].identify(token)
    check_identity(identity, reading=request.method in _READING and not socket)
    request[IDENTITY] = identity
    return identity


def check_identity(identity: Identity, *, reading: bool) -> None:
    """A token that only reads changes nothing, on a socket neither, whatever its role may do."""
    if identity.scope is Scope.READ and not reading:
        raise Forbidden("read_only", "This API token may only read.")


def _bearer_token(request: web.Request) -> str:
    given = request.headers.getall(hdrs.AUTHORIZATION, [])
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated()
    return token


def _websocket_token(request: web.Request) -> str:
    """Browsers cannot set a header on a WebSocket, so the token is its second subprotocol."""
    check_origin(request)
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    for protocol in map(str.strip, offered.split(",")):
        if protocol.startswith(_TOKEN_PROTOCOL):
            return protocol.removeprefix(_TOKEN_PROTOCOL)
    raise Unauthenticated()


def check_origin(request: web.Request) -> None:
    """Refuse a WebSocket that another site's page opens; a client that is no browser sends no Origin."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin not in request.app[CONFIG].origins:
        raise Forbidden("origin_refused", "This page's origin may not open a socket here.")


async def existing(request: web.Request, identity: Identity, what: str, find: Callable[[], Awaitable[T | None]]) -> T:
    """What `find` finds, now or as soon as the events of it are here; raises NotFound, TooMany."""
    return await request.app[WAITS].find(identity.account_id, what, find)
