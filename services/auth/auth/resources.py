"""What auth's web process holds besides the resources every service has."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from auth import passwords, throttle
from auth.config import Config
from auth.domain import derived_key
from auth.passwords import Passwords
from auth.sealing import Sealer
from auth.throttle import Throttle
from auth.tickets import Tickets
from auth.tokens import KeyRing
from chassis.errors import Forbidden, Unavailable
from chassis.identity import Identity, KeySet, Role, Scope, Verifier
from chassis.keys import CONFIG, DB, VERIFIER
from chassis.logging import get_logger

log = get_logger(__name__)

_USER_AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Auth:
    """Everything that signing in needs; `refresh_key` derives the successors of refresh tokens."""

    config: Config
    keys: KeyRing
    passwords: Passwords
    refresh_key: bytes
    factors: Sealer
    tickets: Tickets
    mail_sealer: Sealer
    throttle: Throttle


AUTH = web.AppKey("auth", Auth)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request came from, for sessions and the audit log."""

    ip: str
    user_agent: str


def actor(identity: Identity, caller: Caller) -> dict[str, Any]:
    """Who does something, and from where: the parameters of a command's row in the audit log."""
    return {
        "school_id": identity.school_id,
        "actor_id": identity.account_id,
        "session_id": identity.session_id,
        "ip": caller.ip,
        "user_agent": caller.user_agent,
    }


def refuse_program(identity: Identity, role: Role | None) -> None:
    """An API token makes no admins: they would outlive it."""
    if role is Role.ADMIN and identity.scope is not Scope.PERSON:
        raise Forbidden("people_only", "An API token may not appoint admins; sign in.")


def caller(request: web.Request) -> Caller:
    """The address the gateway saw, and what the client calls itself."""
    ip = request.headers.get("X-Forwarded-For", request.remote or "").rpartition(",")[2].strip()
    return Caller(_plain(ip, 64), _plain(request.headers.get("User-Agent", ""), _USER_AGENT_LENGTH))


def _plain(header: str, length: int) -> str:
    """A header may hold any bytes; the database takes text alone."""
    return header.encode("utf-8", "replace").decode().replace("\x00", "")[:length]


async def acquire(app: web.Application) -> AsyncIterator[None]:
    """Auth verifies tokens with its own keys: asking itself over HTTP would need it to be up already."""
    config, shared = app[CONFIG], app[VERIFIER]
    assert isinstance(config, Config)
    keys = KeyRing(app[DB], config)
    secret = config.signing_key_secret.get_secret_value()
    redis_url = config.redis_url.get_secret_value()
    async with passwords.opened(config) as hasher, throttle.connect(redis_url) as limits:
        app[AUTH] = Auth(
            config=config,
            keys=keys,
            passwords=hasher,
            refresh_key=derived_key(secret, "refresh tokens"),
            factors=Sealer(secret, "second factors"),
            tickets=Tickets(secret),
            mail_sealer=Sealer(secret, "mails"),
            throttle=limits,
        )
        app[VERIFIER] = Verifier(KeySet(keys.jwks), config.token_issuer, config.token_audience, shared.revocations)
        try:
            await keys.jwks()
        except Unavailable:
            log.warning("signing_keys_not_read_yet")
        yield


def forget(app: web.Application, sessions: list[UUID] | None) -> None:
    """Refuse the tokens of ended sessions in this process at once; the others hear of it by event."""
    revocations, until = app[VERIFIER].revocations, app[AUTH].keys.expiry() + 60
    for session_id in sessions or ():
        revocations.add(session_id, until)
