"""Making groups: by hand, at random, by signing up. The assignment's row is locked first, so that places never race."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Executor, json_rows
from chassis.errors import Conflict, Invalid, NotFound
from chassis.identity import Identity
from classroom.assignments.models import Assignment
from classroom.domain import Kind
from classroom.groups.draws import drawn
from classroom.groups.models import MOST_GROUPS, Draw, Mode, NewGroup, NewGrouping
from classroom.groups.plan import Known, check, moved


@dataclass(frozen=True, slots=True)
class Scope:
    """The assignment whose groups change, in one transaction."""

    tx: Executor
    assignment_id: UUID
    school_id: UUID

    @property
    def ids(self) -> dict[str, UUID]:
        """What its queries are asked with."""
        return {"assignment_id": self.assignment_id, "school_id": self.school_id}

    async def lock(self) -> Known:
        """How the groups stand, held still until the transaction ends."""
        row = await self.tx.row("lock_grouping", **self.ids)
        assert row is not None
        return Known.of(row)

    async def place(self, target: Mapping[UUID, UUID | None]) -> None:
        """Put students into groups, or into none."""
        rows = [{"student_id": student, "group_id": group} for student, group in target.items()]
        await self.tx.execute("place_students", rows=json_rows(rows), **self.ids)

    async def follow(self, students: Collection[UUID]) -> list[UUID]:
        """Let these students' work be their group's, and tell so; returns the submissions that changed hands."""
        touched = await self.tx.rows("follow_work", students=list(students), **self.ids)
        ids = [row["id"] for row in touched]
        if ids:
            await self.tx.execute("tell_members", ids=ids, **self.ids)
        return ids

    async def count(self, students: Collection[UUID]) -> list[str]:
        """One change more, which these students see; returns what is stale."""
        keys: list[str] = await self.tx.value("count_grouping", students=list(students), **self.ids)
        return keys


def require_groups(assignment: Assignment) -> None:
    """Raises Conflict for an assignment that is not worked on in groups."""
    if assignment.kind is not Kind.GROUP:
        raise Conflict("no_groups", f"An assignment of kind {assignment.kind} has no groups.")


async def put_groups(
    db: Executor, identity: Identity, assignment: Assignment, body: NewGrouping, expected: int | None
) -> list[str] | None:
    """Let the groups be these; returns what is stale, None at another revision. Raises Invalid, Conflict."""
    require_groups(assignment)
    async with db.transaction() as tx:
        scope = Scope(tx, assignment.id, identity.school_id)
        known = await scope.lock()
        if expected not in (None, known.revision):
            return None
        check(known, body)
        return await _store(scope, known, body, seed=None)


async def _store(scope: Scope, known: Known, body: NewGrouping, seed: str | None) -> list[str]:
    """Groups, then who is in them, then how many may be; what is no longer named goes last."""
    target = await _put(scope, body.groups)
    changed = moved(known, target)
    await scope.place(changed)
    gone = known.groups.keys() - {group.id for group in body.groups}
    await scope.tx.execute("remove_groups", ids=list(gone), **scope.ids)
    await scope.follow(changed.keys() - known.workers)
    keys: list[str] = await scope.tx.value(
        "settle_grouping",
        mode=body.mode,
        places=body.limit,
        seed=seed,
        students=list(known.placed.keys() | target.keys()),
        **scope.ids,
    )
    return keys


async def _put(scope: Scope, groups: Sequence[NewGroup]) -> dict[UUID, UUID]:
    """Make and rename groups; returns who is to be in which."""
    rows = [{"id": group.id, "name": group.name, "position": place} for place, group in enumerate(groups)]
    stored = await scope.tx.rows("put_groups", rows=json_rows(rows), **scope.ids)
    return {student: row["id"] for row in stored for student in groups[row["position"]].student_ids}


async def draw_groups(db: Executor, identity: Identity, assignment: Assignment, body: Draw) -> list[str]:
    """Put everybody it is for into new groups by chance; returns what is stale. Raises Conflict once work has begun."""
    require_groups(assignment)
    async with db.transaction() as tx:
        scope = Scope(tx, assignment.id, identity.school_id)
        known = await scope.lock()
        if known.workers or any(group.work for group in known.groups.values()):
            raise Conflict("work_begun", "Work has begun in these groups; change them by hand.")
        groups = drawn(known.students, size=body.size, count=body.count, seed=body.seed)
        if len(groups) > MOST_GROUPS:
            raise Invalid("body.size", f"That would be more than {MOST_GROUPS} groups.")
        named = [NewGroup(name=f"Group {number}", student_ids=ids) for number, ids in enumerate(groups, 1)]
        return await _store(scope, known, NewGrouping(groups=named), body.seed)


async def sign_up(db: Executor, identity: Identity, assignment: Assignment, group_id: UUID) -> list[str]:
    """Let the caller into a group that they chose; returns what is stale. Raises Conflict, NotFound."""
    async with db.transaction() as tx:
        scope = Scope(tx, assignment.id, identity.school_id)
        known = await scope.lock()
        if group_id not in known.groups:
            raise NotFound("group")
        if known.placed.get(identity.account_id) == group_id:
            return []
        _require_room(known, identity.account_id, group_id)
        await scope.place({identity.account_id: group_id})
        await scope.follow([identity.account_id])
        authors = known.workers if known.groups[group_id].work else ()
        return await scope.count({identity.account_id, *known.people_of(group_id), *authors})


def _require_open(known: Known) -> None:
    if known.mode != Mode.SELF_SIGN_UP:
        raise Conflict("no_sign_up", "The teachers make the groups of this assignment.")


def _require_room(known: Known, student_id: UUID, group_id: UUID) -> None:
    _require_open(known)
    if student_id in known.placed:
        raise Conflict("in_a_group", "You are in a group already; leave it first.")
    if student_id in known.workers:
        raise Conflict("has_work", "You have work already; ask a teacher to move you.")
    group = known.groups[group_id]
    if group.work not in (None, "created"):
        raise Conflict("turned_in", "The group has turned in its work; ask a teacher to let you in.")
    if known.places is not None and len(group.student_ids) >= known.places:
        raise Conflict("group_full", "The last place of the group is taken; choose another.")


async def leave(db: Executor, identity: Identity, assignment: Assignment, group_id: UUID) -> list[str]:
    """Let the caller out of the group they are in; returns what is stale. Raises Conflict once its work has begun."""
    async with db.transaction() as tx:
        scope = Scope(tx, assignment.id, identity.school_id)
        known = await scope.lock()
        if known.placed.get(identity.account_id) != group_id:
            return []
        _require_open(known)
        if known.groups[group_id].work or identity.account_id in known.workers:
            raise Conflict("work_begun", "Your group has begun its work; ask a teacher to move you.")
        await scope.place({identity.account_id: None})
        return await scope.count(known.people_of(group_id))
