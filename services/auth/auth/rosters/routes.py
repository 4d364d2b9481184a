"""`/rosters`."""

from uuid import UUID

from aiohttp import web

from chassis import rosters
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Invalid, Malformed, TooLarge
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery
from chassis.rosters import Roster, RosterQuery

ADMIN = {Role.ADMIN}

api = Api("auth", "auth")


@api.post(
    "/rosters",
    roles=ADMIN,
    status=202,
    summary="Import the people of a OneRoster 1.2 package",
    errors=(Malformed, TooLarge, Invalid),
    form=rosters.FORM,
)
async def import_roster(request: web.Request, identity: Identity, db: Executor, query: RosterQuery) -> Reply[Roster]:
    """`multipart/form-data` with the zip as part `package`; watch the import at `Location`. Imported again, a
    package changes nothing. `quiz_categories` is accepted, for the same form is sent to classroom."""
    return await rosters.receive(request, identity, db, dry_run=query.dry_run, fields={"quiz_categories"})


@api.get("/rosters", roles=ADMIN, summary="The imports of the school")
async def list_rosters(identity: Identity, db: Executor, query: PageQuery) -> Page[Roster]:
    """Newest first."""
    return await rosters.page(db, identity, query)


@api.get("/rosters/{roster_id}", roles=ADMIN, summary="One import: progress, report, changes")
async def read_roster(identity: Identity, db: Executor, roster_id: UUID) -> Roster:
    return await rosters.read(db, identity, roster_id)
