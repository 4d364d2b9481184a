"""What the HTTP side of the entries is asked with and answers with."""

from pydantic import Field, model_validator

from chassis.model import Body
from lecture_chat import wire


class HistoryQuery(Body):
    """Which entries: after `since` in order, or the newest before `before`."""

    since: int | None = Field(None, ge=0)
    before: int | None = Field(None, ge=1)
    limit: int = Field(100, ge=1, le=500)

    @model_validator(mode="after")
    def _one_way(self) -> "HistoryQuery":
        if self.since is not None and self.before is not None:
            raise ValueError("Send since or before, not both.")
        return self


class History(Body):
    """A part of a lecture's entries, in order of `seq`."""

    items: tuple[wire.Entry, ...]
    head_seq: int = Field(description="The number of the lecture's newest entry")


class Stored(Body):
    """Where an entry is stored."""

    client_id: str
    seq: int
