"""`/assignments/{id}/grades` and `/assignments/{id}/release`."""

from collections.abc import Iterable
from uuid import UUID

from aiohttp import hdrs, web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.keys import IDENTITY
from chassis.paging import Page, PageQuery
from classroom import fragments
from classroom.access import STAFF, managed
from classroom.assignments.views import managed_assignment
from classroom.grades import commands, views
from classroom.grades.models import Grade, GradesOfStudents, GradesQuery, NewGrade, PastGrade, Release, Released

api = Api("classroom", "Classroom")


@api.get("/assignments/{assignment_id}/grades", roles=STAFF, summary="List grades", response=Page[Grade])
async def list_grades(identity: Identity, db: Executor, assignment_id: UUID, query: PageQuery) -> Page[Grade]:
    """By the students' names; drafts included; for the classroom's teachers and for admins."""
    await managed_assignment(db, identity, assignment_id, archived=True)
    return await views.list_grades(db, identity, assignment_id, query)


@api.get("/classrooms/{classroom_id}/grades", roles=STAFF, summary="All grades of some students")
async def list_grades_of_students(
    identity: Identity, db: Executor, classroom_id: UUID, query: GradesQuery
) -> GradesOfStudents:
    """The gradebook's cells, drafts and excuses included; `student_id` may be given up to 50 times."""
    await managed(db, identity, classroom_id, archived=True)
    return await views.grades_of_students(db, identity, classroom_id, query.student_id)


def seen_version(request: web.Request) -> int | None:
    """The version of the grade that is replaced: that of `If-Match`, 0 without it (there must be none yet)."""
    return expected(request) if hdrs.IF_MATCH in request.headers else 0


def mark_stale(request: web.Request, classroom_id: UUID, student_ids: Iterable[UUID]) -> None:
    """What shows the grades of these students."""
    school_id = request[IDENTITY].school_id
    own = [key for student_id in student_ids for key in fragments.own(school_id, classroom_id, student_id)]
    fragments.mark_stale(request, [*own, fragments.teacher_view(classroom_id)])


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
    given = await commands.give_grades(db, identity, assignment, [student_id], body, seen_version(request))
    mark_stale(request, assignment.classroom_id, [student_id])
    grades = await views.find_grades(db, identity, assignment_id, [student_id])
    if not given or not grades:
        current = grades[0].model_dump(mode="json") if grades else None
        raise PreconditionFailed(current, body.model_dump(mode="json"))
    return Reply(grades[0], etag(grades[0].version))


@api.get(
    "/assignments/{assignment_id}/grades/{student_id}/history",
    roles=STAFF,
    summary="What a grade was and who changed it",
    response=Page[PastGrade],
)
async def list_history(
    identity: Identity, db: Executor, assignment_id: UUID, student_id: UUID, query: PageQuery
) -> Page[PastGrade]:
    """Newest first; empty for who never had a grade."""
    await managed_assignment(db, identity, assignment_id, archived=True)
    return await views.list_history(db, identity, assignment_id, student_id, query)


@api.post("/assignments/{assignment_id}/release", roles=STAFF, summary="Release draft grades", errors=(Conflict,))
async def release_grades(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: Release | None = None
) -> Released:
    """Of some students or, without a body, of all: from now on they see their own."""
    _, assignment = await managed_assignment(db, identity, assignment_id)
    students = await commands.release_grades(db, identity, assignment, body.student_ids if body else None)
    mark_stale(request, assignment.classroom_id, students)
    return Released(released=len(students))
