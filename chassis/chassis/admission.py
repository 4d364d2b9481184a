"""How many requests a process has in hand at once; what comes beyond is told to come again, at once and cheaply.

A process that takes more than it can do answers everything too late. One that refuses the rest keeps doing what it can.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import Counter

from chassis import trace
from chassis.errors import Busy
from chassis.health import PATHS
from chassis.problems import render

REFUSED = Counter("homeroom_requests_refused_total", "Requests refused because too many were in hand")


def admission(most: int) -> Middleware:
    """A middleware, the outermost, that answers Busy while `most` requests are in hand; health is always told."""
    in_hand = 0

    @web.middleware
    async def admit(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        nonlocal in_hand
        if in_hand >= most and request.path not in PATHS:
            REFUSED.inc()
            trace.begin(request.headers.get("X-Request-Id"))
            return render(Busy())
        in_hand += 1
        try:
            return await handler(request)
        finally:
            in_hand -= 1

    return admit
