"""What the audit log tells an admin."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.model import Body, NewMoment
from chassis.paging import PageQuery


class AuditFilter(Body):
    """Which rows; what is left out does not matter. `since` is included, `until` is not."""

    actor_id: UUID | None = None
    subject_id: UUID | None = None
    action: Annotated[str | None, Field(max_length=100)] = None
    since: NewMoment | None = None
    until: NewMoment | None = None


class AuditQuery(PageQuery, AuditFilter):
    """One page of those rows."""


class AuditEntry(Body):
    """Who (`actor`; null: nobody signed in) did what to whom (`subject`), from where, and when."""

    id: int
    at: AwareDatetime
    action: str
    actor_id: UUID | None
    actor_name: str | None
    subject_id: UUID | None
    subject_name: str | None
    session_id: UUID | None
    ip: str
    user_agent: str
    detail: dict[str, Any]
