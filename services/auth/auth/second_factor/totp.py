"""Codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 s) and recovery codes; nothing here does I/O."""

import base64
import hmac
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from auth.domain import token_hash

PERIOD = 30
_SECRET_BYTES = 20
_STEPS_OFF = 1
_RECOVERY_CODES = 10
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> bytes:
    """160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(_SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """As a person types it into an app that cannot read the picture."""
    return base64.b32encode(secret).decode()


def provisioning_uri(secret: bytes, email: str, school: str) -> str:
    """What the QR code says to an authenticator app."""
    label, issuer = quote(f"Homeroom {school}:{email}", safe=""), quote(f"Homeroom {school}", safe="")
    return f"otpauth://totp/{label}?secret={shown_secret(secret)}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"


def code_at(secret: bytes, step: int) -> str:
    """The code of one period."""
    return _totp(secret).generate(step * PERIOD).decode()


def step_of(secret: bytes, code: str, now: float) -> int | None:
    """The period whose code this is, at most one off; None: a wrong code. Every candidate is compared."""
    given, step = code.encode(), int(now) // PERIOD
    steps = [step + off for off in range(-_STEPS_OFF, _STEPS_OFF + 1)]
    matching = [each for each in steps if hmac.compare_digest(code_at(secret, each).encode(), given)]
    return max(matching, default=None)


def new_recovery_codes() -> list[str]:
    """Ten codes of about 59 bits each, to be written down."""
    return ["-".join(_letters() for _ in range(3)) for _ in range(_RECOVERY_CODES)]


def recovery_hash(code: str) -> bytes:
    """What is stored of a recovery code, however it was typed."""
    return token_hash("".join(code.lower().split()).replace("-", ""))


def _letters() -> str:
    return "".join(secrets.choice(_READABLE) for _ in range(4))


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), PERIOD)  # noqa: S303
