"""Reading: straight from SQL to answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity, Role
from chassis.paging import Page, decode_cursor, page_of
from grading import figures
from grading.domain import SMALLEST_CLASS, participation
from grading.models import (
    ClassAverages,
    Classroom,
    Filters,
    HardQuestion,
    OwnClassroom,
    OwnQuiz,
    OwnTopic,
    OwnTotal,
    School,
    Student,
    StudentInDetail,
    StudentQuery,
    Teacher,
    TeacherQuery,
    Term,
)

HARDEST_QUESTIONS = 5
BUSIEST = 6

# --- Teachers, for admins ------------------------------------------------------------------------------


async def teachers(db: Executor, school_id: UUID, query: TeacherQuery) -> Page[Teacher]:
    """A page of the school's teachers, each with their classrooms."""
    rows = await _teachers(
        db, school_id, term=query.term, subject=query.subject, limit=query.limit + 1, **_after(query.cursor)
    )
    shown, cursor = page_of(rows, query.limit, "name", "teacher_id")
    return Page(items=await _with_months(db, shown), next_cursor=cursor)


async def school(db: Executor, school_id: UUID) -> School:
    """What an admin wants to know of all teachers together, however many pages they fill."""
    found = await db.row("school_teachers", school_id=school_id, most=BUSIEST) or {}
    places = {teacher_id: place for place, teacher_id in enumerate(found["busiest"])}
    rows = await _teachers(db, school_id, teacher_ids=list(places), limit=BUSIEST)
    rows.sort(key=lambda row: places[row["teacher_id"]])
    return School(
        teachers=found["teachers"], idle_teachers=found["idle_teachers"], busiest=await _with_months(db, rows)
    )


async def find_teacher(db: Executor, school_id: UUID, teacher_id: UUID) -> Row | None:
    """A teacher of the school, with their classrooms."""
    rows = await _teachers(db, school_id, teacher_ids=[teacher_id], limit=1)
    return rows[0] if rows else None


async def teacher(db: Executor, found: Row) -> Teacher:
    """A teacher that `find_teacher` found, over all their classrooms."""
    (found_teacher,) = await _with_months(db, [found])
    return found_teacher


async def _teachers(db: Executor, school_id: UUID, **which: Any) -> list[Row]:
    anyone = {"teacher_ids": None, "term": None, "subject": None} | _after(None)
    return await db.rows("list_teachers", school_id=school_id, **anyone | which)


async def _with_months(db: Executor, rows: Sequence[Row]) -> list[Teacher]:
    """Rows of `list_teachers` with how their averages moved."""
    classroom_ids = [UUID(item["classroom_id"]) for row in rows for item in row["classrooms"]]
    months = await db.rows("quiz_months", classroom_ids=classroom_ids)
    return [figures.teacher(row, row["classrooms"], months) for row in rows]


async def filters(db: Executor, school_id: UUID) -> Filters:
    """What the list of teachers can be filtered by."""
    rows = await db.rows("list_filters", school_id=school_id)
    terms, subjects = ({row[name] for row in rows} - {None} for name in ("term_title", "subject"))
    return Filters(terms=sorted(terms), subjects=sorted(subjects))


# --- Classrooms, for their teachers and admins ---------------------------------------------------------


async def find_classroom(db: Executor, identity: Identity, classroom_id: UUID) -> Row | None:
    """A classroom whose figures the caller, a teacher or an admin, may see."""
    return await db.row(
        "staff_classroom",
        classroom_id=classroom_id,
        school_id=identity.school_id,
        account_id=identity.account_id,
        is_admin=identity.role is Role.ADMIN,
    )


async def find_student(db: Executor, identity: Identity, classroom_id: UUID, student_id: UUID) -> Row | None:
    """A student of such a classroom."""
    if await find_classroom(db, identity, classroom_id) is None:
        return None
    return await db.row("enrolled_student", classroom_id=classroom_id, student_id=student_id)


async def find_topic(db: Executor, identity: Identity, classroom_id: UUID, topic_id: UUID) -> Row | None:
    """A topic of such a classroom."""
    if await find_classroom(db, identity, classroom_id) is None:
        return None
    return await db.row("classroom_topic", classroom_id=classroom_id, topic_id=topic_id)


async def classroom(db: Executor, found: Row) -> Classroom:
    """A classroom that `find_classroom` found."""
    classroom_id = found["classroom_id"]
    rows = [figures.spread(row) for row in await db.rows("classroom_assignments", classroom_id=classroom_id)]
    quizzes = [row for row in rows if row["kind"] == "quiz"]
    results = sum(row["tally"].results for row in quizzes)
    return Classroom(
        **{name: found[name] for name in ("classroom_id", "title", "subject", "status", "students")},
        **figures.by_kind(rows),
        term=_term(found),
        participation=participation(results, found["students"], len(quizzes)),
        distribution=figures.distribution(row["spread"] for row in quizzes),
        trend=figures.trend(await db.rows("quiz_months", classroom_ids=[classroom_id])),
        topics=figures.topics(await _titles(db, classroom_id), rows),
        quizzes=[figures.quiz(row) for row in quizzes],
        hardest_questions=await _hardest_questions(db, classroom_id),
    )


