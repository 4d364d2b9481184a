"""The rules of passwords and refresh tokens; nothing here does I/O."""

import base64
import hashlib
import hmac
import secrets
import unicodedata

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_TOKEN_BYTES = 32
# Without letters and digits that are mistaken for each other when read from paper.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def derived_key(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"homeroom auth {purpose}".encode())
    return kdf.derive(secret.encode())


def normalized_password(password: str) -> str:
    """One form for what different keyboards write differently (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def temporary_password() -> str:
    """A password to be read aloud once; about 79 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def new_refresh_token() -> str:
    """The first token of a family; 256 bits."""
    return _encoded(secrets.token_bytes(_TOKEN_BYTES))


def new_mail_token() -> str:
    """What a letter's link carries; 256 bits."""
    return _encoded(secrets.token_bytes(_TOKEN_BYTES))


def successor(token: str, key: bytes) -> str:
    """The token that follows: the same for everybody who presents the same token, so that two parallel
    refreshes agree though only hashes are stored, and known to nobody without the key."""
    return _encoded(hmac.digest(key, token.encode(), "sha256"))


def token_hash(token: str) -> bytes:
    """What is stored of a refresh token; it has full entropy, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
