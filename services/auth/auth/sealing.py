"""Encryption at rest of what the database must not tell: AES-256-GCM under a key for one purpose."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.domain import derived_key

_NONCE = 12


class CannotOpen(Exception):
    """Sealed with another secret, for another purpose or owner, or damaged."""


class Sealer:
    """Seals bytes; `owner` is authenticated along, so that no row can take another's place."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._cipher = AESGCM(derived_key(secret, purpose))

    def seal(self, plain: bytes, owner: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, owner.encode())

    def open(self, data: bytes, owner: str) -> bytes:
        """Raises CannotOpen."""
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], owner.encode())
        except InvalidTag:
            raise CannotOpen("SIGNING_KEY_SECRET does not open this") from None
