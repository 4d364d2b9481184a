"""Who asks, and what of theirs is looked for: what the routes have in common."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound, TooMany
from chassis.identity import Identity, Role
from grading import views

ADMIN = frozenset({Role.ADMIN})
STAFF = frozenset({Role.ADMIN, Role.TEACHER})
STUDENT = frozenset({Role.STUDENT})
ERRORS = (NotFound, TooMany)


async def staff_classroom(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> Row:
    """A classroom whose figures the caller may see; raises NotFound, TooMany."""
    return await existing(request, identity, "classroom", lambda: views.find_classroom(db, identity, classroom_id))


async def staff_student(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, student_id: UUID
) -> Row:
    """A student of such a classroom; raises NotFound, TooMany."""
    return await existing(
        request, identity, "student", lambda: views.find_student(db, identity, classroom_id, student_id)
    )


async def own_classroom(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> Row:
    """A classroom the caller, a student, attends; raises NotFound, TooMany."""
    return await existing(
        request,
        identity,
        "classroom",
        lambda: views.find_own(db, "own_classroom", identity, classroom_id=classroom_id),
    )


def require_active(classroom: Row) -> None:
    """Raises Conflict for an archived classroom, whose totals stay as they are."""
    if classroom["status"] == "archived":
        raise Conflict("classroom_archived", "The classroom is archived; make it active again first.")
