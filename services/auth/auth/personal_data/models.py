"""What asking for a person's data, or for their erasure, takes and gives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.model import Body


class DataRequest(Body):
    """What was asked for, and how far it is. Finished once every service has answered."""

    id: UUID
    requested_at: datetime
    finished_at: datetime | None = Field(description="Null: still running")
    expires_at: datetime | None = Field(description="An export is kept until then; an erasure's proof for ever (null)")
    waiting_for: Sequence[str] = Field(description="The services that have not answered yet")


class OwnExport(Body):
    """The newest export that the person asked for."""

    request: DataRequest | None = Field(description="Null: none was asked for")


class Erasure(Body):
    """`confirm` repeats the person's e-mail address, or the name of somebody without one: this cannot be undone."""

    confirm: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
