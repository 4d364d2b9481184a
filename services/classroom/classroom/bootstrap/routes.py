"""`/bootstrap`."""

from hashlib import blake2b

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.identity import Identity
from chassis.keys import CACHE
from classroom.bootstrap import views
from classroom.bootstrap.models import Bootstrap

api = Api("classroom", "Classroom")


@api.get("/bootstrap", summary="Everything the signed-in person's store needs", response=Bootstrap)
async def read_bootstrap(request: web.Request, identity: Identity, db: Executor) -> Reply[bytes | None]:
    """Answers 304 to an `If-None-Match` with the ETag of what has not changed. An admin gets a summary."""
    body = await views.bootstrap(db, request.app[CACHE], identity)
    tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
        return Reply(None, {hdrs.ETAG: tag}, status=304)
    return Reply(body, {hdrs.ETAG: tag})
