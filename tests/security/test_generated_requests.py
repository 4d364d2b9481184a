"""GUARANTEES 53: whatever a request says, every operation answers as its OpenAPI document tells, never with a 5xx.

Requests are generated from the documents and sent to the services themselves, past the gateway's limits, by an admin,
a teacher and a student in turn; half of them with ids of things that exist. `FUZZ_EXAMPLES` sets how many each
operation gets.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dev import services
from dev.stack import Stack
from tests.system.people import Person, School, school_at

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
ROOT = Path(__file__).parents[2]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# They end the caller's own session or membership, after which every request would answer 401 and try nothing.
ENDING = ("logout", "sign-out", "/me/sessions", "/me/password", "/switch", "second-factor", "/erase")
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)


def operations() -> list[Any]:
    """Every operation of every document but those that end what the test stands on."""
    found = []
    for service in services.NAMES:
        document = schemathesis.openapi.from_path(ROOT / "contracts" / "http" / f"{service}.openapi.json")
        for result in document.get_all_operations():
            assert isinstance(result, Ok)
            operation = result.ok()
            if not any(part in operation.path for part in ENDING):
                found.append(pytest.param(service, operation, id=f"{service} {operation.label}"))
    return found


@dataclass(frozen=True)
class Ground:
    """Where the services listen, who asks, and ids of what exists, by the names of path parameters."""

    bases: dict[str, str]
    tokens: list[str]
    ids: dict[str, str]


@pytest.fixture(scope="module")
def ground(whole: Stack) -> Ground:
    """A school with something in it."""
    ports = whole.plan().ports
    bases = {name: f"http://127.0.0.1:{ports[services.web_names(name)[0]]}/api/{name}" for name in services.NAMES}
    tokens, ids = asyncio.run(_settle(whole))
    return Ground(bases, tokens, ids)


async def _settle(whole: Stack) -> tuple[list[str], dict[str, str]]:
    async with AsyncExitStack() as open_clients:
        school = school_at(whole, open_clients)
        await school.register()
        people = [school.admin, await school.teacher(), await school.student()]
        return [person.token for person in people], await _furnish(school, *people[1:])


async def _furnish(school: School, teacher: Person, student: Person) -> dict[str, str]:
    classroom = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Fuzz"})
    base = f"/api/classroom/classrooms/{classroom['id']}"
    await teacher.send("POST", f"{base}/students", {"account_id": student.id})
    topic = await teacher.send("POST", f"{base}/topics", {"title": "One"})
    document = {"kind": "homework", "title": "Read", "points_possible": "10", "topic_id": topic["id"]}
    assignment = await teacher.send("POST", f"{base}/assignments", document | {"status": "published"})
    return {
        "classroom_id": classroom["id"],
        "topic_id": topic["id"],
        "assignment_id": assignment["id"],
        "account_id": student.id,
        "student_id": student.id,
        "teacher_id": teacher.id,
    }


@pytest.mark.parametrize(("service", "operation"), operations())
def test_every_operation_answers_as_documented(ground: Ground, service: str, operation: Any) -> None:
    @SETTINGS
    @hypothesis.given(case=operation.as_strategy(), token=st.sampled_from(ground.tokens), real=st.booleans())
    def ask(case: Any, token: str, real: bool) -> None:
        if real:
            known = {name: ground.ids[name] for name in case.path_parameters if name in ground.ids}
            case.path_parameters = {**case.path_parameters, **known}
        answer = case.call(base_url=ground.bases[service], headers={"Authorization": f"Bearer {token}"}, timeout=15)
        case.validate_response(answer, checks=CHECKS)

    ask()


def test_an_undocumented_answer_is_noticed(ground: Ground) -> None:
    """Control of GUARANTEES 53: the same check on an answer that no document tells of."""
    operation = next(param.values[1] for param in operations() if param.values[0] == "classroom")
    answer = requests.Response()
    answer.status_code, answer._content = 500, b"{}"
    answer.headers["Content-Type"] = "application/json"
    answer.request = requests.Request("GET", ground.bases["classroom"]).prepare()
    with pytest.raises(BaseExceptionGroup, match="2 distinct failures"):
        operation.Case().validate_response(answer, checks=CHECKS)
