"""What the API takes and shows of invitations."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.model import Body
from chassis.oneroster.values import email as parsed_email
from chassis.paging import PageQuery
from classroom.domain import Moment

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254), AfterValidator(parsed_email)
]


class InvitationStatus(StrEnum):
    """Accepted: who has the address attends the classroom, or did."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class NewInvitation(Body):
    """Whom to invite as a student."""

    email: Email


class Invitation(Body):
    """An address that was invited; `invited_at` is when a letter was asked for last."""

    id: UUID
    email: str
    invited_by: UUID
    status: InvitationStatus
    invited_at: Moment
    version: int


class InvitationQuery(PageQuery):
    """Which invitations to list."""

    status: InvitationStatus | None = Field(None, description="Only those that stand so")
