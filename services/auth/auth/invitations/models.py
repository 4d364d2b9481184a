"""What inviting takes and gives."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

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


class Acceptance(Body):
    """A new account: the password it shall have, and the name if it shall be another. An existing account:
    its password."""

    password: Password
    name: Name | None = None


class Accepted(Body):
    """With what to sign in now."""

    email: str
    school_id: UUID
