"""The HTTP API of grading. A foreign id, an unknown one and one that is not the caller's answer alike."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity
from chassis.paging import Page
from grading import views
from grading.access import ADMIN, ERRORS, STAFF, STUDENT, staff_classroom, staff_student
from grading.access import own_classroom as own_classroom_of
from grading.attention import routes as attention
from grading.gradebook import routes as gradebook
from grading.gradebook.book import open_book
from grading.gradebook.views import own_total
from grading.items import routes as items
from grading.models import (
    Classroom,
    Filters,
    OwnClassroom,
    OwnQuiz,
    OwnTopic,
    School,
    Student,
    StudentInDetail,
    StudentQuery,
    Teacher,
    TeacherQuery,
)
from grading.overrides import routes as overrides
from grading.policies import routes as policies

api = Api(
    "grading",
    title="Homeroom grading",
    description="Averages, distributions and trends, built from the events of released results.",
)


@api.get("/teachers", summary="Every teacher's classrooms with their quiz averages", roles=ADMIN)
async def list_teachers(identity: Identity, db: Executor, query: TeacherQuery) -> Page[Teacher]:
    """By name."""
    return await views.teachers(db, identity.school_id, query)


@api.get("/school", summary="The school's teachers in figures", roles=ADMIN)
async def read_school(identity: Identity, db: Executor) -> School:
    """Of all of them, however many pages `/teachers` has."""
    return await views.school(db, identity.school_id)


@api.get("/filters", summary="What the list of teachers can be filtered by", roles=ADMIN)
async def list_filters(identity: Identity, db: Executor) -> Filters:
    """The terms and subjects of the school's classrooms."""
    return await views.filters(db, identity.school_id)


@api.get("/teachers/{teacher_id}", summary="One teacher's figures", roles=ADMIN, errors=ERRORS)
async def read_teacher(request: web.Request, identity: Identity, db: Executor, teacher_id: UUID) -> Teacher:
    """With participation and trend."""
    found = await existing(request, identity, "teacher", lambda: views.find_teacher(db, identity.school_id, teacher_id))
    return await views.teacher(db, found)


@api.get("/classrooms/{classroom_id}", summary="A classroom's figures", roles=STAFF, errors=ERRORS)
async def read_classroom(request: web.Request, identity: Identity, db: Executor, classroom_id: UUID) -> Classroom:
    """Averages, distribution, trend, topics and quizzes."""
    return await views.classroom(db, await staff_classroom(request, identity, db, classroom_id))


@api.get("/classrooms/{classroom_id}/students", summary="A classroom's students", roles=STAFF, errors=ERRORS)
async def list_students(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, query: StudentQuery
) -> Page[Student]:
    """By name, each with their averages."""
    await staff_classroom(request, identity, db, classroom_id)
    return await views.students(db, classroom_id, query)


@api.get("/classrooms/{classroom_id}/students/{student_id}", summary="A student's figures", roles=STAFF, errors=ERRORS)
async def read_student(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, student_id: UUID
) -> StudentInDetail:
    """In one classroom, by topic and by assignment."""
    found = await staff_student(request, identity, db, classroom_id, student_id)
    return await views.student(db, classroom_id, found)


@api.get(
    "/classrooms/{classroom_id}/topics/{topic_id}/students",
    summary="A classroom's students in one topic",
    roles=STAFF,
    errors=ERRORS,
)
async def list_topic_students(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, topic_id: UUID, query: StudentQuery
) -> Page[Student]:
    """By name, each with their averages of that topic alone."""
    await existing(request, identity, "topic", lambda: views.find_topic(db, identity, classroom_id, topic_id))
    return await views.students(db, classroom_id, query, topic_id)


@api.get("/me/classrooms/{classroom_id}", summary="My figures in a classroom", roles=STUDENT, errors=ERRORS)
async def read_own_classroom(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID
) -> OwnClassroom:
    """By topic and by assignment, with the total."""
    found = await own_classroom_of(request, identity, db, classroom_id)
    book = await open_book(db, identity.school_id, found)
    total = await own_total(db, book, identity.account_id)
    return await views.own_classroom(db, identity.account_id, found, total, book.topics)


@api.get("/me/topics/{topic_id}", summary="My figures in a topic", roles=STUDENT, errors=ERRORS)
async def read_own_topic(request: web.Request, identity: Identity, db: Executor, topic_id: UUID) -> OwnTopic:
    """By assignment."""
    found = await existing(
        request, identity, "topic", lambda: views.find_own(db, "own_topic", identity, topic_id=topic_id)
    )
    return await views.own_topic(db, identity.account_id, found)


@api.get("/me/quizzes/{assignment_id}", summary="My result in a quiz", roles=STUDENT, errors=ERRORS)
async def read_own_quiz(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> OwnQuiz:
    """With the class's average when five students or more have a result."""
    found = await existing(
        request, identity, "quiz", lambda: views.find_own(db, "own_quiz", identity, assignment_id=assignment_id)
    )
    return await views.own_quiz(db, identity.account_id, found)


api.include(gradebook.api, policies.api, overrides.api, items.api, attention.api)
