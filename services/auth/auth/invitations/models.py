"""What inviting takes and gives."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from auth.sessions.models import Email, Name, Password
from chassis.identity import Role
from chassis.model import Body


class InvitationStatus(StrEnum):
    """What became of an invitation."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REVOKED = "revoked"


class NewInvitation(Body):
    """Who is asked into the school, and as what."""

    email: Email
    name: Name
    role: Role


class Invitation(Body):
    """One invitation; its token is in the mail alone."""

    id: UUID
    email: str
    name: str
    role: Role
    status: InvitationStatus
    created_at: datetime
    expires_at: datetime


class InvitationCounts(Body):
    """How many invitations of the school there are of each status."""

    waiting: int
    accepted: int
    expired: int
    revoked: int


class InvitationPreview(Body):
    """What its letter's link shows. `has_account`: accept with the password of the account there is; else choose
    one."""

    school_name: str
    email: str
    name: str
    role: Role
    invited_by: str | None = Field(description="Name of who sent it last; null: no longer a member")
    expires_at: datetime
    has_account: bool


class Acceptance(Body):
    """A new account: the password it shall have, and the name if it shall be another. An existing account:
    its password."""

    password: Password
    name: Name | None = None


class Accepted(Body):
    """With what to sign in now."""

    email: str
    school_id: UUID
