"""The schools of the signed-in person."""

from uuid import UUID

from pydantic import Field

from chassis.identity import Role
from chassis.model import Body


class Membership(Body):
    """`joined` is false while this school's joining code has not been shown."""

    school_id: UUID
    school_name: str
    name: str
    role: Role
    joined: bool
    current: bool


class MembershipList(Body):
    """All active ones, the one used last first."""

    items: list[Membership]


class Switch(Body):
    """`joining_code`: for a school that the person has not joined yet."""

    school_id: UUID
    joining_code: str | None = Field(None, max_length=100)
