"""What the second factor takes and gives."""

from typing import Annotated

from pydantic import Field, StringConstraints

from auth.sessions.models import Password, Tokens
from chassis.model import Body

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=40)]
EnrolmentToken = Annotated[str, StringConstraints(max_length=1000)]


class FactorState(Body):
    """`required`: the school asks for one."""

    enabled: bool
    required: bool
    recovery_codes_left: int


class PasswordProof(Body):
    """The current password again: a session alone changes nothing about signing in."""

    password: Password


class Enrolment(Body):
    """For the authenticator app; shown this once. Nothing is asked for before a code confirms it."""

    secret: str = Field(description="Base32")
    uri: str = Field(description="For a QR code: otpauth://totp/…")


class CodeProof(Body):
    """A code of the app."""

    code: Code


class RecoveryCodes(Body):
    """Shown this once; each stands in for one code."""

    recovery_codes: list[str]


class FactorRemoval(Body):
    """The password, and a code or a recovery code."""

    password: Password
    code: Code


class EnrolmentRequest(Body):
    """The token that a login answered with 403 `second_factor_enrolment_required`; good for 15 minutes."""

    enrolment_token: EnrolmentToken


class EnrolmentConfirmation(EnrolmentRequest):
    """And the first code of the app."""

    code: Code


class EnrolledTokens(Tokens):
    """Signed in; the recovery codes are shown this once."""

    recovery_codes: list[str]
