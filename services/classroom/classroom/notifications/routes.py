"""`/notifications`."""

from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import PageQuery
from classroom.notifications import views
from classroom.notifications.models import Notifications, Seen

api = Api("classroom", "Classroom")


@api.get("/notifications", summary="What one should know of")
async def list_notifications(identity: Identity, db: Executor, query: PageQuery) -> Notifications:
    """What is due within two days, was graded, said, announced or opened in one's classrooms, in the last 30 days."""
    return await views.list_notifications(db, identity, query)


@api.post("/notifications/seen", summary="See everything until a moment")
async def see_notifications(identity: Identity, db: Executor, body: Seen) -> None:
    """A moment to come means now; an earlier one than was said before changes nothing."""
    who = {"school_id": identity.school_id, "account_id": identity.account_id}
    await db.execute("see_notifications", until=body.until, **who)
