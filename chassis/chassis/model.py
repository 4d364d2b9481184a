"""The base of every request and response model."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Immutable and exact: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
