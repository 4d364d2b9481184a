"""Who gets to a lecture. A foreign id, an unknown one and one that is not the caller's answer alike."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.db import Executor, Row
from chassis.errors import NotFound, TooMany
from chassis.identity import Identity, Role
from lecture_chat import views

MEMBERS = frozenset({Role.TEACHER, Role.STUDENT})
TEACHERS = frozenset({Role.TEACHER})
ERRORS = (NotFound, TooMany)


async def find_lecture(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, *, teaching: bool = False
) -> Row:
    """A live lecture of the caller's, waited for while its events may be on their way. Raises NotFound, TooMany."""
    return await existing(
        request, identity, "lecture", lambda: views.find_lecture(db, identity, lecture_id, teaching=teaching)
    )
