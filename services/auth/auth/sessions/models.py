"""What signing in takes and gives."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.identity import Role
from chassis.model import Body
from chassis.oneroster.values import email as parsed_email

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254), AfterValidator(parsed_email)
]
# Anything is compared; what a new password must be is told by password_rules alone. It counts a letter with its marks
# as one, however it is written, so what may be set must be let through here.
Password = Annotated[str, StringConstraints(max_length=1000)]
NewPassword = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class NewSchool(Body):
    """A school and its first admin."""

    school_name: Name
    name: Name
    email: Email
    password: NewPassword


class Login(Body):
    """`new_password` replaces a temporary password; `joining_code` lets an account made elsewhere into a school."""

    # In the one form that is counted as well as looked up: to the database İ is an i, to Python it is not.
    email: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254)]
    password: Password
    new_password: NewPassword | None = None
    joining_code: str | None = Field(None, max_length=100)
    school_id: UUID | None = Field(None, description="Into which school; else where the person was last")
    code: str | None = Field(None, max_length=40, description="Of the authenticator app, or a recovery code")


class RefreshRequest(Body):
    """For API clients; a browser sends its cookie instead."""

    refresh_token: str | None = Field(None, max_length=200)


class Tokens(Body):
    """`refresh_token` is null for a browser, which has it as a cookie."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds")
    refresh_token: str | None = None


class PasswordRule(Body):
    """How long a new password must be and may be, in characters."""

    min_length: int
    max_length: int


class PublishedKeys(Body):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]


class Me(Body):
    """The signed-in person in the school of the token."""

    id: UUID
    email: str | None
    name: str
    role: Role
    school_id: UUID
    school_name: str


class MeChange(Body):
    """What a person may change about themselves."""

    name: Name


class PasswordChange(Body):
    """A new password in place of the current one."""

    current_password: Password
    new_password: NewPassword


class SessionView(Body):
    """Where the person is signed in."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str
    ip: str
    current: bool


class SessionList(Body):
    """All of them, newest first."""

    items: list[SessionView]
