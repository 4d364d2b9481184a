"""Who may do what: every operation, every kind of caller, every kind of id (GUARANTEES 42)."""

from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient

from chassis import openapi
from chassis.db import Database
from chassis.identity import Role
from chassis.testing import uuid7
from chassis.testing_api import Person, Row, check_access, operations
from files import samples
from files.routes import api
from files.testing import Actor, announcement, attachment, classroom, member, tell

DOCUMENT = openapi.document(api)
MAKER = {"maker": 200}
READERS = dict.fromkeys(("maker", "teacher", "student"), 200)


def _json(body: Any) -> Any:
    return lambda: {"json": body}


TABLE = {
    "POST /uploads": Row(
        dict.fromkeys(("maker", "teacher", "student", "admin"), 201),
        lambda: {"json": announcement("a.pdf", uuid4().bytes, "application/pdf")},
    ),
    "GET /uploads/{upload_id}": Row(MAKER),
    "POST /uploads/{upload_id}/parts": Row({"maker": 409}),
    "POST /uploads/{upload_id}/complete": Row(MAKER),
    "GET /files": Row(dict.fromkeys(("maker", "teacher", "student", "admin"), 200)),
    "GET /files/{file_id}": Row(READERS),
    "GET /files/{file_id}/content": Row(READERS),
    "GET /files/{file_id}/thumbnail": Row(READERS),
    "DELETE /files/{file_id}": Row({"maker": 409, "teacher": 403, "student": 403}),
    "GET /assignments/{assignment_id}/submissions.zip": Row({"teacher": 200}),
    "GET /limits": Row(dict.fromkeys(("maker", "teacher", "student", "admin"), 200)),
    "PUT /limits": Row({"admin": 200}, _json({"types": ["application/pdf"]})),
    "GET /usage": Row(dict.fromkeys(("maker", "teacher", "student", "admin"), 200)),
}
"""Whoever is not named is told that there is nothing, or, where the role decides, that theirs may not."""


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(DOCUMENT)


@pytest.mark.usefixtures("inspector")
async def test_who_may_use(client: TestClient[Any, Any], people: dict[str, Actor], database: Database) -> None:
    """GUARANTEES 42: a file attached for members, read by its maker, a teacher, a fellow student; not by the admin, a
    removed student, or anybody of another school."""
    maker, teacher, student, removed = people["sam"], people["tara"], people["sue"], people["sid"]
    school_id, here, assignment = maker.caller.school_id, uuid7(), uuid7()
    file = await maker.upload("a.png", samples.picture(), "image/png")
    foreign = await people["stranger"].upload("b.png", samples.picture(), "image/png")
    await tell(
        database,
        [
            classroom(here, school_id),
            member("teacher", here, teacher),
            member("student", here, maker),
            member("student", here, student),
            member("student", here, removed, "removed"),
            attachment(file, here, school_id, audience="members"),
            attachment(
                file, here, school_id, assignment_id=str(assignment), submission_id=str(uuid7()), audience="teachers"
            ),
        ],
    )
    own = {"upload_id": file["file_id"], "file_id": file["file_id"], "assignment_id": str(assignment)}
    other = dict.fromkeys(own, foreign["file_id"])
    callers = {"maker": maker, "teacher": teacher, "student": student}
    known = {name: Person(actor.caller.headers, own, other) for name, actor in callers.items()}
    known["anonymous"] = Person({}, own, other)
    for operation, row in TABLE.items():
        await check_access(client, DOCUMENT, operation, _shown(row, known, operation), known)
        await _refused(client, operation, row, [people["admin"], removed, people["stranger"]], own)


def _shown(row: Row, known: dict[str, Person], operation: str) -> Row:
    """Whom the role does not stop finds nothing."""
    if "{" not in operation or "submissions.zip" in operation:
        return row
    return Row({name: row.answers.get(name, 404) for name in known if name != "anonymous"}, row.send)


async def _refused(
    client: TestClient[Any, Any], operation: str, row: Row, strangers: list[Actor], own: dict[str, str]
) -> None:
    method, path = operation.split(" ")
    if "{" not in path:
        return
    for stranger in strangers:
        role = stranger.caller.role
        nothing = 403 if role is not Role.TEACHER and "submissions.zip" in path else 404
        url = f"/api/files{path.format(**own)}"
        async with client.request(method, url, headers=stranger.caller.headers, **row.send()) as answer:
            assert answer.status == nothing, (operation, role, await answer.text())
