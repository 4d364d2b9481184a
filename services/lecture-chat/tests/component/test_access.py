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
from chassis.testing import Issuer, uuid7
from chassis.testing_api import Person, Row, check_access, operations
from lecture_chat.consumers import HANDLERS
from lecture_chat.routes import api

DOCUMENT = openapi.document(api)
TEACHERS = {"teacher": 200, "teacher of another class": 404}
MEMBERS = TEACHERS | {"student": 200, "removed student": 404, "student of another class": 404}
REFUSED = {name: status for name, status in MEMBERS.items() if status == 404}
TABLE = {
    "GET /lectures": Row(dict.fromkeys(MEMBERS, 422)),
    "POST /lectures": Row(dict.fromkeys(TEACHERS, 422), lambda: {"json": {}}),
    "GET /lectures/{lecture_id}": Row(MEMBERS),
    "POST /lectures/{lecture_id}/close": Row(TEACHERS),
    "GET /lectures/{lecture_id}/messages": Row(MEMBERS),
    "POST /lectures/{lecture_id}/messages": Row(
        dict.fromkeys(("teacher", "student"), 201) | REFUSED, lambda: {"json": {"client_id": uuid7().hex, "body": "x"}}
    ),
    "DELETE /lectures/{lecture_id}/messages/{seq}": Row(MEMBERS | {"teacher": 204, "student": 204}),
    "GET /lectures/{lecture_id}/socket": Row(dict.fromkeys(("teacher", "student"), 426) | REFUSED),
    "GET /lectures/{lecture_id}/attendance": Row(TEACHERS),
    "PUT /lectures/{lecture_id}/attendance/{student_id}": Row(
        TEACHERS | {"teacher": 409}, lambda: {"json": {"present": True}}
    ),
    "GET /lectures/{lecture_id}/statistics": Row(TEACHERS),
    "GET /lectures/{lecture_id}/transcript": Row(MEMBERS),
}


@dataclass(frozen=True)
class Taught:
    """A classroom with one lecture."""

    school_id: UUID = field(default_factory=uuid7)
    classroom_id: UUID = field(default_factory=uuid7)
    assignment_id: UUID = field(default_factory=uuid7)
    teacher_id: UUID = field(default_factory=uuid7)
    student_id: UUID = field(default_factory=uuid7)
    removed_id: UUID = field(default_factory=uuid7)

    def events(self) -> list[Event]:
        assignment = {"assignment_id": str(self.assignment_id), "kind": "lecture", "title": "Waves"}
        return [
            self._event("classroom-created", self.classroom_id, status="active"),
            self._event("teacher-added", uuid7(), teacher_id=str(self.teacher_id), status="active"),
            self._event("student-enrolled", uuid7(), student_id=str(self.student_id), status="active"),
            self._event("student-removed", uuid7(), student_id=str(self.removed_id), status="removed"),
            self._event("assignment-created", self.assignment_id, status="published", **assignment),
        ]

    def _event(self, name: str, subject: UUID, **data: Any) -> Event:
        data |= {"classroom_id": str(self.classroom_id)}
        return Event(f"classroom.{name}.v1", "/homeroom/classroom", subject, self.school_id, 1, data)


@pytest.fixture
async def people(client: TestClient[Any, Any], database: Database, issuer: Issuer) -> dict[str, Person]:
    """Somebody of each kind; the foreign lecture is another classroom's, of the same school or of another."""
    assert client.app is not None
    client.app[WAITS].seconds = 0.01
    elm, oak = Taught(), Taught()
    elm_too = Taught(school_id=elm.school_id)
    ids = {}
    for taught in (elm, elm_too, oak):
        await apply(database, HANDLERS, taught.events())
        ids[taught.classroom_id] = await open_lecture(client, issuer, taught)

    def person(role: Role, account_id: UUID | None = None, foreign: Taught = elm_too) -> Person:
        headers = issuer.caller(role, elm.school_id, account_id).headers
        # The first message is the student's, the second the teacher's.
        seq = {"seq": "1" if role is Role.STUDENT else "2"}
        return Person(headers, ids[elm.classroom_id] | seq, ids[foreign.classroom_id] | seq)

    return {
        "anonymous": Person({}, ids[elm.classroom_id], ids[oak.classroom_id]),
        "student": person(Role.STUDENT, elm.student_id),
        "removed student": person(Role.STUDENT, elm.removed_id),
        "student of another class": person(Role.STUDENT, elm_too.student_id, oak),
        "teacher": person(Role.TEACHER, elm.teacher_id),
        "teacher of another class": person(Role.TEACHER, elm_too.teacher_id, oak),
        "admin": person(Role.ADMIN),
    }


async def open_lecture(client: TestClient[Any, Any], issuer: Issuer, taught: Taught) -> dict[str, str]:
    headers = issuer.caller(Role.TEACHER, taught.school_id, taught.teacher_id).headers
    body = {"assignment_id": str(taught.assignment_id)}
    answer = await client.post(f"{api.prefix}/lectures", headers=headers, json=body)
    lecture_id = (await answer.json())["lecture_id"]
    for role, account_id in ((Role.STUDENT, taught.student_id), (Role.TEACHER, taught.teacher_id)):
        sender = issuer.caller(role, taught.school_id, account_id).headers
        message = {"client_id": "first", "body": "Hello"}
        sent = await client.post(f"{api.prefix}/lectures/{lecture_id}/messages", headers=sender, json=message)
        assert sent.status == 201
    return {"lecture_id": lecture_id, "student_id": str(taught.student_id), "seq": "1"}


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(DOCUMENT)


@pytest.mark.parametrize("operation", TABLE)
async def test_who_may_use(client: TestClient[Any, Any], people: dict[str, Person], operation: str) -> None:
    await check_access(client, DOCUMENT, operation, TABLE[operation], people)
