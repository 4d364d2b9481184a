"""What admins see and change."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from auth.sessions.models import Email, Name
from chassis.identity import Role
from chassis.model import Body
from chassis.paging import PageQuery


class Status(StrEnum):
    """Whether a membership is usable."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class Account(Body):
    """A person in this school. `managed`: this school's admins may set the password. `joined` is false
    while an account made elsewhere has not shown this school's code."""

    id: UUID
    email: str | None = Field(description="Null: cannot sign in")
    name: str
    role: Role
    status: Status
    source_id: str | None = Field(description="OneRoster sourcedId; null: not imported")
    managed: bool
    has_password: bool
    joined: bool
    service: bool = Field(description="A program with an API token")
    version: int


class AccountQuery(PageQuery):
    """Which accounts; in order of their names."""

    search: str | None = Field(None, min_length=1, max_length=100, description="Part of a name or an address")
    role: Role | None = None
    status: Status | None = None


class NewAccount(Body):
    """Somebody who gets an account, or whose account gets a role here."""

    email: Email
    name: Name
    role: Role


class CreatedAccount(Body):
    """Shown this once: `temporary_password` of a new account, or the `joining_code` for one made elsewhere."""

    account: Account
    temporary_password: str | None
    joining_code: str | None


class AccountChange(Body):
    """What stays out stays as it is."""

    name: Name | None = None
    role: Role | None = None
    status: Status | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and self.role is None and self.status is None:
            raise ValueError("Give name, role or status.")
        return self


class TemporaryPassword(Body):
    """Shown this once; its owner must replace it at the next login."""

    temporary_password: str


class JoiningCode(Body):
    """Shown this once; its owner sends it along with a login."""

    joining_code: str


class SecondFactorPolicy(StrEnum):
    """Who must have a second factor; staff: admins and teachers."""

    NONE = "none"
    ADMINS = "admins"
    STAFF = "staff"


class School(Body):
    """The school of the token."""

    id: UUID
    name: str
    second_factor: SecondFactorPolicy


class SchoolChange(Body):
    """What an admin may change; what stays out stays as it is."""

    name: Name | None = None
    second_factor: SecondFactorPolicy | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and self.second_factor is None:
            raise ValueError("Give name or second_factor.")
        return self
