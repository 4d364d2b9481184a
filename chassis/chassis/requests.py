"""What every request passes: it is admitted, named and timed, and what goes wrong with it becomes a problem document.

One middleware, since each costs every request a coroutine. A process that takes more than it can do answers everything
too late; one that tells the rest to come again, at once and cheaply, keeps doing what it can.
"""

import time
from collections.abc import Awaitable, Callable
from functools import lru_cache

from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import Counter, Histogram

from chassis import trace
from chassis.errors import Busy
from chassis.health import PATHS
from chassis.problems import problem_of, render

REFUSED = Counter("homeroom_requests_refused_total", "Requests refused because too many were in hand")
SECONDS = Histogram(
    "homeroom_request_seconds",
    "Time of one request",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def in_hand(most: int) -> Middleware:
    """The outermost middleware; answers Busy while `most` requests are in hand, but health is always told."""
    count = 0

    @web.middleware
    async def take(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        nonlocal count
        trace.begin(request.headers.get("X-Request-Id"))
        if count >= most and request.path not in PATHS:
            REFUSED.inc()
            return render(Busy())
        started = time.perf_counter()
        count += 1
        try:
            response = await handler(request)
        except Exception as error:  # noqa: BLE001 - told and logged by problem_of
            response = problem_of(request, error)
        finally:
            count -= 1
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unknown"
        _seconds(request.method, route, response.status).observe(time.perf_counter() - started)
        return response

    return take


@lru_cache(maxsize=1000)
def _seconds(method: str, route: str, status: int) -> Histogram:
    """The histogram of these labels; the library looks for it under a lock each time."""
    return SECONDS.labels(method, route, status)
