"""`/bootstrap`."""

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.identity import Identity
from chassis.keys import CACHE
from classroom.bootstrap.keys import LAYOUTS
from classroom.bootstrap.models import Bootstrap
from classroom.bootstrap.views import read_store

api = Api("classroom", "Classroom")


@api.get("/bootstrap", summary="Everything the signed-in person's store needs", response=Bootstrap, conditional=True)
async def read_bootstrap(request: web.Request, identity: Identity, db: Executor) -> Reply[bytes | None]:
    """Answers 304 to an `If-None-Match` with the ETag of what has not changed. An admin gets a summary."""
    store = await read_store(db, request.app[CACHE], request.app[LAYOUTS], identity)
    etag = store.etag()
    known = request.headers.get(hdrs.IF_NONE_MATCH)
    # One that came back through a proxy may have lost its `W/`.
    if known is not None and etag.removeprefix("W/") in known:
        return Reply(None, {"ETag": etag}, status=304)
    return Reply(store.body(), {"ETag": etag})
