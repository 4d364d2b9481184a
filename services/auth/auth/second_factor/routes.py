"""`/me/second-factor`, `/second-factor` (from a login) and `/accounts/{id}/second-factor`."""

from uuid import UUID

from aiohttp import hdrs, web

from auth import own_password
from auth.resources import AUTH, caller, forget
from auth.second_factor import commands
from auth.second_factor.models import (
    CodeProof,
    EnrolledTokens,
    Enrolment,
    EnrolmentConfirmation,
    EnrolmentRequest,
    FactorRemoval,
    FactorState,
    PasswordProof,
    RecoveryCodes,
)
from auth.sessions import commands as sessions
from auth.sessions.routes import answer, is_browser
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, NotFound, Unauthenticated
from chassis.identity import Identity, Role

_ONCE: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}

api = Api("auth", "auth")


@api.get("/me/second-factor", summary="Whether the person has a second factor")
async def read_second_factor(identity: Identity, db: Executor) -> FactorState:
    row = await commands.state(db, identity)
    return FactorState(
        enabled=row["confirmed"],
        required=row["required"],
        recovery_codes_left=row["recovery_codes_left"],
    )


@api.post("/me/second-factor", people_only=True, summary="Set up a second factor", errors=(Conflict, NotFound))
async def start_second_factor(
    request: web.Request, identity: Identity, db: Executor, body: PasswordProof
) -> Reply[Enrolment]:
    """Shows a secret for an authenticator app; it counts once /me/second-factor/confirm has seen a code of it.
    409 `second_factor_exists`."""
    auth = request.app[AUTH]
    me = await own_password.prove(db, auth, identity, "body.password", body.password)
    enrolment = await commands.start(db, auth, identity.account_id, me["email"], me["school_name"])
    return Reply(enrolment, headers=_ONCE)


@api.post(
    "/me/second-factor/confirm", people_only=True, summary="Confirm the second factor", errors=(Conflict, NotFound)
)
async def confirm_second_factor(
    request: web.Request, identity: Identity, db: Executor, body: CodeProof
) -> Reply[RecoveryCodes]:
    """From now on every login asks for a code; the person's other sessions end. 409 `no_enrolment`."""
    who = commands.person(identity)
    codes, ended = await commands.confirm(db, request.app[AUTH], who, body.code, caller(request))
    forget(request.app, ended)
    return Reply(RecoveryCodes(recovery_codes=codes), headers=_ONCE)


@api.post("/me/second-factor/remove", people_only=True, summary="Remove the own second factor", errors=(NotFound,))
async def remove_second_factor(request: web.Request, identity: Identity, db: Executor, body: FactorRemoval) -> None:
    """With the password and a code (or recovery code). Where the school asks for a factor, the next login asks to
    set one up."""
    await commands.remove(db, request.app[AUTH], identity, body, caller(request))


@api.delete(
    "/accounts/{account_id}/second-factor", roles={Role.ADMIN}, people_only=True, summary="Remove a second factor"
)
async def remove_second_factor_of(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> None:
    """For somebody who lost their device. 403 `not_managed` unless this school made the account."""
    await commands.remove_of(db, identity, account_id, caller(request))


@api.post(
    "/second-factor", public=True, summary="Set up a second factor to sign in", errors=(Unauthenticated, Conflict)
)
async def start_enrolment(request: web.Request, db: Executor, body: EnrolmentRequest) -> Reply[Enrolment]:
    """For whoever /login answered 403 `second_factor_enrolment_required`."""
    auth = request.app[AUTH]
    row = await commands.enrolling(db, auth, body.enrolment_token)
    enrolment = await commands.start(db, auth, row["account_id"], row["email"], row["school_name"])
    return Reply(enrolment, headers=_ONCE)


@api.post(
    "/second-factor/confirm",
    public=True,
    summary="Confirm the second factor and sign in",
    errors=(Unauthenticated, Conflict),
)
async def confirm_enrolment(request: web.Request, db: Executor, body: EnrolmentConfirmation) -> Reply[EnrolledTokens]:
    """Signs in, as /login does, and shows the recovery codes."""
    auth, who = request.app[AUTH], caller(request)
    row = await commands.enrolling(db, auth, body.enrolment_token)
    person = commands.Person(row["account_id"], row["school_id"])
    codes, ended = await commands.confirm(db, auth, person, body.code, who)
    signed_in = await sessions.opened(db, auth, {**row, "has_factor": True}, row["password_hash"], who)
    forget(request.app, ended)
    reply = await answer(request, signed_in, browser=is_browser(request))
    tokens = EnrolledTokens(**reply.body.model_dump(), recovery_codes=codes)
    return Reply(tokens, headers=reply.headers)
