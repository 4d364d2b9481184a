"""What the API takes and shows of limits and usage."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from chassis.model import Body

Bytes = Annotated[int, Field(ge=0, le=2**53)]


class Limits(Body):
    """What may be uploaded."""

    max_bytes: int = Field(description="The largest file")
    types: Sequence[str] = Field(description="The content types")
    possible_types: Sequence[str] = Field(description="The content types a school may choose from")
    parts_above_bytes: int = Field(description="A larger file travels in parts")
    account_quota_bytes: int = Field(description="What one account may store")
    chosen: "SchoolLimits" = Field(description="What the school decided differently from the installation")


class SchoolLimits(Body):
    """What a school decides; null: as the installation."""

    types: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    max_bytes: Annotated[int, Field(ge=1, le=2**53)] | None = None
    account_quota_bytes: Bytes | None = None


class Amount(Body):
    """How much is stored, uploads that are under way included."""

    bytes: int
    files: int
    quota_bytes: int


class Usage(Body):
    """What the caller stores; for admins, also what the school does."""

    account: Amount
    school: Amount | None = None
