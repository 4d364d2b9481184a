"""`/accounts` and `/school`."""

from uuid import UUID

from aiohttp import hdrs, web

from auth.accounts import commands, views
from auth.accounts.models import (
    Account,
    AccountChange,
    AccountQuery,
    CreatedAccount,
    JoiningCode,
    NewAccount,
    School,
    SchoolChange,
    Status,
    TemporaryPassword,
)
from auth.resources import AUTH, caller, forget, refuse_program
from chassis.api import Api, Reply
from chassis.db import Executor, Row
from chassis.errors import Conflict, Forbidden, Invalid, PreconditionFailed
from chassis.identity import Identity, Role
from chassis.paging import Page

ADMIN = {Role.ADMIN}

api = Api("auth", "auth")


@api.get("/accounts", roles=ADMIN, summary="The accounts of the school")
async def list_accounts(identity: Identity, db: Executor, query: AccountQuery) -> Page[Account]:
    """In order of their names."""
    return await views.page_accounts(db, identity, query)


@api.post("/accounts", roles=ADMIN, status=201, summary="Create an account", errors=(Conflict,))
async def create_account(
    request: web.Request, identity: Identity, db: Executor, body: NewAccount
) -> Reply[CreatedAccount]:
    """With a temporary password, shown this once. Whoever has an account in another school keeps its password and
    signs in here once with the `joining_code`, for anybody may have registered the address. 409 `already_member`.
    The answer holds a secret, so no Idempotency-Key keeps it."""
    refuse_program(identity, body.role)
    created = await commands.create_account(db, request.app[AUTH].passwords, identity, body, caller(request))
    headers = {"Location": f"{request.path}/{created.account.id}", **_etag(created.account)}
    return Reply(created, headers={**headers, hdrs.CACHE_CONTROL: "no-store"})


@api.get("/accounts/{account_id}", roles=ADMIN, summary="One account")
async def read_account(identity: Identity, db: Executor, account_id: UUID) -> Reply[Account]:
    account = await views.read_account(db, identity, account_id)
    return Reply(account, headers=_etag(account))


@api.patch(
    "/accounts/{account_id}",
    roles=ADMIN,
    summary="Change name, role or status",
    errors=(Conflict, PreconditionFailed),
)
async def change_account(
    request: web.Request, identity: Identity, db: Executor, account_id: UUID, body: AccountChange
) -> Reply[Account]:
    """With `If-Match`, only the version that was read. A change of role or a deactivation ends the person's
    sessions in the school. 409 `last_admin`."""
    refuse_program(identity, body.role)
    if body.status is Status.ACTIVE and body.role is None:
        refuse_program(identity, (await views.read_account(db, identity, account_id)).role)
    ended = await commands.change_account(
        db, identity, account_id, body, request.headers.get(hdrs.IF_MATCH), caller(request)
    )
    forget(request.app, ended)
    account = await views.read_account(db, identity, account_id)
    return Reply(account, headers=_etag(account))


@api.delete(
    "/accounts/{account_id}",
    roles=ADMIN,
    summary="Deactivate an account",
    errors=(Conflict, PreconditionFailed, Invalid),
)
async def deactivate_account(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> None:
    """Ends the person's sessions in the school; PATCH `status` undoes it. 409 `last_admin`."""
    change = AccountChange(status=Status.DEACTIVATED)
    ended = await commands.change_account(
        db, identity, account_id, change, request.headers.get(hdrs.IF_MATCH), caller(request)
    )
    forget(request.app, ended)


@api.post(
    "/accounts/{account_id}/temporary-password",
    roles=ADMIN,
    people_only=True,
    summary="Set a temporary password",
    errors=(Conflict, Forbidden),
)
async def set_temporary_password(
    request: web.Request, identity: Identity, db: Executor, account_id: UUID
) -> Reply[TemporaryPassword]:
    """Shown this once; ends all sessions of the person. 403 `not_managed` unless this school made the account,
    409 `cannot_sign_in` for one that is deactivated or has no address."""
    password, ended = await commands.set_temporary_password(
        db, request.app[AUTH].passwords, identity, account_id, caller(request)
    )
    forget(request.app, ended)
    return Reply(TemporaryPassword(temporary_password=password), headers={hdrs.CACHE_CONTROL: "no-store"})


@api.post("/accounts/{account_id}/joining-code", roles=ADMIN, summary="Make another joining code", errors=(Conflict,))
async def set_joining_code(
    request: web.Request, identity: Identity, db: Executor, account_id: UUID
) -> Reply[JoiningCode]:
    """For somebody with an account made elsewhere, to send along with the first login; shown this once.
    409 `cannot_join`."""
    code = await commands.set_joining_code(db, identity, account_id, caller(request))
    return Reply(JoiningCode(joining_code=code), headers={hdrs.CACHE_CONTROL: "no-store"})


@api.delete("/accounts/{account_id}/sessions", roles=ADMIN, summary="Sign somebody out of the school everywhere")
async def end_sessions_of_account(request: web.Request, identity: Identity, db: Executor, account_id: UUID) -> None:
    forget(request.app, await commands.end_sessions(db, identity, account_id, caller(request)))


@api.get("/school", summary="The school")
async def read_school(identity: Identity, db: Executor) -> Reply[School]:
    return _school(await views.read_school(db, identity))


@api.patch("/school", roles=ADMIN, people_only=True, summary="Change the school", errors=(PreconditionFailed, Conflict))
async def change_school(request: web.Request, identity: Identity, db: Executor, body: SchoolChange) -> Reply[School]:
    """`second_factor` ends the sessions of those who must have one now and have none; 409 `second_factor_missing`
    unless the admin has one."""
    ended = await commands.change_school(db, identity, body, request.headers.get(hdrs.IF_MATCH), caller(request))
    forget(request.app, ended)
    return _school(await views.read_school(db, identity))


def _school(row: Row) -> Reply[School]:
    school = School(id=row["id"], name=row["name"], second_factor=row["second_factor"])
    return Reply(school, headers={hdrs.ETAG: f'"{row["version"]}"'})


def _etag(account: Account) -> dict[str, str]:
    return {hdrs.ETAG: f'"{account.version}"'}
