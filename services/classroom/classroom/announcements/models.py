"""What the API takes and shows of announcements."""

from uuid import UUID

from chassis.model import Body
from classroom.comments.models import Said
from classroom.domain import Moment


class NewAnnouncement(Body):
    """What to tell."""

    body: Said


class Announcement(Body):
    """What was told, and when it was changed."""

    id: UUID
    author_id: UUID
    author_name: str
    body: str
    created_at: Moment
    edited_at: Moment | None
    version: int
