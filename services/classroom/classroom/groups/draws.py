"""Groups at random."""

import secrets
from collections.abc import Collection
from hashlib import sha256
from math import ceil
from uuid import UUID


def drawn(students: Collection[UUID], *, size: int | None, count: int | None, seed: str | None) -> list[list[UUID]]:
    """As even groups as can be: `count` of them (none empty), or as few as there must be for at most `size` in each.

    Students come in the order of sha256("<seed>:<student id>"), so whoever knows the seed can draw again.
    """
    salt = seed or secrets.token_hex(16)
    order = sorted(students, key=lambda student: sha256(f"{salt}:{student}".encode()).digest())
    wanted = min(count, len(order)) if count is not None else ceil(len(order) / (size or 1))
    return [order[number::wanted] for number in range(wanted)]
