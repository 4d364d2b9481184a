"""What auth's web process holds besides the resources every service has."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from auth import passwords
from auth.config import Config
from auth.domain import derived_key
from auth.passwords import Passwords
from auth.tokens import KeyRing
from chassis.errors import Unavailable
from chassis.identity import KeySet, Verifier
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


AUTH = web.AppKey("auth", Auth)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request came from, for sessions and the audit log."""

    ip: str
    user_agent: str


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
    async with passwords.opened(config) as hasher:
        app[AUTH] = Auth(config, keys, hasher, derived_key(secret, "refresh tokens"))
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
