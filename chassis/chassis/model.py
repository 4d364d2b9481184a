"""The base of every request and response model, and types that several services' models share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

# A moment somebody gives. Near the ends of the calendar an offset leads to years that no date of ours can name.
NewMoment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]


class Body(BaseModel):
    """Immutable and exact: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
