"""What the API takes and shows of attached files."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.model import Body


def _each_once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        raise ValueError("name each file once")
    return ids


FileIds = Annotated[list[UUID], Field(max_length=50), AfterValidator(_each_once)]


class AttachedFile(Body):
    """A file that is attached; its bytes are at `/api/files/files/{file_id}/content`."""

    file_id: UUID
    name: str
    size: int
    content_type: str
    sha256: str
    thumbnail: bool