async def _titles(db: Executor, classroom_id: UUID) -> dict[UUID, str]:
    rows = await db.rows("classroom_topics", classroom_id=classroom_id)
    return {row["topic_id"]: row["title"] for row in rows}


async def _hardest_questions(db: Executor, classroom_id: UUID) -> list[HardQuestion]:
    rows = await db.rows("hardest_questions", classroom_id=classroom_id, limit=HARDEST_QUESTIONS)
    return [HardQuestion(**row) for row in rows]


def _term(row: Row) -> Term | None:
    if row["term_title"] is None:
        return None
    return Term(title=row["term_title"], starts_on=row["term_starts_on"], ends_on=row["term_ends_on"])


async def students(
    db: Executor, classroom_id: UUID, query: StudentQuery, topic_id: UUID | None = None
) -> Page[Student]:
    """A page of a classroom's students with their averages, of one topic if it is given."""
    rows = await db.rows(
        "list_students",
        classroom_id=classroom_id,
        topic_id=topic_id,
        search=containing(query.search),
        limit=query.limit + 1,
        **_after(query.cursor),
    )
    shown, cursor = page_of(rows, query.limit, "name", "student_id")
    return Page(items=[_student(row) for row in shown], next_cursor=cursor)


def _student(row: Row) -> Student:
    return Student(student_id=row["student_id"], name=row["name"] or None, **figures.row_averages(row))


async def student(db: Executor, classroom_id: UUID, found: Row) -> StudentInDetail:
    """A student that `find_student` found, in the classroom."""
    rows = await _own_results(db, classroom_id, found["student_id"])
    return StudentInDetail(**found, **_own_figures(rows, await _titles(db, classroom_id)))


def _own_figures(rows: Sequence[Row], titles: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        **figures.by_kind(rows),
        "topics": figures.topics(titles, rows),
        "trend": figures.own_trend(rows),
        "assignments": [figures.result(row) for row in rows],
    }


async def _own_results(
    db: Executor, classroom_id: UUID, student_id: UUID, topic_id: UUID | None = None, assignment_id: UUID | None = None
) -> list[Row]:
    rows = await db.rows(
        "student_results",
        classroom_id=classroom_id,
        student_id=student_id,
        topic_id=topic_id,
        assignment_id=assignment_id,
    )
    return [figures.own_tally(row) for row in rows]


# --- One's own, for students ---------------------------------------------------------------------------


async def find_own(db: Executor, query: str, identity: Identity, **key: UUID) -> Row | None:
    """The classroom, topic or quiz (`own_…` query and its key), where the caller is enrolled."""
    return await db.row(query, school_id=identity.school_id, account_id=identity.account_id, **key)


async def own_classroom(
    db: Executor, student_id: UUID, found: Row, total: OwnTotal, titles: Mapping[UUID, str]
) -> OwnClassroom:
    """The caller's figures in a classroom that `find_own` found, with the titles of its topics in their order."""
    everyone = await _class_averages(db, found["classroom_id"])
    rows = await _own_results(db, found["classroom_id"], student_id)
    return OwnClassroom(**found, total=total, class_averages=everyone, **_own_figures(rows, titles))


async def own_topic(db: Executor, student_id: UUID, found: Row) -> OwnTopic:
    """The caller's figures in a topic that `find_own` found."""
    everyone = await _class_averages(db, found["classroom_id"], topic_id=found["topic_id"])
    rows = await _own_results(db, found["classroom_id"], student_id, topic_id=found["topic_id"])
    return OwnTopic(
        **found,
        **figures.by_kind(rows),
        class_averages=everyone,
        assignments=[figures.result(row) for row in rows],
    )


async def own_quiz(db: Executor, student_id: UUID, found: Row) -> OwnQuiz:
    """The caller's result in a quiz that `find_own` found; raises NotFound when it is gone meanwhile."""
    classroom_id, assignment_id = found["classroom_id"], found["assignment_id"]
    everyone = await _class_averages(db, classroom_id, assignment_id=assignment_id)
    rows = await _own_results(db, classroom_id, student_id, assignment_id=assignment_id)
    if not rows:
        raise NotFound("quiz")
    return OwnQuiz(**dict(figures.result(rows[0])), classroom_id=classroom_id, class_average=everyone.quiz_average)


async def _class_averages(
    db: Executor, classroom_id: UUID, topic_id: UUID | None = None, assignment_id: UUID | None = None
) -> ClassAverages:
    row = await db.row(
        "class_tally",
        classroom_id=classroom_id,
        topic_id=topic_id,
        assignment_id=assignment_id,
        fewest=SMALLEST_CLASS,
    )
    return figures.class_averages(row or {})


# --- Pages ---------------------------------------------------------------------------------------------


def _after(cursor: str | None) -> dict[str, Any]:
    position = decode_cursor(cursor, str, UUID) or (None, None)
    return {"after_name": position[0], "after_id": position[1]}


def containing(text: str | None) -> str | None:
    """The pattern for ILIKE of what contains the text."""
    if text is None:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
