"""Joins the bootstrap from cached fragments, without parsing any but the caller's own list of classrooms.

A fragment begins with the epoch of the school at which it was read (8 bytes, big-endian). What changes very
many fragments at once, such as an import, raises the epoch: older fragments are then refused.
"""

from collections.abc import Iterable, Mapping, Sequence

import orjson

from chassis.cache import Cache
from chassis.db import Executor, Row
from chassis.identity import Identity, Role
from classroom import fragments
from classroom.access import STAFF

_EPOCH = 8


async def bootstrap(db: Executor, cache: Cache, identity: Identity) -> bytes:
    """The whole answer as JSON."""
    reader = _Reader(db, cache, identity)
    person = await reader.person()
    known = orjson.loads(person)
    if identity.role is Role.STUDENT and known["taught"]:
        # Who was a teacher once keeps their place, but is shown what their present role may see.
        person = orjson.dumps(known | {"taught": []})
    taught = known["taught"] if identity.role in STAFF else []
    views = [*map(fragments.teacher_view, taught), *map(fragments.student_view, known["attended"])]
    own = [fragments.own_work(id_, identity.account_id) for id_ in known["attended"]]
    found = await reader.read([*views, *own])
    return _joined(identity.role, person, await _summary(db, identity), found[: len(views)], found[len(views) :])


def _joined(role: Role, person: bytes, summary: bytes, classrooms: Sequence[bytes], own: Sequence[bytes]) -> bytes:
    return b'{"role":"%b","person":%b,"summary":%b,"classrooms":[%b],"own":[%b]}' % (
        role.value.encode(),
        person,
        summary,
        b",".join(filter(None, classrooms)),
        b",".join(filter(None, own)),
    )


async def _summary(db: Executor, identity: Identity) -> bytes:
    if identity.role is not Role.ADMIN:
        return b"null"
    return orjson.dumps(await db.row("school_summary", school_id=identity.school_id))


class _Reader:
    """Reads one caller's fragments."""

    def __init__(self, db: Executor, cache: Cache, identity: Identity) -> None:
        self._db = db
        self._cache = cache
        self._identity = identity
        self._epoch = b""

    async def person(self) -> bytes:
        """The caller; the epoch that all other fragments must reach is read with it."""
        identity = self._identity
        school = fragments.school_key(identity.school_id)
        person = fragments.person_key(identity.school_id, identity.account_id)
        self._epoch, found = await self._cache.fragments([school, person], self._fill)
        return (await self._renewed([person], [found]))[0]

    async def read(self, keys: list[str]) -> list[bytes]:
        """The fragments, none older than the epoch; empty where a classroom has just gone."""
        return await self._renewed(keys, await self._cache.fragments(keys, self._fill))

    async def _renewed(self, keys: Sequence[str], found: Sequence[bytes]) -> list[bytes]:
        old = [key for key, value in zip(keys, found, strict=True) if value[:_EPOCH] < self._epoch]
        fresh: Mapping[str, bytes] = {}
        if old:
            await self._cache.forget(old)
            fresh = await self._fill(old)
        return [fresh.get(key, value)[_EPOCH:] for key, value in zip(keys, found, strict=True)]

    async def _fill(self, keys: list[str]) -> Mapping[str, bytes]:
        """What is missing, read from the database, a query for each kind."""
        ids: dict[str, list[str]] = {}
        for key in keys:
            kind, _, rest = key.partition(":")
            ids.setdefault(kind, []).append(rest.partition(":")[0])
        filled = {key: bytes(_EPOCH) for key in keys}
        for kind, wanted in ids.items():
            filled |= await self._of_kind(kind, wanted)
        return filled

    async def _of_kind(self, kind: str, ids: list[str]) -> dict[str, bytes]:
        who = {"school_id": self._identity.school_id, "account_id": self._identity.account_id}
        match kind:
            case "school":
                return {fragments.school_key(who["school_id"]): _epoch(await self._db.row("fragment_school", **who))}
            case "person":
                row = await self._db.row("fragment_person", **who)
                return {fragments.person_key(**who): _stored(row)}
            case "own":
                rows = await self._db.rows("fragment_own", ids=ids, **who)
                return {fragments.own_work(row["id"], who["account_id"]): _stored(row) for row in rows}
            case "student-view" | "teacher-view":
                teacher = kind == "teacher-view"
                rows = await self._db.rows("fragment_views", ids=ids, teacher=teacher, **who)
                return _by_classroom(kind, rows)
        raise ValueError(kind)


def _by_classroom(kind: str, rows: Iterable[Row]) -> dict[str, bytes]:
    return {f"{kind}:{row['id']}": _stored(row) for row in rows}


def _epoch(row: Row | None) -> bytes:
    assert row is not None
    epoch: int = row["epoch"]
    return epoch.to_bytes(_EPOCH, "big")


def _stored(row: Row | None) -> bytes:
    assert row is not None
    fragment: str = row["fragment"]
    return _epoch(row) + fragment.encode()
