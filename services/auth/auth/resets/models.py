"""What a forgotten password takes."""

from typing import Annotated

from pydantic import StringConstraints

from auth.sessions.models import Email, NewPassword
from chassis.model import Body

MailToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class ResetRequest(Body):
    """Whose password was forgotten."""

    email: Email


class NewPasswordChoice(Body):
    """The password from now on."""

    password: NewPassword
