"""From a request to its caller: the token in the header or, on a WebSocket, in the subprotocol."""

from aiohttp import hdrs, web

from chassis.errors import Forbidden, Unauthenticated
from chassis.identity import Identity
from chassis.keys import CONFIG, IDENTITY, VERIFIER

WEBSOCKET_PROTOCOL = "homeroom.v1"
_TOKEN_PROTOCOL = "bearer."


async def identify(request: web.Request) -> Identity:
    """The verified caller, found once a request; raises Unauthenticated."""
    if IDENTITY not in request:
        request[IDENTITY] = await request.app[VERIFIER].identify(_token(request))
    return request[IDENTITY]


def _token(request: web.Request) -> str:
    if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
        return _websocket_token(request)
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
