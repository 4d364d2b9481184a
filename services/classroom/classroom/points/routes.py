"""`/me/points` and `/classrooms/{id}/leaderboard`."""

from uuid import UUID

from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity, Role
from chassis.paging import PageQuery
from classroom.access import readable
from classroom.points import views
from classroom.points.models import Leaderboard, OwnPoints

api = Api("classroom", "Classroom")


@api.get("/me/points", roles={Role.STUDENT}, summary="One's own points and badges")
async def read_own_points(identity: Identity, db: Executor, query: PageQuery) -> OwnPoints:
    """Of the classrooms one attends; entries newest first."""
    return await views.own_points(db, identity, query)


@api.get("/classrooms/{classroom_id}/leaderboard", summary="Who has how many points")
async def read_leaderboard(identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery) -> Leaderboard:
    """Its teachers see it always; all others while `leaderboard_shown`. A student sees their own place always."""
    classroom = await readable(db, identity, classroom_id)
    return await views.leaderboard(db, identity, classroom, query)
