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
    """A person in this school. `managed`: this school's admins may set the password."""

    id: UUID
    email: str | None = Field(description="Null: cannot sign in")
    name: str
    role: Role
    status: Status
    source_id: str | None = Field(description="OneRoster sourcedId; null: not imported")
    managed: bool
    has_password: bool
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
    """`temporary_password` is shown this once; null: the person has an account with a password already."""

    account: Account
    temporary_password: str | None


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


class School(Body):
    """The school of the token."""

    id: UUID
    name: str


class SchoolChange(Body):
    """What an admin may change."""

    name: Name
