"""Which fragments make up somebody's store."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from chassis.identity import Identity, Role
from classroom import fragments
from classroom.access import STAFF
from classroom.bootstrap.stored import digest_of, value_of


@dataclass(frozen=True, slots=True)
class Layout:
    """The keys of somebody's classrooms and of their own work there, as one state of their person says."""

    digest: bytes
    person: bytes
    views: tuple[str, ...]
    own: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """All but the person's own."""
        return (*self.views, *self.own)


def layout_of(identity: Identity, person: bytes) -> Layout:
    """The layout that a person's fragment gives to who has the caller's role."""
    value = value_of(person)
    known = orjson.loads(value)
    if identity.role is Role.STUDENT and known["taught"]:
        # Who was a teacher once keeps their place, but is shown what their present role may see.
        value = orjson.dumps(known | {"taught": []})
    taught = known["taught"] if identity.role in STAFF else []
    return Layout(
        digest=digest_of(person),
        person=value,
        views=(*map(fragments.teacher_view, taught), *map(fragments.student_view, known["attended"])),
        own=tuple(fragments.own_work(id_, identity.account_id) for id_ in known["attended"]),
    )


def shown_key(key: str) -> str:
    """A fragment's key as its reader knows it: without who they are."""
    kind, first, *_ = key.split(":")
    return kind if kind in ("person", "summary") else f"{kind}:{first}"


def classroom_of(key: str) -> UUID | None:
    """The classroom that a fragment shows something of."""
    kind, first, *_ = key.split(":")
    return None if kind in ("person", "summary") else UUID(first)
