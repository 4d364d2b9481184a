"""The vocabulary of the feed, complete. docs/feed-protocol.md tells how it is used."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chassis.model import Body
from chassis.realtime.frames import Refresh, pack
from classroom.bootstrap.stored import value_of, version_of

MOST_VERSIONS = 200


class Have(Body):
    """Client → server, first: what it holds, by its keys; `more` says that another such frame follows at once."""

    type: Literal["have"]
    versions: Annotated[dict[str, str], Field(max_length=MOST_VERSIONS)]
    more: bool = False


ClientIn = Annotated[Have | Refresh, Field(discriminator="type")]
CLIENT_IN: TypeAdapter[Have | Refresh] = TypeAdapter(ClientIn)


class Gone(Body):
    """Server → client: this part is theirs no more."""

    type: Literal["gone"] = "gone"
    key: str


class Head(Body):
    """Server → client: all that has changed until `now` was sent; the client holds `count` parts."""

    type: Literal["head"] = "head"
    count: int
    now: datetime


def fragment(key: str, fragment: bytes, value: bytes | None = None) -> bytes:
    """Server → client: a part of the store, whole, as a frame that is ready for every socket.

    `{"type": "fragment", "key", "version", "value"}`; `value` stands for the fragment's own where given.
    """
    shown = value_of(fragment) if value is None else value
    return pack(
        b'{"type":"fragment","key":"%b","version":"%b","value":%b}' % (key.encode(), version_of(fragment), shown)
    )
