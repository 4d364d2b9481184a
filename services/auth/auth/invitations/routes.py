"""`/invitations`."""

from uuid import UUID

from aiohttp import hdrs, web

from auth.invitations import commands, views
from auth.invitations.models import Acceptance, Accepted, Invitation, InvitationCounts, InvitationPreview, NewInvitation
from auth.resets.models import MailToken
from auth.resources import AUTH, caller, refuse_program
from auth.throttle import acceptance_limits, token_limits
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, NotFound, Unauthenticated
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery

ADMIN = {Role.ADMIN}

api = Api("auth", "auth")


@api.get("/invitations", roles=ADMIN, summary="The invitations of the school")
async def list_invitations(identity: Identity, db: Executor, query: PageQuery) -> Page[Invitation]:
    """Newest first."""
    return await views.page_invitations(db, identity, query)


@api.get("/invitations/counts", roles=ADMIN, summary="How many invitations there are")
async def count_invitations(identity: Identity, db: Executor) -> InvitationCounts:
    """By what became of them."""
    return await views.count_invitations(db, identity)


@api.post("/invitations", roles=ADMIN, status=201, summary="Invite somebody by mail", errors=(Conflict,))
async def create_invitation(request: web.Request, identity: Identity, db: Executor, body: NewInvitation) -> Invitation:
    """The answer is the same whether or not the address has an account elsewhere. Takes the place of an invitation
    that waits for the same address. 409 `already_member`; 429 `too_many_tries` after five letters an hour."""
    refuse_program(identity, body.role)
    return await commands.invite(db, request.app[AUTH], identity, body, caller(request))


@api.post("/invitations/{invitation_id}/resend", roles=ADMIN, summary="Send an invitation again", errors=(Conflict,))
async def resend_invitation(request: web.Request, identity: Identity, db: Executor, invitation_id: UUID) -> Invitation:
    """With another token and its full time again. 409 `invitation_over`; 429 `too_many_tries`."""
    return await commands.resend(db, request.app[AUTH], identity, invitation_id, caller(request))


@api.delete("/invitations/{invitation_id}", roles=ADMIN, summary="Revoke an invitation", errors=(Conflict,))
async def revoke_invitation(request: web.Request, identity: Identity, db: Executor, invitation_id: UUID) -> None:
    """409 `invitation_over`."""
    await commands.revoke(db, identity, invitation_id, caller(request))


@api.post("/invitations/{token}/preview", public=True, summary="What an invitation is for", errors=(NotFound,))
async def preview_invitation(request: web.Request, db: Executor, token: MailToken) -> Reply[InvitationPreview]:
    """For the page that the letter leads to. 404 for a token that is unknown, used or expired."""
    who = caller(request)
    async with request.app[AUTH].throttle.attempt(token_limits("invitation-token", token, who.ip)):
        found = await commands.preview(db, token)
    return Reply(found, headers={hdrs.CACHE_CONTROL: "no-store"})


@api.post(
    "/invitations/{token}/accept",
    public=True,
    summary="Accept an invitation",
    errors=(NotFound, Unauthenticated),
)
async def accept_invitation(request: web.Request, db: Executor, token: MailToken, body: Acceptance) -> Accepted:
    """Makes an account with this password, or adds the school to the account there is, whose password it must be.
    Then sign in with `school_id`. 404 for a token that is unknown, used or expired."""
    auth, who = request.app[AUTH], caller(request)
    async with auth.throttle.attempt(token_limits("invitation-token", token, who.ip)):
        found = await commands.find(db, token)
    async with auth.throttle.attempt(acceptance_limits(found["email"], who.ip)):
        return await commands.accept(db, auth, token, body, who)
