"""Storing entries: one command for the socket and for HTTP."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from chassis.db import Executor, Row, json_rows
from lecture_chat import wire
from lecture_chat.entries.encoding import Numbered, numbered


class NewEntry(NamedTuple):
    """What somebody wants to add to a lecture."""

    author_id: UUID
    client_id: str
    type: str
    content: dict[str, Any]

    @property
    def key(self) -> tuple[UUID, str]:
        """What makes it the same entry when it is sent again."""
        return self.author_id, self.client_id


class Outcome(NamedTuple):
    """What became of it: its number, or why it was refused. `entry` only when it is new; some change the state too."""

    seq: int
    refusal: str | None
    entry: Numbered | None
    changes_state: bool


async def append(db: Executor, lecture_id: UUID, entries: Sequence[NewEntry]) -> list[Outcome]:
    """Store the entries of one lecture in one round trip, in their order.

    Any number of messages, or one of any other type: a row is judged by what held before all of them.
    """
    rows = [
        {"n": n, "type": it.type, "author_id": it.author_id, "client_id": it.client_id, "content": it.content}
        for n, it in enumerate(entries)
    ]
    return [_outcome(row) for row in await db.rows("append_entries", lecture_id=lecture_id, rows=json_rows(rows))]


def _outcome(row: Row) -> Outcome:
    entry = numbered(row) if row["fresh"] else None
    return Outcome(row["seq"] or 0, row["refusal"], entry, entry is not None and row["type"] != "message")


def is_alone(entry: NewEntry) -> bool:
    """Whether it must be judged by itself: it changes what others are judged by."""
    return entry.type != "message"


def new_entry(author_id: UUID, frame: wire.EntryIn | wire.NewMessage) -> NewEntry:
    """What a frame asks for."""
    return NewEntry(author_id, frame.client_id, *_type_and_content(frame))


def _type_and_content(frame: wire.EntryIn | wire.NewMessage) -> tuple[str, dict[str, Any]]:
    match frame:
        case wire.NewMessage():
            return "message", _message(frame)
        case wire.Delete():
            return "deleted", {"target": frame.seq}
        case wire.Pin():
            return "pinned", {"target": frame.seq}
        case wire.Mode():
            return "mode_set", {"announcements_only": frame.announcements_only}
        case wire.PollOpen():
            return "poll", {"question": frame.question, "options": frame.options}
        case wire.PollClose():
            return "poll_closed", {"target": frame.seq}


def _message(frame: wire.NewMessage) -> dict[str, Any]:
    files = [file.model_dump(mode="json") for file in frame.files]
    return {"body": frame.body, "mentions": list(dict.fromkeys(frame.mentions)), "files": files}
