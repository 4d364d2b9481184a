"""Entries as the JSON that every member gets: made once."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from chassis.db import Row


class Numbered(NamedTuple):
    """An entry's number and its JSON (`wire.Entry`)."""

    seq: int
    json: bytes


def numbered(row: Row) -> Numbered:
    """An entry as the database tells it."""
    author = {"account_id": row["author_id"], "name": row["author_name"], "role": row["author_role"]}
    entry = {"type": row["type"], "seq": row["seq"], "author": author, "at": row["at"], **row["content"]}
    return Numbered(row["seq"], orjson.dumps(entry, option=orjson.OPT_UTC_Z))


def deleted_by(entry: Numbered) -> int | None:
    """The number of the message that the entry takes back."""
    if not entry.json.startswith(b'{"type":"deleted"'):
        return None
    target: int = orjson.loads(entry.json)["target"]
    return target


def emptied(entry: Numbered) -> Numbered:
    """A message as the database tells it once it was taken back: its place alone."""
    told = orjson.loads(entry.json)
    kept = {name: told[name] for name in ("type", "seq", "author", "at")}
    return Numbered(entry.seq, orjson.dumps(kept | {"deleted": True}))


def as_frame(entries: Sequence[Numbered]) -> bytes:
    """One frame's JSON: an entry alone, or several as `messages`."""
    if len(entries) == 1:
        return entries[0].json
    return b'{"type":"messages","messages":[' + b",".join(entry.json for entry in entries) + b"]}"


def ack(client_id: str, seq: int) -> bytes:
    """`wire.Ack` as JSON."""
    return orjson.dumps({"type": "ack", "client_id": client_id, "seq": seq})
