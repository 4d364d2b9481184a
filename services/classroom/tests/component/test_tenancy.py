"""Another school's things, and children under another parent, answer as what does not exist."""

from typing import Any

import pytest

from chassis.testing import uuid7
from classroom.testing import Actor

School = dict[str, Actor]
OPERATIONS: list[tuple[str, str, Any]] = [
    ("GET", "/classrooms/{room}", None),
    ("PATCH", "/classrooms/{room}", {"title": "x"}),
    ("DELETE", "/classrooms/{room}", None),
    ("POST", "/classrooms/{room}/join-code", {}),
    ("DELETE", "/classrooms/{room}/join-code", None),
    ("GET", "/classrooms/{room}/students", None),
    ("POST", "/classrooms/{room}/students", {"account_id": "{student}"}),
    ("DELETE", "/classrooms/{room}/students/{student}", None),
    ("GET", "/classrooms/{room}/teachers", None),
    ("POST", "/classrooms/{room}/teachers", {"account_id": "{student}"}),
    ("DELETE", "/classrooms/{room}/teachers/{student}", None),
    ("GET", "/classrooms/{room}/topics", None),
    ("POST", "/classrooms/{room}/topics", {"title": "x"}),
    ("PATCH", "/topics/{topic}", {"title": "x"}),
    ("DELETE", "/topics/{topic}", None),
    ("GET", "/classrooms/{room}/assignments", None),
    ("POST", "/classrooms/{room}/assignments", {"kind": "homework", "title": "x"}),
    ("GET", "/assignments/{quiz}", None),
    ("PATCH", "/assignments/{quiz}", {"title": "x"}),
    ("DELETE", "/assignments/{quiz}", None),
    ("GET", "/assignments/{quiz}/grades", None),
    ("PUT", "/assignments/{quiz}/grades/{student}", {"score": 1}),
    ("POST", "/assignments/{quiz}/release", {}),
]
OF_STUDENTS: list[tuple[str, str, Any]] = [
    ("GET", "/classrooms/{room}", None),
    ("GET", "/classrooms/{room}/teachers", None),
    ("GET", "/classrooms/{room}/topics", None),
    ("GET", "/classrooms/{room}/assignments", None),
    ("GET", "/assignments/{quiz}", None),
    ("DELETE", "/classrooms/{room}/students/me", None),
]


@pytest.fixture
async def theirs(school: School) -> dict[str, str]:
    """Ids of things of the first school."""
    tara = school["tara"]
    room = (await tara.made("/classrooms", {"title": "Algebra"}))["id"]
    topic = (await tara.made(f"/classrooms/{room}/topics", {"title": "One"}))["id"]
    body = {"kind": "quiz", "title": "Quiz", "points_possible": 10, "status": "published"}
    quiz = (await tara.made(f"/classrooms/{room}/assignments", body))["id"]
    await tara.post(f"/classrooms/{room}/students", {"account_id": school["sam"].id})
    return {"room": room, "topic": topic, "quiz": quiz, "student": school["sam"].id}


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(item, ids) for name, item in value.items()}
    return value.format(**ids) if isinstance(value, str) else value


async def same_refusal(actor: Actor, operations: list[tuple[str, str, Any]], ids: dict[str, str]) -> None:
    nothing = {name: str(uuid7()) for name in ids}
    for method, path, body in operations:
        found = await actor.call(method, filled(path, ids), filled(body, ids))
        absent = await actor.call(method, filled(path, nothing), filled(body, nothing))
        assert found.status == absent.status == 404, (actor.name, method, path, found.data)
        for answer in (found, absent):
            answer.data.pop("request_id")
        assert found.data == absent.data, (actor.name, method, path)


@pytest.mark.parametrize("name", ["other_admin", "other_teacher"])
async def test_staff_of_another_school_find_nothing(school: School, theirs: dict[str, str], name: str) -> None:
    await same_refusal(school[name], OPERATIONS, theirs)


@pytest.mark.parametrize("name", ["other_student", "sue"])
async def test_students_find_nothing_of_what_they_do_not_attend(
    school: School, theirs: dict[str, str], name: str
) -> None:
    await same_refusal(school[name], OF_STUDENTS, theirs)


async def test_a_child_of_another_parent_is_not_there(school: School, theirs: dict[str, str]) -> None:
    theo = school["theo"]
    mine = (await theo.made("/classrooms", {"title": "Mine"}))["id"]
    await theo.post(f"/classrooms/{mine}/teachers", {"account_id": school["admin"].id})
    for path in (
        f"/classrooms/{mine}/students/{theirs['student']}",
        f"/classrooms/{mine}/teachers/{school['tara'].id}",
    ):
        assert (await theo.delete(path)).status == 404
    work = {"kind": "homework", "title": "x", "points_possible": 5, "status": "published"}
    own = (await theo.made(f"/classrooms/{mine}/assignments", work))["id"]
    assert (await theo.put(f"/assignments/{own}/grades/{theirs['student']}", {"score": 1})).status == 404


async def test_without_a_token_there_is_nothing(school: School, theirs: dict[str, str]) -> None:
    client = school["tara"].client
    for method, path, body in [*OPERATIONS, ("GET", "/bootstrap", None), ("POST", "/rosters", None)]:
        async with client.request(method, f"/api/classroom{filled(path, theirs)}", json=filled(body, theirs)) as answer:
            assert answer.status == 401, (method, path)
