"""Draws and orders that follow from a stored seed, the same on every machine and in every version of Python."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from chassis.db import Row

T = TypeVar("T")


def new_seed() -> int:
    """63 unguessable bits."""
    return secrets.randbits(63)


def shuffled(seed: int, items: Iterable[T], name: Callable[[T], str]) -> list[T]:
    """In the order of SHA-256(seed, name)."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}:{name(item)}".encode()).digest())


def drawn(seed: int, questions: Sequence[Row], draws: Sequence[Row], *, shuffle: bool) -> list[UUID]:
    """The questions of one attempt, in its order: all that are for everybody, and so many of each draw."""
    chosen = [row for row in questions if row["draw"] is None]
    for draw in draws:
        pool = [row for row in questions if row["draw"] == draw["draw"]]
        chosen += shuffled(seed, pool, _name)[: draw["count"]]
    ordered = shuffled(seed + 1, chosen, _name) if shuffle else sorted(chosen, key=lambda row: row["position"])
    return [row["id"] for row in ordered]


def _name(row: Row) -> str:
    return str(row["id"])


def arranged(seed: int, body: dict[str, Any], *, shuffle_choices: bool) -> dict[str, Any]:
    """A question's body with its options in the order of one attempt. What is to be matched or ordered is always
    shuffled."""
    names = ["rights", "items", *(["choices"] if shuffle_choices else [])]
    return body | {name: shuffled(seed, body[name], lambda it: it["id"]) for name in names if name in body}
