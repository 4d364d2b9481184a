"""What the API takes and shows of uploads."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from chassis.model import Body
from files.models import File


class NewUpload(Body):
    """A file to come. Its bytes are held to this."""

    name: str = Field(min_length=1, max_length=1000)
    size: int = Field(ge=1, le=2**53, description="In bytes")
    content_type: str = Field(min_length=1, max_length=200)
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Of all bytes, in lower-case hexadecimal")]


class Form(Body):
    """Post these fields as multipart/form-data, in this order, then the bytes as the field `file`."""

    url: str = Field(description="At the gateway")
    fields: Mapping[str, str]


class Part(Body):
    """Put bytes `offset` to `offset + size` there; what is stored need not be sent again."""

    number: int
    offset: int
    size: int
    url: str = Field(description="At the gateway; good for an hour")
    stored: bool


class Upload(Body):
    """How to send the bytes: by `form`, or in parts (`POST /uploads/{id}/parts` says where)."""

    file: File
    form: Form | None = Field(description="Null: the file travels in parts")


class Parts(Body):
    """Where to send each part, and which have arrived."""

    items: Sequence[Part]
