"""`/classrooms/{id}/at-risk`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import PageQuery
from grading.access import ERRORS, STAFF, staff_classroom
from grading.attention import views
from grading.attention.models import AtRisk

api = Api("grading", "Grading")


@api.get("/classrooms/{classroom_id}/at-risk", summary="A classroom's students at risk", roles=STAFF, errors=ERRORS)
async def list_at_risk(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery
) -> AtRisk:
    """With the reasons and the rules behind them."""
    return await views.at_risk(db, await staff_classroom(request, identity, db, classroom_id), query)
