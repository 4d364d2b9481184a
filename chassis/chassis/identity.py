"""Who is calling: access tokens verified with PyJWT against the issuer's published keys.

Verdicts are cached per token for half a minute, so that a withdrawn key ends them; whether the session was revoked
is checked after the cached verdict.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import aiohttp
import jwt

from chassis.errors import Unauthenticated, Unavailable
from chassis.logging import get_logger

log = get_logger(__name__)

ALGORITHMS = ["ES256"]
REQUIRED_CLAIMS = ["iss", "aud", "sub", "sid", "school", "role", "iat", "exp", "jti"]
_KNOWN_TOKENS = 20_000
_REFETCH_SECONDS = 10.0
_REFRESH_SECONDS = 60.0
_PAUSE_SECONDS = 1.0
_VERDICT_SECONDS = 30.0


class Role(StrEnum):
    """What a membership lets a person do in one school."""

    ADMIN = "admin"
    TEACHER = "teacher"
    STUDENT = "student"


class Scope(StrEnum):
    """Who acts: a person, or a program with an API token that may only read, or also write."""

    PERSON = "person"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller, as the access token names them; `expires_at` in Unix seconds."""

    account_id: UUID
    school_id: UUID
    session_id: UUID
    role: Role
    expires_at: int
    scope: Scope = Scope.PERSON


class KeySet:
    """The issuer's public keys by `kid`, fetched once and again for an unknown `kid`, at most every 10 s.

    An issuer that did not answer is asked again in the background: who comes with a known `kid` waits for it once.
    """

    def __init__(self, fetch: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._failed_at = float("-inf")
        self._one_fetch = asyncio.Lock()
        self._retry: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> jwt.PyJWK:
        """Raises Unauthenticated for a `kid` the issuer does not publish, Unavailable before any fetch."""
        if self._is_old(kid):
            if kid in self._keys and self._failed_just_now():
                self._refresh_meanwhile(kid)
            else:
                await self._refresh(kid)
        if kid not in self._keys:
            raise Unauthenticated("unknown_key", "The token was signed with a key that is not published.")
        return self._keys[kid]

    def _is_old(self, kid: str) -> bool:
        return time.monotonic() - self._fetched_at > (_REFRESH_SECONDS if kid in self._keys else _REFETCH_SECONDS)

    def _failed_just_now(self) -> bool:
        return self._failed_at > max(self._fetched_at, time.monotonic() - _REFETCH_SECONDS)

    def _refresh_meanwhile(self, kid: str) -> None:
        if self._retry is None or self._retry.done():
            self._retry = asyncio.create_task(self._refresh(kid))

    async def _refresh(self, kid: str) -> None:
        async with self._one_fetch:
            if self._is_old(kid):
                await self._refetch()

    async def _refetch(self) -> None:
        if time.monotonic() - self._failed_at < _PAUSE_SECONDS:
            return self._require_keys()
        try:
            document = await self._fetch()
            self._keys = {item["kid"]: jwt.PyJWK(item) for item in document["keys"]}
            self._fetched_at = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            self._failed_at = time.monotonic()
            log.warning("jwks_fetch_failed", error=repr(error))
            self._require_keys()

    def _require_keys(self) -> None:
        if not self._keys:
            raise Unavailable("The keys that sign tokens cannot be read; try again shortly.")


def http_key_set(session: aiohttp.ClientSession, url: str) -> KeySet:
    """A key set read from the issuer's JWKS document."""

    async def fetch() -> dict[str, Any]:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=3)) as response:
            response.raise_for_status()
            document: dict[str, Any] = await response.json()
            return document

    return KeySet(fetch)


class Revocations:
    """Sessions ended early, kept until no token of theirs can live any more."""

    def __init__(self) -> None:
        self._expiry: dict[UUID, float] = {}

    def add(self, session_id: UUID, expires_at: float) -> None:
        """Refuse the session from now on; `expires_at` in Unix seconds. Forgets the oldest that have expired."""
        self._expiry[session_id] = expires_at
        while self._expiry and self._expiry[oldest := next(iter(self._expiry))] <= time.time():
            del self._expiry[oldest]

    def load(self, sessions: Iterable[tuple[UUID, float]]) -> None:
        """Add what the service's table holds and forget what has expired."""
        self._expiry |= dict(sessions)
        now = time.time()
        self._expiry = {sid: expiry for sid, expiry in self._expiry.items() if expiry > now}

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._expiry


class Verifier:
    """Turns an access token into an Identity, or raises Unauthenticated."""

    def __init__(self, keys: KeySet, issuer: str, audience: str, revocations: Revocations) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self.revocations = revocations
        self._known: dict[str, tuple[Identity, float]] = {}

    async def identify(self, token: str) -> Identity:
        """Check signature, times, issuer, audience and revocation."""
        identity, good_until = self._known.get(token, (None, 0.0))
        if identity is None or good_until <= time.time():
            identity = await self._verify(token)
            self._remember(token, identity)
        if identity.session_id in self.revocations:
            raise Unauthenticated("session_revoked", "This session was ended. Sign in again.")
        return identity

    async def _verify(self, token: str) -> Identity:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS or str(header.get("typ", "JWT")).upper() != "JWT":
                raise Unauthenticated("token_invalid", "The access token is not one of ours.")
            key = await self._keys.key(str(header.get("kid", "")))
            return _identity(self._decode(token, key))
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthenticated("token_invalid", "The access token is invalid or has expired.") from error

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=self._issuer,
            audience=self._audience,
            # When it was made is told, not judged: the issuer's clock may be a little ahead of ours.
            options={"require": REQUIRED_CLAIMS, "verify_iat": False},
        )

    def _remember(self, token: str, identity: Identity) -> None:
        self._known.pop(token, None)
        if len(self._known) >= _KNOWN_TOKENS:
            del self._known[next(iter(self._known))]
        self._known[token] = identity, min(identity.expires_at, time.time() + _VERDICT_SECONDS)


def _identity(claims: dict[str, Any]) -> Identity:
    return Identity(
        account_id=UUID(claims["sub"]),
        school_id=UUID(claims["school"]),
        session_id=UUID(claims["sid"]),
        role=Role(claims["role"]),
        expires_at=int(claims["exp"]),
        scope=Scope(claims.get("scope", Scope.PERSON)),
    )
