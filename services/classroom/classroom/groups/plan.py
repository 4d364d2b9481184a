"""From how groups stand to how they are to be: what a teacher asks for is checked whole before anything changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Row
from chassis.errors import Conflict, FieldError, Invalid
from classroom.groups.models import NewGrouping


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A group as it stands; `work` is its submission's status, None before it begins."""

    id: UUID
    name: str
    work: str | None
    student_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Known:
    """The groups of an assignment, whom it is for, and who has work already."""

    revision: int
    mode: str
    places: int | None
    groups: Mapping[UUID, KnownGroup]
    students: frozenset[UUID]
    workers: frozenset[UUID]

    @classmethod
    def of(cls, row: Row) -> "Known":
        """From what `lock_grouping` found."""
        groups = [_known_group(group) for group in row["groups"]]
        return cls(
            row["revision"],
            row["mode"],
            row["places"],
            {group.id: group for group in groups},
            frozenset(row["students"]),
            frozenset(row["workers"]),
        )

    @property
    def placed(self) -> dict[UUID, UUID]:
        """Each student's group."""
        return {student: group.id for group in self.groups.values() for student in group.student_ids}

    def people_of(self, *group_ids: UUID) -> set[UUID]:
        """Who is in these groups."""
        return {student for group in self.groups.values() if group.id in group_ids for student in group.student_ids}


def _known_group(found: Mapping[str, Any]) -> KnownGroup:
    students = frozenset(map(UUID, found["student_ids"]))
    return KnownGroup(UUID(found["id"]), found["name"], found["work"], students)


def check(known: Known, wanted: NewGrouping) -> None:
    """Raises Invalid naming each wrong field; Conflict where work that has begun would be torn apart."""
    if problems := [*_wrong_groups(known, wanted), *_wrong_students(known, wanted)]:
        raise Invalid.many(problems[:20], len(problems))
    kept = {group.id for group in wanted.groups}
    if begun := [group.name for group in known.groups.values() if group.work and group.id not in kept]:
        raise Conflict("group_has_work", f"The group {begun[0]} has work already; it cannot go.")
    target = {student: group.id for group in wanted.groups for student in group.student_ids}
    if any(target.get(student) != group for student, group in known.placed.items() if student in known.workers):
        raise Conflict("has_work", "Somebody who has work already is moved alone: say whether it follows.")


def _wrong_groups(known: Known, wanted: NewGrouping) -> Iterator[FieldError]:
    names: set[str] = set()
    ids: set[UUID] = set()
    for number, group in enumerate(wanted.groups):
        if group.name.casefold() in names:
            yield FieldError(f"body.groups.{number}.name", "Give each group a name of its own.", "name_taken")
        if group.id is not None and (group.id in ids or group.id not in known.groups):
            yield FieldError(f"body.groups.{number}.id", "The assignment has no such group.", "unknown_group")
        if wanted.limit is not None and len(group.student_ids) > wanted.limit:
            yield FieldError(f"body.groups.{number}.student_ids", f"A group takes {wanted.limit}.", "group_full")
        names.add(group.name.casefold())
        if group.id is not None:
            ids.add(group.id)


def _wrong_students(known: Known, wanted: NewGrouping) -> Iterator[FieldError]:
    seen: set[UUID] = set()
    may = known.students | known.placed.keys()
    for number, group in enumerate(wanted.groups):
        for place, student in enumerate(group.student_ids):
            field = f"body.groups.{number}.student_ids.{place}"
            if student in seen:
                yield FieldError(field, "Name each student once.", "named_twice")
            if student not in may:
                yield FieldError(field, "Name students whom the assignment is for.", "unknown_student")
            seen.add(student)


def moved(known: Known, target: Mapping[UUID, UUID]) -> dict[UUID, UUID | None]:
    """Who changes their group, and into which."""
    students = known.placed.keys() | target.keys()
    return {student: target.get(student) for student in students if target.get(student) != known.placed.get(student)}
