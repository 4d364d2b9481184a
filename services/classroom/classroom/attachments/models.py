"""What the API takes and shows of attached files."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.model import Body
from classroom.domain import named_once

FileIds = Annotated[list[UUID], Field(max_length=50), AfterValidator(named_once)]


class AttachedFile(Body):
    """A file that is attached; its bytes are at `/api/files/files/{file_id}/content`."""

    file_id: UUID
    name: str
    size: int
    content_type: str
    sha256: str
    thumbnail: bool
