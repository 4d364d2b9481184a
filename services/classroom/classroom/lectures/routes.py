"""`/assignments/{id}/attendance`."""

from datetime import datetime
from uuid import UUID

from chassis.api import Api
from chassis.db import Executor
from chassis.errors import Forbidden
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom.access import may_manage
from classroom.assignments.views import reach_assignment
from classroom.lectures.models import HeldLecture

api = Api("classroom", "Classroom")
_FIRST = (datetime.min.isoformat(), UUID(int=0))


@api.get(
    "/assignments/{assignment_id}/attendance", summary="Who attended a lecture, each time it was held",
    response=Page[HeldLecture],
)  # fmt: skip
async def list_attendance(identity: Identity, db: Executor, assignment_id: UUID, query: PageQuery) -> Page[HeldLecture]:
    """The classroom's teachers see everybody's; a student sees their own."""
    classroom, _ = await reach_assignment(db, identity, assignment_id)
    manages = may_manage(identity, classroom)
    if not manages and identity.role is not Role.STUDENT:
        raise Forbidden("not_your_classroom", "Only the classroom's own teachers and admins may do this.")
    time, id_ = decode_cursor(query.cursor, _moment, UUID) or _FIRST
    rows = await db.rows(
        "list_lectures",
        assignment_id=assignment_id,
        school_id=identity.school_id,
        student_id=None if manages else str(identity.account_id),
        after_time=time,
        after_id=id_,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "opened_at", "lecture_id")
    return Page(items=[HeldLecture(**row) for row in shown], next_cursor=cursor)


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()
