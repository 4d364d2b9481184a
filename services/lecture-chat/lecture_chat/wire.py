"""All that may be said on a lecture's socket, by direction. docs/lecture-chat-protocol.md tells how it is used.

What has a `seq` is an *entry*: it is stored, numbered without gaps, and every member gets each once and in order.
"""

import re
from datetime import datetime
from typing import Annotated, Literal
from unicodedata import category
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter

from chassis.model import Body
from chassis.realtime.frames import Refresh

MAX_BODY = 4000


def _printable(text: str) -> str:
    """Text that a database and a page can hold."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("Remove U+0000 and lone surrogates.")
    return text


def _is_emoji(text: str) -> str:
    """No words: who may not send could write them as reactions."""
    is_one = all(_is_symbol(character) or character in _JOINING for character in text) and any(map(_is_symbol, text))
    if not is_one and text not in {"+1", "-1"} and not _KEYCAP.fullmatch(text):
        raise ValueError("Send an emoji.")
    return text


def _is_symbol(character: str) -> bool:
    # Emoji are added to their blocks with each Unicode; these four are a letter and punctuation.
    in_block = "\U0001f000" <= character <= "\U0001fbff"
    return in_block or character in "ℹ‼⁉〰" or (not character.isascii() and category(character) in {"So", "Sm", "Sk"})


_JOINING = {"\u200d", "\ufe0f", *map(chr, range(0xE0020, 0xE0080))}
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_BODY), AfterValidator(_printable)
]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_printable)
]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Emoji = Annotated[str, StringConstraints(min_length=1, max_length=16), AfterValidator(_is_emoji)]
Seq = Annotated[int, Field(ge=1, le=2**53)]
Reference = Annotated[str, StringConstraints(max_length=64)]


class FileLink(Body):
    """A file shown beside a message. Whoever opens it must be allowed to read it by the files service."""

    file_id: UUID
    name: Line


# --- Client → server: entries. Each is answered by `ack {client_id, seq}` once it is stored. --------------


class NewMessage(Body):
    """A message: on the socket with its `type`, and the body of `POST …/messages`."""

    client_id: ClientId = Field(description="Yours, new for each message: sent again, it is stored once")
    body: Text
    mentions: tuple[UUID, ...] = Field((), max_length=20, description="Accounts of members")
    files: tuple[FileLink, ...] = Field((), max_length=10)


class Send(NewMessage):
    """Say something to the room."""

    type: Literal["send"]


class Delete(Body):
    """Take back a message: one's own, or, as a teacher, anybody's."""

    type: Literal["delete"]
    client_id: ClientId
    seq: Seq


class Pin(Body):
    """Teachers: show one message above all others; null takes it down."""

    type: Literal["pin"]
    client_id: ClientId
    seq: Seq | None


class Mode(Body):
    """Teachers: whether only teachers may send."""

    type: Literal["mode"]
    client_id: ClientId
    announcements_only: bool


class PollOpen(Body):
    """Teachers: ask a question; its `seq` names the poll."""

    type: Literal["poll_open"]
    client_id: ClientId
    question: Line
    options: tuple[Line, ...] = Field(min_length=2, max_length=10)


class PollClose(Body):
    """Teachers: take no more votes."""

    type: Literal["poll_close"]
    client_id: ClientId
    seq: Seq


# --- Client → server: signals, each sets something. With `ref`, `done {ref}` answers once it is stored. ---


class Hand(Body):
    """Raise or lower one's hand; a teacher may lower a student's."""

    type: Literal["hand"]
    up: bool
    account_id: UUID | None = None
    ref: Reference | None = None


class React(Body):
    """Put an emoji to a message, or take it away."""

    type: Literal["react"]
    seq: Seq
    emoji: Emoji
    on: bool = True
    ref: Reference | None = None


class PollVote(Body):
    """Choose an option (from 0) of an open poll; a later vote replaces it."""

    type: Literal["poll_vote"]
    seq: Seq
    option: int = Field(ge=0, le=9)
    ref: Reference | None = None


class Mute(Body):
    """Teachers: whether a student may send."""

    type: Literal["mute"]
    account_id: UUID
    muted: bool
    ref: Reference | None = None


class Seen(Body):
    """How far one has read; it only ever grows."""

    type: Literal["seen"]
    seq: Seq
    ref: Reference | None = None


EntryIn = Send | Delete | Pin | Mode | PollOpen | PollClose
SignalIn = Hand | React | PollVote | Mute | Seen
ClientIn = Annotated[EntryIn | SignalIn | Refresh, Field(discriminator="type")]
CLIENT_IN: TypeAdapter[ClientIn] = TypeAdapter(ClientIn)


# --- Server → client: entries -----------------------------------------------------------------------------


class Author(Body):
    """Who made an entry, and as what."""

    account_id: UUID
    name: str
    role: Literal["teacher", "student"]


class _Entry(Body):
    seq: int
    author: Author
    at: datetime


class Message(_Entry):
    """A message; of a deleted one only the place is left."""

    type: Literal["message"] = "message"
    body: str = ""
    mentions: tuple[UUID, ...] = ()
    files: tuple[FileLink, ...] = ()
    deleted: bool = False


class Deleted(_Entry):
    """The message `target` was taken back."""

    type: Literal["deleted"] = "deleted"
    target: int


class Pinned(_Entry):
    """The message `target` is pinned; null: none is."""

    type: Literal["pinned"] = "pinned"
    target: int | None


class ModeSet(_Entry):
    """Whether only teachers may send from here on."""

    type: Literal["mode_set"] = "mode_set"
    announcements_only: bool


class Poll(_Entry):
    """A poll was opened; votes name it by this `seq`."""

    type: Literal["poll"] = "poll"
    question: str
    options: tuple[str, ...]


class PollClosed(_Entry):
    """The poll `target` was closed with these counts, one an option."""

    type: Literal["poll_closed"] = "poll_closed"
    target: int
    counts: tuple[int, ...]


Entry = Annotated[Message | Deleted | Pinned | ModeSet | Poll | PollClosed, Field(discriminator="type")]
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Messages(Body):
    """Several entries at once, in order: history, or what a busy room brought in a moment."""

    type: Literal["messages"] = "messages"
    messages: tuple[Entry, ...]


# --- Server → client: all else ----------------------------------------------------------------------------


class Room(Body):
    """The lecture a socket is in."""

    lecture_id: UUID
    classroom_id: UUID
    assignment_id: UUID
    title: str
    opened_at: datetime


class You(Body):
    """What the room knows of the one who joined."""

    account_id: UUID
    name: str
    role: Literal["teacher", "student"]
    muted: bool
    read_seq: int
    votes: dict[int, int] = Field(description="Option by poll")
    reactions: tuple[tuple[int, str], ...] = Field(description="(seq, emoji), the newest 1,000")


class Hello(Body):
    """First frame: entries after `first_seq` up to `head_seq` follow, then whatever comes."""

    type: Literal["hello"] = "hello"
    lecture: Room
    you: You
    first_seq: int
    head_seq: int


class ResyncRequired(Body):
    """The copy is too old or not of this lecture: forget it. The newest entries follow; older ones by HTTP."""

    type: Literal["resync_required"] = "resync_required"
    head_seq: int


class Ack(Body):
    """The entry is stored, under this number."""

    type: Literal["ack"] = "ack"
    client_id: str
    seq: int


class Done(Body):
    """The signal is stored."""

    type: Literal["done"] = "done"
    ref: str


class RaisedHand(Body):
    """Who waits, and since when."""

    account_id: UUID
    name: str
    raised_at: datetime


class PollResult(Body):
    """The votes of an open poll so far, one count an option."""

    seq: int
    counts: tuple[int, ...]


class ReactionCount(Body):
    """How often an emoji stands at a message now."""

    seq: int
    emoji: str
    count: int


class State(Body):
    """What holds now beside the entries. `hands` (the queue, first 200) and `polls` (the open ones) are whole;
    `reactions` are those that changed since the last state this socket got; at first the newest messages' (2,000)."""

    type: Literal["state"] = "state"
    rev: int
    announcements_only: bool
    pinned_seq: int | None
    hands: tuple[RaisedHand, ...]
    hands_count: int
    polls: tuple[PollResult, ...]
    reactions: tuple[ReactionCount, ...]


class Muted(Body):
    """To teachers and to the student: whether the student may send."""

    type: Literal["muted"] = "muted"
    account_id: UUID
    muted: bool


class Present(Body):
    """Somebody who is in the room."""

    account_id: UUID
    name: str
    role: Literal["teacher", "student"]


class Presence(Body):
    """Once a second at most: who came and went. The first one names all (the first 500) that are there."""

    type: Literal["presence"] = "presence"
    count: int
    joined: tuple[Present, ...]
    left: tuple[UUID, ...]


class Head(Body):
    """Heartbeat: the newest number. Whoever has less connects again with `since`."""

    type: Literal["head"] = "head"
    seq: int


class Closed(Body):
    """The lecture is over; the socket closes with 4010."""

    type: Literal["closed"] = "closed"
    reason: Literal["closed_by_teacher", "abandoned", "classroom_closed"]
