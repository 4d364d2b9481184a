"""What API tokens take and give."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from auth.sessions.models import Name
from chassis.model import Body

# What a program may be, and whether it may change anything.
ServiceRole = Literal["admin", "teacher"]
TokenScope = Literal["read", "write"]


class NewApiToken(Body):
    """`read` lets through GET alone, in every service."""

    name: Name
    role: ServiceRole
    scope: TokenScope
    expires_in_days: int = Field(ge=1, le=366)


class ApiToken(Body):
    """`account_id`: as whom the program acts; `hint`: the token's last letters."""

    id: UUID
    account_id: UUID
    name: str
    role: str
    scope: TokenScope
    hint: str
    created_at: datetime
    created_by: UUID
    expires_at: datetime
    last_used_at: datetime | None
    last_used_ip: str | None
    revoked_at: datetime | None


class CreatedApiToken(Body):
    """`token` is shown this once."""

    api_token: ApiToken
    token: str


class ApiTokenList(Body):
    """The school's, newest first; revoked and expired ones too."""

    items: list[ApiToken]


class Exchange(Body):
    """An API token."""

    token: str = Field(max_length=200)


class AccessToken(Body):
    """To be sent as `Authorization: Bearer …`; ask for another one when it expires."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds")
    scope: TokenScope
