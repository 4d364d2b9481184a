"""A small school for the tests of figures: who teaches, who attends, what was graded."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from chassis.db import Database
from chassis.events import Event
from chassis.identity import Role
from chassis.inbox import apply
from chassis.testing import Caller, Issuer
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id


@dataclass(frozen=True)
class World:
    """A school whose teacher teaches six students in one classroom; another classroom is somebody else's."""

    school: School
    classroom: UUID
    other_classroom: UUID
    topic: UUID
    other_topic: UUID
    quiz: UUID
    other_quiz: UUID
    homework: UUID
    students: list[UUID]
    admin: Caller
    teacher: Caller
    other_teacher: Caller
    student: Caller
    stranger: Caller


async def world_of(school: School, database: Database, issuer: Issuer) -> World:
    """Quiz: 100, 90, 80, 70, 60, 50. Homework: 3 of 4 for the first student alone."""
    student = issuer.caller(Role.STUDENT, school.school_id)
    made = World(
        school=school,
        classroom=new_id(),
        other_classroom=new_id(),
        topic=new_id(),
        other_topic=new_id(),
        quiz=new_id(),
        other_quiz=new_id(),
        homework=new_id(),
        students=[student.account_id, *(new_id() for _ in range(5))],
        admin=issuer.caller(Role.ADMIN, school.school_id),
        teacher=issuer.caller(Role.TEACHER, school.school_id),
        other_teacher=issuer.caller(Role.TEACHER, school.school_id),
        student=student,
        stranger=issuer.caller(Role.ADMIN, new_id()),
    )
    await apply(database, HANDLERS, [*_people(made), *_classrooms(made), *_work(made)])
    return made


def _people(world: World) -> list[Event]:
    school, names = world.school, ["Ada", "Bob", "Cleo", "Dan_%", "Eve", "Fay"]
    return [
        school.account(world.teacher.account_id, "Tess", "teacher"),
        school.account(world.other_teacher.account_id, "Abel", "teacher"),
        school.account(new_id(), "Zoe", "teacher", status="deactivated", version=2),
        *(school.account(student, name) for student, name in zip(world.students, names, strict=True)),
    ]


def _classrooms(world: World) -> list[Event]:
    school = world.school
    return [
        school.classroom(world.classroom, "Physics", subject="Physics", term="Autumn"),
        school.classroom(world.other_classroom, "Art", subject="Art", term="Spring"),
        school.teacher(new_id(), world.classroom, world.teacher.account_id),
        school.teacher(new_id(), world.other_classroom, world.other_teacher.account_id),
        *(school.enrolment(new_id(), world.classroom, student) for student in world.students),
        school.enrolment(new_id(), world.other_classroom, world.students[1]),
    ]


def _work(world: World) -> list[Event]:
    school = world.school
    given = [Given(student, str(100 - 10 * place)) for place, student in enumerate(world.students)]
    november = datetime(2026, 11, 2, tzinfo=UTC)
    return [
        school.topic(world.topic, world.classroom),
        school.topic(world.other_topic, world.other_classroom, "Colour"),
        school.assignment(world.quiz, world.classroom, topic_id=world.topic),
        school.assignment(world.homework, world.classroom, "Reading", kind="homework"),
        school.assignment(world.other_quiz, world.other_classroom),
        school.grades(world.quiz, world.classroom, given),
        school.grades(world.homework, world.classroom, [Given(world.students[0], "3", max_score="4")]),
        school.grades(world.other_quiz, world.other_classroom, [Given(world.students[1], "20", graded_at=november)]),
    ]
