"""Reads the fragments of one school's people: from the cache, or from the database, a query for each kind."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson

from chassis.cache import Cache
from chassis.db import Executor, Row
from classroom import fragments
from classroom.bootstrap.stored import ABSENT, epoch_of, stored

Ids = list[tuple[str, ...]]


class Reader:
    """Whose fragments may be read is for its caller to know."""

    def __init__(self, db: Executor, cache: Cache, school_id: UUID) -> None:
        self._db = db
        self._cache = cache
        self._school_id = school_id
        self._school = fragments.school_key(school_id)

    async def read_all(self, keys: Sequence[str]) -> list[bytes]:
        """As `read`, a summary among them."""
        summary = fragments.summary_key(self._school_id)
        if summary not in keys:
            return await self.read(keys)
        stored_keys = [key for key in keys if key != summary]
        found = dict(zip(stored_keys, await self.read(stored_keys), strict=True))
        found[summary] = await self.summary()
        return [found[key] for key in keys]

    async def summary(self) -> bytes:
        """The school in numbers, as a fragment is stored; it is never cached."""
        row = await self._db.row("school_summary", school_id=self._school_id)
        assert row is not None
        value = orjson.dumps({name: row[name] for name in ("classrooms", "enrolments")}).decode()
        return stored({"fragment": value, "position": row["position"], "epoch": 0})

    async def read(self, keys: Sequence[str]) -> list[bytes]:
        """The fragments as they are stored, in order; none is older than the school's epoch."""
        school, *found = await self._cache.fragments([self._school, *keys], self._fill)
        epoch = epoch_of(school)
        # A fragment begins with its epoch, so that they compare whole.
        if not found or min(found) >= epoch:
            return found
        return await self._renewed(keys, found, [key for key, it in zip(keys, found, strict=True) if it < epoch])

    async def _renewed(self, keys: Sequence[str], found: Sequence[bytes], old: list[str]) -> list[bytes]:
        await self._cache.forget(old)
        fresh = await self._fill(old)
        return [fresh.get(key, fragment) for key, fragment in zip(keys, found, strict=True)]

    async def _fill(self, keys: list[str]) -> Mapping[str, bytes]:
        ids: dict[str, Ids] = {}
        for key in keys:
            kind, *rest = key.split(":")
            ids.setdefault(kind, []).append(tuple(rest))
        filled = dict.fromkeys(keys, ABSENT)
        for kind, wanted in ids.items():
            for row in await self._of_kind(kind, wanted):
                filled[row["key"]] = stored(row)
        return filled

    async def _of_kind(self, kind: str, ids: Ids) -> list[Row]:
        match kind:
            case "school":
                return await self._db.rows("fragment_school", school_id=self._school_id)
            case "person":
                accounts = [account for _, account in ids]
                return await self._db.rows("fragment_people", school_id=self._school_id, accounts=accounts)
            case "own":
                classrooms, students = (list(column) for column in zip(*ids, strict=True))
                return await self._db.rows(
                    "fragment_own", school_id=self._school_id, classrooms=classrooms, students=students
                )
            case "student-view" | "teacher-view":
                classrooms = [classroom for (classroom,) in ids]
                teacher = kind == "teacher-view"
                return await self._db.rows(
                    "fragment_views", school_id=self._school_id, ids=classrooms, teacher=teacher, kind=kind
                )
        raise ValueError(kind)
