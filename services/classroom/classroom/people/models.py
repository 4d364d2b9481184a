"""What the API takes and shows of the people of a classroom."""

from uuid import UUID

from pydantic import Field

from chassis.model import Body


class Member(Body):
    """Somebody who teaches or attends a classroom; the e-mail is shown to teachers and admins."""

    account_id: UUID
    name: str
    email: str | None = None
    status: str
    owner: bool = False


class NewMember(Body):
    """Whom to add: an account of the school."""

    account_id: UUID


class NewOwner(Body):
    """Who is to own the classroom: one of its teachers."""

    account_id: UUID


class NewEnrolment(Body):
    """A join code as it was read."""

    join_code: str = Field(min_length=1, max_length=40)
