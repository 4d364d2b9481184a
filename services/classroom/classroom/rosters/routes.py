"""`/rosters`."""

from uuid import UUID

from aiohttp import web

from chassis import rosters
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Invalid, Malformed, TooLarge
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery
from classroom.access import STAFF, managed
from classroom.rosters import export

api = Api("classroom", "Classroom")
ADMIN = frozenset({Role.ADMIN})


@api.post(
    "/rosters",
    roles=ADMIN,
    status=202,
    summary="Import a OneRoster 1.2 package",
    errors=(Malformed, TooLarge, Invalid),
)
async def import_roster(
    request: web.Request, identity: Identity, db: Executor, query: rosters.RosterQuery
) -> Reply[rosters.Roster]:
    """`multipart/form-data`: part `package` (the zip that auth imported before), optional part `quiz_categories`
    (sourcedIds of categories, separated by commas, whose line items become quizzes).
    """
    return await rosters.receive(request, identity, db, dry_run=query.dry_run, fields={"quiz_categories"})


@api.get("/rosters", roles=ADMIN, summary="List imports", response=Page[rosters.Roster])
async def list_rosters(identity: Identity, db: Executor, query: PageQuery) -> Page[rosters.Roster]:
    """Newest first."""
    return await rosters.page(db, identity, query)


@api.get("/rosters/{roster_id}", roles=ADMIN, summary="Read an import")
async def read_roster(identity: Identity, db: Executor, roster_id: UUID) -> rosters.Roster:
    """How far it is, what it changed, and what was wrong."""
    return await rosters.read(db, identity, roster_id)


@api.get(
    "/classrooms/{classroom_id}/oneroster.zip",
    roles=STAFF,
    summary="A classroom as a OneRoster 1.2 package",
    media_type="application/zip",
)
async def export_classroom(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID
) -> web.StreamResponse:
    """Its people, its graded assignments and their released grades; imported again, it changes nothing."""
    await managed(db, identity, classroom_id, archived=True)
    return await export.send(request, db, identity.school_id, classroom_id)
