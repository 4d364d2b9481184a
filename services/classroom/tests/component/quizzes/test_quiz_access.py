"""Who may do what with quizzes: every operation, every kind of caller, every kind of id (GUARANTEES 42, 43).

Everybody has a quiz of their own, on which all operations are tried in the order of the table.
"""

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis import openapi
from chassis.testing import uuid7
from chassis.testing_api import Person, Row, check_access, operations
from classroom.quizzes.routes import api
from classroom.quizzes.testing import open_quiz
from classroom.routes import api as whole
from classroom.testing import Actor

School = dict[str, Actor]
Break = Callable[[str, str, str], None]
DOCUMENT = openapi.document(whole)
STATEMENT = {"kind": "true_false", "title": "Truth", "answer": True}
STUDENTS = ("student", "student of another class", "removed student")
NAMES = dict(zip((*STUDENTS, "teacher", "peer", "admin"), ("sam", "sue", "sid", "tara", "theo", "admin"), strict=True))


def staff(status: int) -> dict[str, int]:
    return dict.fromkeys(("teacher", "peer", "admin", "admin of another school"), status)


def managers(status: int) -> dict[str, int]:
    return staff(status) | {"peer": 403}


def member(status: int) -> dict[str, int]:
    """The classroom's own student; to others nothing is there."""
    return {"student": status, "student of another class": 404, "removed student": 404}


def sending(**document: Any) -> Any:
    return lambda: {"json": document}


QUIZ, ATTEMPT, BANK = "/assignments/{assignment_id}", "/attempts/{attempt_id}", "/bank/questions"
TABLE = {
    f"GET {QUIZ}/quiz": Row(staff(200) | member(200)),
    f"PATCH {QUIZ}/quiz": Row(managers(200), sending(attempts_allowed=2)),
    f"PUT {QUIZ}/extra-time/{{student_id}}": Row(managers(204), sending(seconds=60)),
    f"GET {QUIZ}/extra-time": Row(managers(200)),
    f"DELETE {QUIZ}/extra-time/{{student_id}}": Row(managers(204)),
    f"GET {QUIZ}/questions": Row(managers(200)),
    f"PUT {QUIZ}/questions": Row(managers(409), sending(questions=[STATEMENT])),
    f"GET {QUIZ}/gift": Row(managers(200)),
    f"GET {BANK}": Row(staff(200)),
    f"POST {BANK}": Row(staff(201), sending(question=STATEMENT)),
    f"GET {BANK}/{{bank_question_id}}": Row(staff(200)),
    f"PUT {BANK}/{{bank_question_id}}": Row(staff(200), sending(question=STATEMENT)),
    f"DELETE {BANK}/{{bank_question_id}}": Row(staff(204)),
    "GET /bank/tags": Row(staff(200)),
    "GET /bank/gift": Row(staff(200)),
    "POST /bank/gift": Row(staff(200), sending(text="")),
    f"POST {QUIZ}/attempts": Row(member(200)),
    f"GET {QUIZ}/attempts": Row(managers(200) | member(200)),
    f"GET {QUIZ}/attempts/me/socket": Row(member(426)),
    f"GET {QUIZ}/monitor": Row(managers(426)),
    f"GET {QUIZ}/progress": Row(managers(200)),
    f"GET {ATTEMPT}": Row(managers(200) | member(200)),
    f"PUT {ATTEMPT}/answers/{{question_id}}": Row(member(200), sending(value=True, rev=9)),
    f"POST {ATTEMPT}/signs": Row(member(204), sending(away=True)),
    f"POST {ATTEMPT}/messages": Row(managers(201), sending(body="Hello")),
    f"POST {QUIZ}/messages": Row(managers(201), sending(body="Hello")),
    f"POST {ATTEMPT}/pause": Row(managers(200)),
    f"POST {ATTEMPT}/resume": Row(managers(200)),
    f"POST {ATTEMPT}/extend": Row(managers(200), sending(seconds=60)),
    f"POST {QUIZ}/attempts/pause": Row(managers(200)),
    f"POST {QUIZ}/attempts/resume": Row(managers(200)),
    f"POST {QUIZ}/attempts/extend": Row(managers(200), sending(seconds=60)),
    f"POST {ATTEMPT}/submit": Row(member(200)),
    f"POST {ATTEMPT}/submit-now": Row(managers(200)),
    f"POST {QUIZ}/attempts/submit-now": Row(managers(200)),
    f"GET {ATTEMPT}/receipt": Row(managers(200) | member(200)),
    f"GET {QUIZ}/marking": Row(managers(200)),
    f"GET {QUIZ}/marking/{{question_id}}": Row(managers(200)),
    f"PUT {ATTEMPT}/marks/{{question_id}}": Row(managers(200), sending(mark=1)),
    f"POST {QUIZ}/questions/{{question_id}}/correction": Row(
        managers(422), sending(question=STATEMENT | {"points": "9"})
    ),
    f"GET {QUIZ}/questions/{{question_id}}/corrections": Row(managers(200)),
    f"GET {QUIZ}/item-analysis": Row(managers(200)),
}


