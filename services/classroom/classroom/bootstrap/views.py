"""Joins the bootstrap from stored fragments, without parsing any."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from chassis.cache import Cache
from chassis.db import Executor
from chassis.identity import Identity, Role
from classroom import fragments
from classroom.bootstrap.layout import Layout, layout_of
from classroom.bootstrap.reader import Reader
from classroom.bootstrap.stored import digest_of, digests_of, value_of, values_of, version_of

_KNOWN_LAYOUTS = 10_000


class Layouts:
    """The layouts last seen, so that a person and all they are shown are asked for at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, UUID, Role], Layout] = {}

    def guess(self, identity: Identity) -> Layout | None:
        """What the caller's layout was; whether it still is, their person's digest tells."""
        return self._known.get(_who(identity))

    def keep(self, identity: Identity, layout: Layout) -> None:
        """Remember; the oldest are forgotten."""
        if len(self._known) >= _KNOWN_LAYOUTS:
            del self._known[next(iter(self._known))]
        self._known[_who(identity)] = layout


def _who(identity: Identity) -> tuple[UUID, UUID, Role]:
    return identity.school_id, identity.account_id, identity.role


@dataclass(slots=True)
class Store:
    """Somebody's store: their layout, the person's fragment, those of the layout's keys, and an admin's summary."""

    role: Role
    layout: Layout
    person: bytes
    found: Sequence[bytes]
    summary: bytes | None

    def etag(self) -> str:
        """The same for the same content, whenever it was read."""
        digests = digests_of((self.person, *self.found, self.summary or b""))
        return f'W/"{blake2b(digests, digest_size=12, key=self.role.encode()).hexdigest()}"'

    def body(self) -> bytes:
        """The whole answer as JSON."""
        layout, values = self.layout, values_of(self.found)
        parts = [layout.begin, b"null" if self.summary is None else value_of(self.summary)]
        parts += b',"classrooms":[', b",".join(filter(None, values[: layout.views]))
        parts += b'],"own":[', b",".join(filter(None, values[layout.views :]))
        parts += b'],"versions":{"person":"', version_of(self.person)
        if self.summary is not None:
            parts += b'","summary":"', version_of(self.summary)
        for name, fragment, value in zip(layout.names, self.found, values, strict=True):
            if value:
                parts += name, version_of(fragment)
        parts.append(b'"}}')
        return b"".join(parts)


async def read_store(db: Executor, cache: Cache, layouts: Layouts, identity: Identity) -> Store:
    """The caller's store."""
    reader = Reader(db, cache, identity.school_id)
    guessed = layouts.guess(identity)
    asked = guessed.asked if guessed else [fragments.person_key(identity.school_id, identity.account_id)]
    person, *found = await reader.read(asked)
    if guessed is None or guessed.digest != digest_of(person):
        guessed = layout_of(identity, person)
        layouts.keep(identity, guessed)
        found = await reader.read(guessed.keys)
    summary = await reader.summary() if identity.role is Role.ADMIN else None
    return Store(identity.role, guessed, person, found, summary)
