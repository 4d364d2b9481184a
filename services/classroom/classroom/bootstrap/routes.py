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


@api.get("/bootstrap", summary="Everything the signed-in person's store needs", response=Bootstrap, conditional=True)
async def read_bootstrap(request: web.Request, identity: Identity, db: Executor) -> Reply[bytes | None]:
    """Answers 304 to an `If-None-Match` with the ETag of what has not changed. An admin gets a summary."""
    body = await views.bootstrap(db, request.app[CACHE], identity)
    digest = blake2b(body, digest_size=16).hexdigest()
    headers: dict[str, str] = {hdrs.ETAG: f'"{digest}"'}
    if any(known.value == digest for known in request.if_none_match or ()):
        return Reply(None, headers, status=304)
    return Reply(body, headers)