async def things(teacher: Actor, taker: Actor, owner: Actor) -> dict[str, str]:
    """Ids of a quiz that `taker` has started, and of a question in the bank of `owner`."""
    quiz = await open_quiz(teacher, [taker], [STATEMENT])
    await quiz.rules(time_limit_seconds=3600)
    attempt = await quiz.start(taker)
    banked = await (teacher if owner.caller.role == "student" else owner).made(
        "/bank/questions", {"question": STATEMENT}
    )
    return {
        "assignment_id": quiz.id,
        "classroom_id": quiz.room.rsplit("/", 1)[1],
        "attempt_id": attempt["id"],
        "question_id": quiz.questions[0]["id"],
        "student_id": taker.id,
        "bank_question_id": banked["question"]["id"],
    }


@pytest.fixture
async def people(school: School) -> dict[str, Person]:
    """Somebody of each kind, each with a quiz of their own."""
    theirs = await things(school["other_teacher"], school["other_student"], school["other_admin"])
    found = {"anonymous": Person({}, theirs, theirs)}
    for kind, name in NAMES.items():
        taker = school[name] if kind in ("student", "removed student") else school["sam"]
        own = await things(school["tara"], taker, school[name])
        if kind == "removed student":
            await school["tara"].delete(f"/classrooms/{own['classroom_id']}/students/{taker.id}")
        found[kind] = Person(school[name].caller.headers, own, theirs)
    found["admin of another school"] = Person(school["other_admin"].caller.headers, theirs, found["admin"].own)
    return found


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(openapi.document(api))


async def test_who_may_use(client: TestClient[Any, Any], people: dict[str, Person]) -> None:
    for operation, row in TABLE.items():
        await check_access(client, DOCUMENT, operation, row, people)


async def test_an_operation_open_to_all_would_be_seen(client: TestClient[Any, Any], people: dict[str, Person]) -> None:
    """Control of GUARANTEES 42."""
    with pytest.raises(AssertionError, match="peer"):
        await check_access(client, DOCUMENT, f"GET {QUIZ}/questions", Row(staff(200)), people)


async def test_nobody_else_learns_that_a_draft_exists(school: School) -> None:
    """To a peer, an outsider and the classroom's own student it answers as what does not exist."""
    tara = school["tara"]
    room = (await tara.made("/classrooms", {"title": "Algebra"}))["id"]
    await tara.post(f"/classrooms/{room}/students", {"account_id": school["sam"].id})
    quiz = await tara.made(f"/classrooms/{room}/assignments", {"kind": "quiz", "title": "Quiz"})
    ids = dict.fromkeys(("student_id", "question_id"), str(uuid7()))
    for operation in (it for it in TABLE if QUIZ in it and not it.endswith(("socket", "monitor"))):
        method, path = operation.split(" ")
        body = TABLE[operation].send().get("json")
        for name in ("theo", "sue", "sam", "other_teacher"):
            draft = await school[name].call(method, path.format(assignment_id=quiz["id"], **ids), body)
            nothing = await school[name].call(method, path.format(assignment_id=uuid7(), **ids), body)
            for answer in (draft, nothing):
                answer.data.pop("request_id")
            assert (draft.status, draft.data) == (nothing.status, nothing.data), (operation, name)


async def test_what_is_no_quiz_has_none(school: School) -> None:
    tara = school["tara"]
    room = (await tara.made("/classrooms", {"title": "Algebra"}))["id"]
    homework = await tara.made(f"/classrooms/{room}/assignments", {"kind": "homework", "title": "Essay"})
    assert (await tara.get(f"/assignments/{homework['id']}/quiz")).status == 404


async def reach_across(school: School) -> None:
    """Use a question of one quiz under another."""
    tara, sam = school["tara"], school["sam"]
    one = await open_quiz(tara, [sam], [STATEMENT])
    two = await open_quiz(tara, [sam], [STATEMENT])
    attempt, question = await one.start(sam), two.questions[0]["id"]
    answer = {"value": True, "rev": 1}
    assert (await sam.put(f"/attempts/{attempt['id']}/answers/{question}", answer)).status == 404
    assert (await tara.get(f"{one.path}/marking/{question}")).status == 404
    assert (await tara.get(f"{one.path}/questions/{question}/corrections")).status == 404
    correction = {"question": two.questions[0]}
    assert (await tara.post(f"{one.path}/questions/{question}/correction", correction)).status == 404
    assert (await tara.put(f"/attempts/{attempt['id']}/marks/{question}", {"mark": 1})).status == 404


async def test_a_child_of_another_quiz_is_not_there(school: School) -> None:
    """GUARANTEES 43: a question belongs to its own quiz, and an answer to its own attempt."""
    await reach_across(school)


async def test_an_answer_to_another_quiz_would_be_seen(
    school: School, break_query: Break, break_function: Break
) -> None:
    """Control of GUARANTEES 43: answers are taken to any question of the school."""
    break_query("list_keyed_questions", "assignment_id = %(id)s AND", "")
    break_function("save_work", "WHEN r.question_id <> ALL (t.question_ids)", "WHEN FALSE")
    with pytest.raises(AssertionError):
        await reach_across(school)
