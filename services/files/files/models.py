"""A file as the API shows it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.db import Row
from chassis.model import Body

Status = Literal["uploading", "checking", "ready", "rejected"]


class File(Body):
    """An uploaded file; only its owner sees one that is not ready."""

    file_id: UUID
    owner_id: UUID
    name: str
    size: int = Field(description="In bytes")
    content_type: str
    sha256: str
    status: Status
    reason: str | None = Field(description="Why it was rejected, as a slug")
    thumbnail: bool = Field(description="Whether there is a picture of it")
    created_at: datetime
    upload_ends_at: datetime = Field(description="When an upload that is not complete is given up")


def file_of(row: Row) -> File:
    """From a row that has more than is shown."""
    return File(**{name: row[name] for name in File.model_fields})
