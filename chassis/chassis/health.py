"""`/healthz` (the process runs), `/readyz` (it can do its work) and `/metrics`."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.errors import Unavailable
from chassis.keys import BUS, DB, READY_CHECKS


async def healthz(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Ready when the database and what else the service needs answer.

    Without the broker writes still succeed and wait in the outbox, so that it is only told.
    """
    needed = {"database": await _database_answers(request.app)}
    for name, check in request.app.get(READY_CHECKS, {}).items():
        needed[name] = await check()
    ready = all(needed.values())
    parts = needed | {"broker": request.app[BUS].connected}
    states = {name: "ok" if answers else "away" for name, answers in parts.items()}
    return web.json_response({"status": "ready" if ready else "unready", **states}, status=200 if ready else 503)


async def _database_answers(app: web.Application) -> bool:
    try:
        return bool(await app[DB].value("ping"))
    except Unavailable:
        return False


async def metrics(_: web.Request) -> web.Response:
    """Prometheus' text format."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES = [
    web.get("/healthz", healthz),
    web.get("/readyz", readyz),
    web.get("/metrics", metrics),
]
PATHS = frozenset(route.path for route in ROUTES)
