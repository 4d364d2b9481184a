"""Reading grades: for the classroom's teachers and the school's admins alone."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom.grades.models import Grade, GradeInClassroom, GradesOfStudents, PastGrade
from classroom.people.views import FIRST_BY_NAME

_NEWEST = (2**62,)


async def find_grades(
    db: Executor, identity: Identity, assignment_id: UUID, student_ids: Sequence[UUID]
) -> list[Grade]:
    """The grades of these students, drafts included; nothing for who has none."""
    rows = await db.rows("find_grades", id=assignment_id, school_id=identity.school_id, students=list(student_ids))
    return [Grade(**row) for row in rows]


async def list_grades(db: Executor, identity: Identity, assignment_id: UUID, query: PageQuery) -> Page[Grade]:
    """A page of an assignment's grades by the students' names, drafts included."""
    name, id_ = decode_cursor(query.cursor, str, UUID) or FIRST_BY_NAME
    rows = await db.rows(
        "list_grades",
        id=assignment_id,
        school_id=identity.school_id,
        after_name=name,
        after_id=id_,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "name", "student_id")
    return Page(items=[Grade(**row) for row in shown], next_cursor=cursor)


async def grades_of_students(
    db: Executor, identity: Identity, classroom_id: UUID, student_ids: Sequence[UUID]
) -> GradesOfStudents:
    """Every grade of these students in a classroom, drafts included."""
    rows = await db.rows(
        "list_grades_of_students",
        classroom_id=classroom_id,
        school_id=identity.school_id,
        students=list(set(student_ids)),
    )
    return GradesOfStudents(items=[GradeInClassroom(**row) for row in rows])


async def list_history(
    db: Executor, identity: Identity, assignment_id: UUID, student_id: UUID, query: PageQuery
) -> Page[PastGrade]:
    """A page of what a grade was, newest first."""
    (before,) = decode_cursor(query.cursor, int) or _NEWEST
    rows = await db.rows(
        "list_grade_history",
        id=assignment_id,
        school_id=identity.school_id,
        student_id=student_id,
        before=before,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "version")
    return Page(items=[PastGrade(**row) for row in shown], next_cursor=cursor)
