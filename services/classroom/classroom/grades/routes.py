"""`/assignments/{id}/grades` and `/assignments/{id}/release`."""

from uuid import UUID

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page, PageQuery
from classroom import fragments
from classroom.access import STAFF
from classroom.assignments.views import managed_assignment
from classroom.grades import commands, views
from classroom.grades.models import Grade, NewGrade, Released

api = Api("classroom", "Classroom")


@api.get("/assignments/{assignment_id}/grades", roles=STAFF, summary="List grades", response=Page[Grade])
async def list_grades(identity: Identity, db: Executor, assignment_id: UUID, query: PageQuery) -> Page[Grade]:
    """Drafts included; for the classroom's teachers and for admins."""
    await managed_assignment(db, identity, assignment_id, archived=True)
    return await views.list_grades(db, identity, assignment_id, query)


@api.put(
    "/assignments/{assignment_id}/grades/{student_id}",
    roles=STAFF,
    summary="Give a student a grade",
    errors=(Conflict, PreconditionFailed),
)
async def give_grade(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, student_id: UUID, body: NewGrade
) -> Reply[Grade]:
    """`If-Match` names the grade that is replaced; without it there must be none yet."""
    _, assignment = await managed_assignment(db, identity, assignment_id)
    seen = expected(request) if hdrs.IF_MATCH in request.headers else 0
    own = fragments.own_work(assignment.classroom_id, student_id)
    stale = fragments.mark_stale(request, [own, fragments.teacher_view(assignment.classroom_id)])
    given = await commands.give_grade(db, identity, assignment, student_id, body, seen, stale)
    grade = await views.find_grade(db, identity, assignment_id, student_id)
    if not given or grade is None:
        current = grade.model_dump(mode="json") if grade else None
        raise PreconditionFailed(current, body.model_dump(mode="json"))
    return Reply(grade, etag(grade.version))


@api.post("/assignments/{assignment_id}/release", roles=STAFF, summary="Release all draft grades", errors=(Conflict,))
async def release_grades(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Released:
    """From now on every student sees their own."""
    _, assignment = await managed_assignment(db, identity, assignment_id)
    students = await commands.release_grades(db, identity, assignment)
    own = [fragments.own_work(assignment.classroom_id, student_id) for student_id in students]
    fragments.mark_stale(request, [*own, fragments.teacher_view(assignment.classroom_id)])
    return Released(released=len(students))
