"""Who may do what: every operation, every kind of caller, every kind of id (GUARANTEES 42, 43)."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from chassis import openapi
from chassis.db import Database
from chassis.events import Event
from chassis.identity import Role
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.testing import Issuer
from chassis.testing_api import Person, Row, check_access, operations
from grading.consumers import HANDLERS
from grading.routes import api
from grading.testing import Given, School, new_id

DOCUMENT = openapi.document(api)
ADMINS = {"admin": 200, "admin of another school": 200}
STAFF = ADMINS | {"teacher": 200, "teacher of another class": 404}
# The admin comes after the teacher and does not name what the teacher stored.
FIRST_WINS = STAFF | {"admin": 412}
STUDENTS = {"student": 200, "peer": 200, "removed student": 404, "student of another class": 404}
TABLE = {
    "GET /teachers": Row(ADMINS),
    "GET /teachers/{teacher_id}": Row(ADMINS),
    "GET /school": Row(ADMINS),
    "GET /filters": Row(ADMINS),
    "GET /quizzes/{assignment_id}/statistics": Row(STAFF),
    "GET /classrooms/{classroom_id}/at-risk": Row(STAFF),
    "GET /classrooms/{classroom_id}": Row(STAFF),
    "GET /classrooms/{classroom_id}/students": Row(STAFF),
    "GET /classrooms/{classroom_id}/students/{student_id}": Row(STAFF),
    "GET /classrooms/{classroom_id}/topics/{topic_id}/students": Row(STAFF),
    "GET /classrooms/{classroom_id}/gradebook": Row(STAFF),
    "GET /classrooms/{classroom_id}/gradebook.csv": Row(STAFF),
    "GET /classrooms/{classroom_id}/gradebook.xlsx": Row(STAFF),
    "GET /classrooms/{classroom_id}/policy": Row(STAFF),
    "PUT /classrooms/{classroom_id}/policy": Row(FIRST_WINS, lambda: {"json": {}}),
    "POST /classrooms/{classroom_id}/policy/preview": Row(STAFF, lambda: {"json": {}}),
    "GET /classrooms/{classroom_id}/policy/history": Row(STAFF),
    "GET /classrooms/{classroom_id}/students/{student_id}/explain": Row(STAFF),
    "GET /classrooms/{classroom_id}/students/{student_id}/override": Row(STAFF),
    "PUT /classrooms/{classroom_id}/students/{student_id}/override": Row(
        FIRST_WINS, lambda: {"json": {"percent": "50", "reason": "Ill"}}
    ),
    "GET /me/classrooms/{classroom_id}": Row(STUDENTS),
    "GET /me/classrooms/{classroom_id}/explain": Row(STUDENTS),
    "GET /me/topics/{topic_id}": Row(STUDENTS),
    "GET /me/quizzes/{assignment_id}": Row(STUDENTS),
}


@dataclass(frozen=True)
class Taught:
    """A school with one classroom: its ids are those of the paths."""

    school: School = field(default_factory=School)
    classroom_id: UUID = field(default_factory=new_id)
    teacher_id: UUID = field(default_factory=new_id)
    student_id: UUID = field(default_factory=new_id)
    peer_id: UUID = field(default_factory=new_id)
    removed_id: UUID = field(default_factory=new_id)
    topic_id: UUID = field(default_factory=new_id)
    assignment_id: UUID = field(default_factory=new_id)

    def ids(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items() if isinstance(value, UUID)}

    def events(self) -> list[Event]:
        school, classroom_id = self.school, self.classroom_id
        students = (self.student_id, self.peer_id, self.removed_id)
        pairs = {student: new_id() for student in students}
        return [
            school.account(self.teacher_id, "Tess", "teacher"),
            school.classroom(classroom_id),
            school.teacher(new_id(), classroom_id, self.teacher_id),
            school.topic(self.topic_id, classroom_id),
            school.assignment(self.assignment_id, classroom_id, topic_id=self.topic_id),
            *(school.enrolment(pairs[student], classroom_id, student) for student in students),
            school.grades(self.assignment_id, classroom_id, [Given(student, "50") for student in students]),
            school.enrolment(pairs[self.removed_id], classroom_id, self.removed_id, status="removed", version=2),
        ]


@pytest.fixture
async def people(client: TestClient[Any, Any], database: Database, issuer: Issuer) -> dict[str, Person]:
    """Somebody of each kind; what is foreign is another classroom's, of the same school or of another."""
    assert client.app is not None
    client.app[WAITS].seconds = 0.01
    elm, oak = Taught(), Taught()
    elm_too = Taught(school=elm.school)
    for taught in (elm, elm_too, oak):
        await apply(database, HANDLERS, taught.events())

    def person(role: Role, account_id: UUID | None = None, foreign: Taught = elm_too) -> Person:
        return Person(issuer.caller(role, elm.school.school_id, account_id).headers, elm.ids(), foreign.ids())

    return {
        "anonymous": Person({}, elm.ids(), oak.ids()),
        "student": person(Role.STUDENT, elm.student_id),
        "peer": person(Role.STUDENT, elm.peer_id, oak),
        "removed student": person(Role.STUDENT, elm.removed_id),
        "student of another class": person(Role.STUDENT, elm_too.student_id, oak),
        "teacher": person(Role.TEACHER, elm.teacher_id),
        "teacher of another class": person(Role.TEACHER, elm_too.teacher_id, oak),
        "admin": person(Role.ADMIN, None, oak),
        "admin of another school": Person(
            issuer.caller(Role.ADMIN, oak.school.school_id).headers, oak.ids(), elm.ids()
        ),
    }


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(DOCUMENT)


@pytest.mark.parametrize("operation", TABLE)
async def test_who_may_use(client: TestClient[Any, Any], people: dict[str, Person], operation: str) -> None:
    await check_access(client, DOCUMENT, operation, TABLE[operation], people)


@pytest.mark.parametrize("operation", [name for name in TABLE if name.count("{") == 2])
async def test_a_child_of_another_parent_is_nothing(
    client: TestClient[Any, Any], people: dict[str, Person], operation: str
) -> None:
    teacher = people["teacher"]
    path = operation.partition(" ")[2].format(**{**teacher.foreign, "classroom_id": teacher.own["classroom_id"]})
    method, sent = operation.partition(" ")[0], TABLE[operation].send()
    answer = await client.request(method, f"{api.prefix}{path}", headers=teacher.headers, **sent)
    assert answer.status == 404
