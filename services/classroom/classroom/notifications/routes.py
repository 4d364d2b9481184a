"""`/notifications`."""

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import PageQuery
from classroom import fragments
from classroom.notifications import commands, views
from classroom.notifications.models import Notifications, Seen

api = Api("classroom", "Classroom")


@api.get("/notifications", summary="What one should know of")
async def list_notifications(identity: Identity, db: Executor, query: PageQuery) -> Notifications:
    """What is due within two days, was graded, returned, said, announced or opened in one's classrooms, in the last 30
    days."""
    return await views.list_notifications(db, identity, query)


@api.post("/notifications/seen", summary="See everything until a moment")
async def see_notifications(request: web.Request, identity: Identity, db: Executor, body: Seen) -> None:
    """A moment to come means now; an earlier one than was said before changes nothing."""
    stale = fragments.mark_stale(request, [fragments.person_key(identity.school_id, identity.account_id)])
    await commands.see(db, identity, body, stale)
