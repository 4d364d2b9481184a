"""Signing keys and access tokens: ES256, keys encrypted at rest, rotated with overlap."""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from auth.config import Config
from auth.domain import derived_key
from chassis.db import Database, Executor, Row
from chassis.errors import Unavailable
from chassis.identity import Identity, Scope
from chassis.logging import get_logger

log = get_logger(__name__)

# A new key is published this long before it signs, so that every cache of the JWKS has seen it.
LEAD_SECONDS = 900
# And this long after its successor signs: the life of its last token, and clocks that differ.
TRAIL_SECONDS = 1800
_RELOAD_SECONDS = 60.0
_NONCE = 12


class WrongSecret(Exception):
    """SIGNING_KEY_SECRET is not the one the keys were encrypted with."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that may sign between two moments, and is published until `retires_at`."""

    kid: str
    private_key: ec.EllipticCurvePrivateKey
    public_jwk: dict[str, Any]
    activates_at: datetime
    retires_at: datetime | None


class Vault:
    """Encrypts private keys at rest; `kid` is authenticated along."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(derived_key(secret, "signing keys"))

    def seal(self, key: ec.EllipticCurvePrivateKey, kid: str) -> bytes:
        """Nonce and ciphertext."""
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, kid.encode())

    def open(self, sealed: bytes, kid: str) -> ec.EllipticCurvePrivateKey:
        """Raises WrongSecret."""
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], kid.encode())
        except InvalidTag:
            raise WrongSecret(f"SIGNING_KEY_SECRET does not open the signing key {kid}") from None
        key = load_der_private_key(plain, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key


class KeyRing:
    """The keys of the database, read again every minute, made on first use when there are none."""

    def __init__(self, db: Database, config: Config) -> None:
        self._db = db
        self._vault = Vault(config.signing_key_secret.get_secret_value())
        self._config = config
        self._keys: list[SigningKey] = []
        self._read_at = float("-inf")

    async def jwks(self) -> dict[str, Any]:
        """The public keys, those to come included."""
        return {"keys": [key.public_jwk for key in await self._current() if not _is_over(key)]}

    async def access_token(self, identity: Identity) -> str:
        """A token that says who the caller is until `identity.expires_at`."""
        key = await self._signer()
        claims = {
            "iss": self._config.token_issuer,
            "aud": self._config.token_audience,
            "sub": str(identity.account_id),
            "sid": str(identity.session_id),
            "school": str(identity.school_id),
            "role": str(identity.role),
            "iat": identity.expires_at - self._config.token_seconds,
            "exp": identity.expires_at,
            "jti": secrets.token_hex(16),
        }
        if identity.scope is not Scope.PERSON:
            claims["scope"] = str(identity.scope)
        return jwt.encode(claims, key.private_key, algorithm="ES256", headers={"kid": key.kid, "typ": "JWT"})

    def expiry(self) -> int:
        """When a token made now expires, in Unix seconds."""
        return int(time.time()) + self._config.token_seconds

    async def _signer(self) -> SigningKey:
        keys = [key for key in await self._current() if not _is_over(key)]
        now = datetime.now(UTC)
        # A first key may seem to be of the future to a replica whose clock is behind: it is the only one there is.
        able = [key for key in keys if key.activates_at <= now] or keys[:1]
        if not able:
            raise Unavailable("No signing key is active; try again shortly.")
        return max(able, key=lambda key: (key.activates_at, key.kid))

    async def _current(self) -> list[SigningKey]:
        if time.monotonic() - self._read_at > _RELOAD_SECONDS:
            try:
                self._keys = await self._read()
                self._read_at = time.monotonic()
            except Unavailable:
                if not self._keys:
                    raise
                log.warning("signing_keys_not_read")
        return self._keys

    async def _read(self) -> list[SigningKey]:
        rows = await self._db.rows("list_signing_keys") or await self._first()
        return [self._opened(row) for row in rows]

    async def _first(self) -> list[Row]:
        async with self._db.transaction() as tx:
            await tx.execute("lock_signing_keys")
            if not await tx.rows("list_signing_keys"):
                await create_key(tx, self._vault, datetime.now(UTC))
            return await tx.rows("list_signing_keys")

    def _opened(self, row: Row) -> SigningKey:
        return SigningKey(
            kid=row["kid"],
            private_key=self._vault.open(bytes(row["private_key"]), row["kid"]),
            public_jwk=row["public_jwk"],
            activates_at=row["activates_at"],
            retires_at=row["retires_at"],
        )


def _is_over(key: SigningKey) -> bool:
    return key.retires_at is not None and key.retires_at <= datetime.now(UTC)


async def create_key(db: Executor, vault: Vault, activates_at: datetime) -> str:
    """Store a new key; returns its `kid`."""
    private_key, kid = ec.generate_private_key(ec.SECP256R1()), secrets.token_hex(8)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
    await db.execute(
        "create_signing_key",
        kid=kid,
        private_key=vault.seal(private_key, kid),
        public_jwk={**jwk, "kid": kid, "alg": "ES256", "use": "sig"},
        activates_at=activates_at,
    )
    return kid


async def rotate(db: Database, vault: Vault, *, compromised: bool = False) -> str:
    """Publish a new key that signs after LEAD_SECONDS; the others retire when their last token has expired.

    When the old key is `compromised` the new one signs, and the old ones vanish, at once: everybody refreshes.
    Returns the `kid` of the key to come; asked twice, it is the same.
    """
    async with db.transaction() as tx:
        await tx.execute("lock_signing_keys")
        now = datetime.now(UTC)
        if compromised:
            await tx.execute("retire_signing_keys", retires_at=now)
            return await create_key(tx, vault, now)
        if waiting := await tx.value("waiting_signing_key"):
            return str(waiting)
        activates_at = now + timedelta(seconds=LEAD_SECONDS)
        await tx.execute("retire_signing_keys", retires_at=activates_at + timedelta(seconds=TRAIL_SECONDS))
        return await create_key(tx, vault, activates_at)
