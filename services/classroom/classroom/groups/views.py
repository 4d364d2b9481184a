"""Reading groups."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity, Role
from classroom.access import classroom_of
from classroom.assignments.models import Assignment
from classroom.assignments.views import reach_assignment
from classroom.groups.models import Group, Grouping, GroupMember, Mode

_NONE: Row = {"mode": Mode.BY_HAND, "limit": None, "seed": None, "revision": 0, "groups": []}


async def find_grouping(db: Executor, identity: Identity, assignment_id: UUID) -> Grouping:
    """All groups, or for a student their own and those they may choose."""
    scope = {"assignment_id": assignment_id, "school_id": identity.school_id}
    if identity.role is Role.STUDENT:
        found = await db.row("find_grouping", student_id=identity.account_id, **scope) or _NONE
        return Grouping(**(found | {"seed": None, "groups": _groups(found["groups"]), "ungrouped": None}))
    found = await db.row("find_grouping", student_id=None, **scope) or _NONE
    ungrouped = [GroupMember(**row) for row in await db.rows("list_ungrouped", **scope)]
    return Grouping(**(found | {"groups": _groups(found["groups"]), "ungrouped": ungrouped}))


def _groups(found: list[object]) -> list[Group]:
    return [Group.model_validate(group) for group in found]


async def reach_group(db: Executor, identity: Identity, group_id: UUID) -> tuple[str, Assignment]:
    """The status of the classroom and the assignment that a group is of; raises NotFound."""
    await classroom_of(db, identity, "classroom_of_group", "group", group_id)
    assignment_id = await db.value("assignment_of_group", id=group_id, school_id=identity.school_id)
    try:
        classroom, assignment = await reach_assignment(db, identity, assignment_id)
    except NotFound:
        raise NotFound("group") from None
    return classroom["status"], assignment
