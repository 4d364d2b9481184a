"""What the API shows of files that are there."""

from typing import Literal

from pydantic import Field

from chassis.model import Body
from files.models import File


class OwnFile(File):
    """A file among the caller's own."""

    attached: bool = Field(description="Whether it is attached somewhere; then it cannot be deleted")


class ContentQuery(Body):
    """How a file is shown."""

    disposition: Literal["attachment", "inline"] = Field(
        "attachment", description="`inline` lets a browser show what it can show safely, and saves the rest"
    )
