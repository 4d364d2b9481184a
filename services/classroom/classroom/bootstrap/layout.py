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
    """What one state of somebody's person says: the keys of their classrooms, first `views` of these, then of their own
    work there, how each is named in `versions`, and with what their store begins."""

    digest: bytes
    person: bytes
    keys: tuple[str, ...]
    views: int
    names: tuple[bytes, ...]
    begin: bytes
    # The person's own key and all others: what is asked for at once.
    asked: tuple[str, ...]


def layout_of(identity: Identity, person: bytes) -> Layout:
    """The layout that a person's fragment gives to who has the caller's role."""
    value = value_of(person)
    known = orjson.loads(value)
    if identity.role is Role.STUDENT and known["taught"]:
        # Who was a teacher once keeps their place, but is shown what their present role may see.
        value = orjson.dumps(known | {"taught": []})
    taught = known["taught"] if identity.role in STAFF else []
    views = (*map(fragments.teacher_view, taught), *map(fragments.student_view, known["attended"]))
    keys = (*views, *(fragments.own_work(id_, identity.account_id) for id_ in known["attended"]))
    return Layout(
        digest=digest_of(person),
        person=value,
        keys=keys,
        views=len(views),
        names=tuple(b'","%b":"' % shown_key(key).encode() for key in keys),
        begin=b'{"role":"%b","person":%b,"summary":' % (identity.role.encode(), value),
        asked=(fragments.person_key(identity.school_id, identity.account_id), *keys),
    )


def shown_key(key: str) -> str:
    """A fragment's key as its reader knows it: without who they are."""
    kind, first, *_ = key.split(":")
    return kind if kind in ("person", "summary") else f"{kind}:{first}"


def classroom_of(key: str) -> UUID | None:
    """The classroom that a fragment shows something of."""
    kind, first, *_ = key.split(":")
    return None if kind in ("person", "summary") else UUID(first)
