"""`/classrooms/{id}/invitations`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor
from chassis.errors import Conflict, NotFound, TooMany
from chassis.identity import Identity
from chassis.keys import DB
from chassis.paging import Page, decode_cursor, page_of
from classroom import fragments
from classroom.access import STAFF, managed
from classroom.invitations import commands
from classroom.invitations.models import Invitation, InvitationQuery, NewInvitation
from classroom.people import commands as people
from classroom.people.guesses import count_tries

api = Api("classroom", "Classroom")
# A minute; a whole class is invited at once.
PER_ACCOUNT, PER_SCHOOL = 100, 500


@api.get("/classrooms/{classroom_id}/invitations", roles=STAFF, summary="List invitations", response=Page[Invitation])
async def list_invitations(
    identity: Identity, db: Executor, classroom_id: UUID, query: InvitationQuery
) -> Page[Invitation]:
    """By address; for the classroom's teachers and for admins."""
    await managed(db, identity, classroom_id, archived=True)
    (after,) = decode_cursor(query.cursor, str) or ("",)
    rows = await db.rows(
        "list_invitations",
        classroom_id=classroom_id,
        school_id=identity.school_id,
        status=query.status,
        after_email=after,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "email")
    return Page(items=[Invitation(**row) for row in shown], next_cursor=cursor)


# Inviting twice is inviting once, and a try is counted outside of any transaction: there is no key.
@api.post(
    "/classrooms/{classroom_id}/invitations",
    roles=STAFF,
    status=201,
    summary="Invite a student by e-mail",
    errors=(Conflict, TooMany),
)
async def invite(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewInvitation
) -> Invitation:
    """A student of the school with this address is enrolled at once. Anybody else gets a letter, again an hour later if
    invited again, and is enrolled as soon as there is such an account."""
    await managed(db, identity, classroom_id)
    limits = {f"invite:{identity.account_id}": PER_ACCOUNT, f"invite:{identity.school_id}": PER_SCHOOL}
    await count_tries(request.app[DB], limits, "too_many_invitations", "Too many were invited; wait a minute.")
    invitation_id = await _invite(request, identity, db, classroom_id, body.email)
    row = await db.row("find_invitation", id=invitation_id, classroom_id=classroom_id, school_id=identity.school_id)
    if row is None:
        raise NotFound("classroom")
    return Invitation(**row)


async def _invite(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, email: str) -> UUID:
    person = await commands.find_invited(db, identity, classroom_id, email)
    async with db.transaction() as tx:
        invitation_id = await commands.invite(tx, identity, classroom_id, email, known=person is not None)
        if person is not None:
            fragments.mark_stale(request, await people.enrol(tx, identity, classroom_id, person))
    return invitation_id


@api.delete(
    "/classrooms/{classroom_id}/invitations/{invitation_id}",
    roles=STAFF,
    summary="Withdraw an invitation",
    errors=(Conflict,),
)
async def withdraw(identity: Identity, db: Executor, classroom_id: UUID, invitation_id: UUID) -> None:
    """Who follows the letter then comes into the school's Homeroom only if somebody else has invited them too."""
    await managed(db, identity, classroom_id, archived=True)
    await commands.withdraw(db, identity, classroom_id, invitation_id)
