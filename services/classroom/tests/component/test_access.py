"""Who may do what: every operation, every kind of caller, every kind of id (GUARANTEES 42, 43)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from chassis import inbox, openapi
from chassis.db import Database
from chassis.identity import Role
from chassis.testing import Issuer, uuid7
from chassis.testing_api import NOWHERE, Person, Row, check_access, operations
from classroom.consumers import HANDLERS
from classroom.quizzes.routes import api as quizzes
from classroom.routes import api
from classroom.testing import Actor, account_event

School = dict[str, Actor]
DOCUMENT = openapi.document(api)
PUPIL, TUTOR = UUID(int=77), UUID(int=78)
STUDENTS = ("student", "student of another class", "removed student")
ADMINS = ("admin", "admin of another school")


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys((*STUDENTS, "teacher", "peer", *ADMINS), status)


def staff(status: int) -> dict[str, int]:
    return dict.fromkeys(("teacher", "peer", *ADMINS), status)


def readers() -> dict[str, int]:
    return staff(200) | {"student": 200, "student of another class": 404, "removed student": 404}


def managers(status: int) -> dict[str, int]:
    return staff(status) | {"peer": 403}


OUTSIDE = {"student of another class": 404, "removed student": 404}


def submitters(status: int) -> dict[str, int]:
    """Of students only who attends gets so far."""
    return {"student": status} | OUTSIDE


def graders(status: int) -> dict[str, int]:
    """To a peer a submission is not there."""
    return staff(status) | {"peer": 404}


def nobody_elses() -> dict[str, int]:
    """What was written by PUPIL is read by all, and changed by none of them."""
    return staff(403) | {"student": 403}


def admins(status: int) -> dict[str, int]:
    return dict.fromkeys(ADMINS, status)


def sending(**document: Any) -> Any:
    return lambda: {"json": document}


def package() -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("package", b"no zip", filename="school.zip")
    return {"data": form}


TABLE = {
    "GET /bootstrap": Row(everybody(200)),
    # Everybody may follow their own store; what is asked without an upgrade is told so.
    "GET /feed": Row(everybody(426)),
    "GET /classrooms": Row(everybody(200)),
    "POST /classrooms": Row(staff(201), sending(title="New")),
    "GET /classrooms/{classroom_id}": Row(readers()),
    "PATCH /classrooms/{classroom_id}": Row(managers(200), sending(title="Other")),
    "DELETE /classrooms/{classroom_id}": Row(managers(204)),
    "GET /deleted-classrooms": Row(staff(200)),
    # It is not deleted, so nobody restores it.
    "POST /classrooms/{classroom_id}/restore": Row(staff(404), sending()),
    "POST /classrooms/{classroom_id}/join-code": Row(managers(200), sending()),
    "DELETE /classrooms/{classroom_id}/join-code": Row(managers(204)),
    "POST /enrollments": Row(dict.fromkeys(STUDENTS, 404), sending(join_code="ABCDEFGH")),
    "DELETE /classrooms/{classroom_id}/students/me": Row(
        {"student": 204, "student of another class": 404, "removed student": 404}
    ),
    "GET /classrooms/{classroom_id}/students": Row(staff(200)),
    "POST /classrooms/{classroom_id}/students": Row(managers(204), sending(account_id=str(PUPIL))),
    "DELETE /classrooms/{classroom_id}/students/{account_id}": Row(managers(204)),
    "GET /classrooms/{classroom_id}/teachers": Row(readers()),
    "POST /classrooms/{classroom_id}/teachers": Row(managers(204), sending(account_id=str(TUTOR))),
    "DELETE /classrooms/{classroom_id}/teachers/{account_id}": Row(managers(204)),
    "PUT /classrooms/{classroom_id}/owner": Row(managers(204), sending(account_id=str(TUTOR))),
    "GET /classrooms/{classroom_id}/invitations": Row(managers(200)),
    "POST /classrooms/{classroom_id}/invitations": Row(managers(201), sending(email="new@oak.example")),
    "DELETE /classrooms/{classroom_id}/invitations/{invitation_id}": Row(managers(204)),
    "GET /classrooms/{classroom_id}/topics": Row(readers()),
    "POST /classrooms/{classroom_id}/topics": Row(managers(201), sending(title="New")),
    "PUT /classrooms/{classroom_id}/topics/order": Row(managers(422), sending(topic_ids=[NOWHERE])),
    "GET /classrooms/{classroom_id}/announcements": Row(readers()),
    "POST /classrooms/{classroom_id}/announcements": Row(managers(201), sending(body="x")),
    "PATCH /announcements/{announcement_id}": Row(managers(403) | {"teacher": 200}, sending(body="x")),
    "DELETE /announcements/{announcement_id}": Row(managers(204)),
    "PATCH /topics/{topic_id}": Row(managers(200), sending(title="Other")),
    "DELETE /topics/{topic_id}": Row(managers(204)),
    "GET /classrooms/{classroom_id}/assignments": Row(readers()),
    "POST /classrooms/{classroom_id}/assignments": Row(managers(201), sending(kind="quiz", title="New")),
    "PUT /classrooms/{classroom_id}/assignments/order": Row(
        managers(422), sending(topic_id=None, assignment_ids=[NOWHERE])
    ),
    "GET /assignments/{assignment_id}": Row(readers()),
    "PATCH /assignments/{assignment_id}": Row(managers(200), sending(title="Other")),
    "DELETE /assignments/{assignment_id}": Row(managers(204)),
    # The classroom it is copied to is in the body, and does not exist: whoever gets that far is told so.
    "POST /assignments/{assignment_id}/copy": Row(managers(404), sending(classroom_id=NOWHERE)),
    "GET /assignments/{assignment_id}/grades": Row(managers(200)),
    "GET /notifications": Row(everybody(200)),
    "POST /notifications/seen": Row(everybody(204), sending(until="2026-11-25T08:00:00Z")),
    "GET /me/points": Row(dict.fromkeys(STUDENTS, 200)),
    "GET /classrooms/{classroom_id}/leaderboard": Row(readers()),
    "GET /classrooms/{classroom_id}/grades": Row(managers(200), lambda: {"params": {"student_id": NOWHERE}}),
    "GET /assignments/{assignment_id}/grades/{student_id}/history": Row(managers(200)),
    "PUT /assignments/{assignment_id}/grades/{student_id}": Row(managers(200), sending(score=1)),
    "POST /classrooms/{classroom_id}/marks": Row(managers(200), sending(csv="student_id,name\r\n")),
    "POST /assignments/{assignment_id}/release": Row(managers(200), sending()),
    "GET /assignments/{assignment_id}/submissions": Row(managers(200)),
    "GET /assignments/{assignment_id}/submissions/me": Row(dict.fromkeys(STUDENTS, 404)),
    "PUT /assignments/{assignment_id}/submissions/me": Row(submitters(409), sending(body="x")),
    "POST /assignments/{assignment_id}/submissions/me/turn-in": Row(submitters(409), sending()),
    "POST /assignments/{assignment_id}/submissions/me/reclaim": Row(submitters(409), sending()),
    "GET /submissions/{submission_id}": Row(graders(200) | {"student": 404} | OUTSIDE),
    "POST /submissions/{submission_id}/return": Row(graders(409), sending()),
    "PUT /submissions/{submission_id}/grade": Row(graders(200), sending(score=1)),
    # The assignment of the table is a quiz, which has no groups.
    "GET /assignments/{assignment_id}/groups": Row(managers(409) | {"student": 409} | OUTSIDE),
    "PUT /assignments/{assignment_id}/groups": Row(managers(409), sending(groups=[])),
    "POST /assignments/{assignment_id}/groups/random": Row(managers(409), sending(size=2)),
    "POST /assignments/{assignment_id}/groups/moves": Row(
        managers(409), sending(student_id=NOWHERE, group_id=None, work="keep")
    ),
    "POST /groups/{group_id}/members/me": Row(submitters(200), sending()),
    "DELETE /groups/{group_id}/members/me": Row(submitters(204)),
    "GET /assignments/{assignment_id}/comments": Row(readers()),
    "POST /assignments/{assignment_id}/comments": Row(managers(201) | {"student": 201} | OUTSIDE, sending(body="x")),
    "PATCH /comments/{comment_id}": Row(nobody_elses() | {"peer": 403} | OUTSIDE, sending(body="x")),
    "DELETE /comments/{comment_id}": Row(managers(204) | {"student": 403} | OUTSIDE),
    "GET /assignments/{assignment_id}/notes": Row(managers(200) | {"student": 200} | OUTSIDE),
    "PUT /assignments/{assignment_id}/notes/me": Row(submitters(409), sending(rev=1, body="x")),
    "GET /assignments/{assignment_id}/attendance": Row(managers(200) | {"student": 200} | OUTSIDE),
    "GET /classrooms/{classroom_id}/oneroster.zip": Row(managers(200)),
    "GET /rosters": Row(admins(200)),
    "POST /rosters": Row(admins(202), package),
    "GET /rosters/{roster_id}": Row(admins(200)),
}
OF_DRAFTS = [operation for operation in TABLE if "/assignments/{" in operation]


async def things(teacher: Actor, pupil: Actor, member: str, *, status: str = "published") -> dict[str, str]:
    """Ids of a classroom and all it holds; PUPIL attends and TUTOR teaches it too, and `member` is one of them."""
    room = (await teacher.made("/classrooms", {"title": "Algebra"}))["id"]
    for kind, account_id in (("students", PUPIL), ("teachers", TUTOR)):
        assert (await teacher.post(f"/classrooms/{room}/{kind}", {"account_id": str(account_id)})).status == 204
    topic = await teacher.made(f"/classrooms/{room}/topics", {"title": "One"})
    body = {"kind": "quiz", "title": "Quiz", "points_possible": 10, "status": status}
    quiz = await teacher.made(f"/classrooms/{room}/assignments", body)
    ids = {"classroom_id": room, "topic_id": topic["id"], "assignment_id": quiz["id"], "student_id": str(PUPIL)}
    ids["announcement_id"] = (await teacher.made(f"/classrooms/{room}/announcements", {"body": "x"}))["id"]
    invited = await teacher.made(f"/classrooms/{room}/invitations", {"email": "somebody@oak.example"})
    ids["invitation_id"] = invited["id"]
    return ids | {"account_id": member} | await _said(teacher, pupil, room)


async def _said(teacher: Actor, pupil: Actor, room: str) -> dict[str, str]:
    """What PUPIL wrote there: a comment, and work on a homework that is not turned in."""
    body = {"kind": "homework", "title": "Work", "points_possible": 10, "status": "published"}
    work = (await teacher.made(f"/classrooms/{room}/assignments", body))["id"]
    comment = await pupil.made(f"/assignments/{work}/comments", {"body": "Hello"})
    own = await pupil.put(f"/assignments/{work}/submissions/me", {"body": "x"})
    body = {"kind": "group", "title": "Together", "status": "published"}
    together = (await teacher.made(f"/classrooms/{room}/assignments", body))["id"]
    groups = {"mode": "self_sign_up", "groups": [{"name": "Red"}]}
    group = (await teacher.put(f"/assignments/{together}/groups", groups))["groups"][0]
    return {"comment_id": comment["id"], "submission_id": own["id"], "group_id": group["id"]}


@pytest.fixture
async def settled(school: School, database: Database, issuer: Issuer) -> School:
    """PUPIL and TUTOR are in both schools."""
    for name in ("sue", "other_student", "theo", "other_teacher"):
        account_id = PUPIL if school[name].caller.role == "student" else TUTOR
        known = Actor(school[name].client, name, replace(school[name].caller, account_id=account_id))
        await inbox.apply(database, HANDLERS, [account_event(known)])
    for name, teacher in {"pupil": school["tara"], "other_pupil": school["other_teacher"]}.items():
        school[name] = Actor(teacher.client, name, issuer.caller(Role.STUDENT, teacher.school_id, PUPIL))
    return school


async def roster(admin: Actor) -> str:
    url = "/api/classroom/rosters"
    async with admin.client.post(url, headers=admin.caller.headers, **package()) as response:
        return str((await response.json())["id"])


async def meet(school: School, operation: str) -> dict[str, Person]:
    """Somebody of each kind, each with a classroom of their own where it may be lost."""
    member = str(TUTOR if "/teachers/" in operation else PUPIL)
    theirs = await things(school["other_teacher"], school["other_pupil"], member) | {
        "roster_id": await roster(school["other_admin"])
    }
    ours = {"roster_id": await roster(school["admin"])}
    tara, found = school["tara"], {"anonymous": Person({}, theirs, theirs)}
    names = dict(
        zip((*STUDENTS, "teacher", "peer", "admin"), ("sam", "sue", "sid", "tara", "theo", "admin"), strict=True)
    )
    # Reading loses nothing, so everybody may read the same.
    shared = await things(tara, school["pupil"], member) | ours if operation.startswith("GET ") else None
    for kind, name in names.items():
        own = shared or await things(tara, school["pupil"], member) | ours
        if name in ("sam", "sid"):
            await tara.post(f"/classrooms/{own['classroom_id']}/students", {"account_id": school[name].id})
        if name == "sid":
            await tara.delete(f"/classrooms/{own['classroom_id']}/students/{school[name].id}")
        found[kind] = Person(school[name].caller.headers, own, theirs)
    found[ADMINS[1]] = Person(school["other_admin"].caller.headers, theirs, found["admin"].own)
    return found


def test_every_operation_is_in_the_table() -> None:
    # Those of quizzes have a table of their own.
    assert set(TABLE) == operations(DOCUMENT) - operations(openapi.document(quizzes))


@pytest.mark.parametrize("operation", TABLE)
async def test_who_may_use(client: TestClient[Any, Any], settled: School, operation: str) -> None:
    await check_access(client, DOCUMENT, operation, TABLE[operation], await meet(settled, operation))


async def test_an_operation_open_to_all_would_be_seen(client: TestClient[Any, Any], settled: School) -> None:
    people = await meet(settled, "GET /classrooms")
    with pytest.raises(AssertionError, match="student"):
        await check_access(client, DOCUMENT, "GET /classrooms", Row(staff(200)), people)


@pytest.mark.parametrize("operation", OF_DRAFTS)
async def test_nobody_else_learns_that_a_draft_exists(settled: School, operation: str) -> None:
    """To a peer, an outsider and the classroom's own student it answers as what does not exist."""
    ids = await things(settled["tara"], settled["pupil"], str(PUPIL), status="draft")
    await settled["tara"].post(f"/classrooms/{ids['classroom_id']}/students", {"account_id": settled["sam"].id})
    method, path = operation.split(" ")
    body = TABLE[operation].send().get("json")
    for name in ("theo", "sue", "sam", "other_teacher", "other_admin"):
        draft = await settled[name].call(method, path.format(**ids), body)
        nothing = await settled[name].call(method, path.format(**ids | {"assignment_id": str(uuid7())}), body)
        for answer in (draft, nothing):
            answer.data.pop("request_id")
        assert (draft.status, draft.data) == (nothing.status, nothing.data), name
