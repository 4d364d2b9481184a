"""For component tests: a service answers what its OpenAPI document says, and to whom a table says.

The table (GUARANTEES 42) names for every operation who may use it; everybody else is refused, and an id of
another school answers exactly as one that does not exist.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.test_utils import TestClient
from jsonschema import Draft202012Validator

Document = Mapping[str, Any]
Answer = tuple[int, Any]
NOWHERE = str(UUID(int=7))
MALFORMED = "x"
TYPO = "limt"


def watch(app: web.Application, document: Document) -> list[str]:
    """Compare every answer of the service with its document; returns the (growing) list of what differs."""
    lies: list[str] = []

    async def compare(request: web.Request, response: web.StreamResponse) -> None:
        resource = request.match_info.route.resource
        prefix = document["servers"][0]["url"]
        path = resource.canonical.removeprefix(prefix) if resource else ""
        if path and resource and resource.canonical.startswith(prefix) and path != "/openapi.json":
            lies.extend(f"{request.method} {path}: {lie}" for lie in _lies(document, request.method, path, response))

    app.on_response_prepare.append(compare)
    return lies


def _lies(document: Document, method: str, path: str, response: web.StreamResponse) -> list[str]:
    responses = document["paths"].get(path, {}).get(method.lower(), {}).get("responses", {})
    if str(response.status) not in responses:
        return [f"{response.status} is not documented"]
    content = responses[str(response.status)].get("content", {})
    body = response.body if isinstance(response, web.Response) else None
    if not body and not content:
        return []
    if response.content_type not in content:
        return [f"{response.status} {response.content_type} is not documented"]
    if not isinstance(body, bytes) or "json" not in response.content_type:
        return []
    schema = {"components": document["components"], **content[response.content_type]["schema"]}
    return [
        f"{response.status} {error.message}" for error in Draft202012Validator(schema).iter_errors(json.loads(body))
    ]


def operations(document: Document) -> set[str]:
    """All operations as the table names them: `GET /things/{thing_id}`."""
    return {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}


@dataclass(frozen=True)
class Row:
    """Who may use an operation: the status by caller, with an id of the caller's own. Whoever is not named is refused,
    with any id; who is named with 403, with ids they may know of. `anybody` stands for all. `send` makes the options
    of the request; with `open_query` others add query parameters of their own, which are ignored."""

    answers: Mapping[str, int]
    send: Callable[[], Mapping[str, Any]] = dict
    open_query: bool = False


@dataclass(frozen=True)
class Person:
    """A caller: the values of path parameters that are of their own school, and of another one."""

    headers: Mapping[str, str]
    own: Mapping[str, str]
    foreign: Mapping[str, str]


async def check_access(
    client: TestClient[Any, Any], document: Document, operation: str, row: Row, people: Mapping[str, Person]
) -> None:
    """Call one operation as everybody (`anonymous` has no token), with every kind of id, and with a query that it does
    not know."""
    method, path = operation.split(" ")

    async def call(person: Person, ids: Mapping[str, str], query: str = "") -> Answer:
        url = document["servers"][0]["url"] + path.format(**ids) + query
        async with client.request(method, url, headers=person.headers, **row.send()) as response:
            answer = await response.json() if response.content_type.endswith("json") else {}
            return response.status, {name: value for name, value in answer.items() if name != "request_id"}

    for name, person in people.items():
        expected = row.answers.get("anybody") or row.answers.get(name, 401 if name == "anonymous" else 403)
        if "{" in path:
            other = await _other_ids(person, call)
            refused = name not in row.answers and expected in {401, 403}
            assert other[0] == (expected if refused else 404), (name, operation, other)
        if expected not in {401, 403} and not row.open_query:
            status, answer = await call(person, person.own, f"?{TYPO}=5")
            assert (status, f"query.{TYPO}" in _fields(answer)) == (422, True), (name, operation, status, answer)
        status, answer = await call(person, person.own)
        assert status == expected, (name, operation, status, answer)


def _fields(problem: Any) -> set[str]:
    """What a problem document names."""
    return {error["field"] for error in problem.get("errors", ())}


async def _other_ids(person: Person, call: Callable[[Person, Mapping[str, str]], Awaitable[Answer]]) -> Answer:
    """The one answer to every id that is not of the caller's own school."""
    nowhere = await call(person, {name: NOWHERE if _is_id(value) else value for name, value in person.own.items()})
    malformed = await call(person, dict.fromkeys(person.own, MALFORMED))
    foreign = await call(person, person.foreign)
    assert foreign == nowhere, (foreign, nowhere)
    assert malformed[0] == nowhere[0], (malformed, nowhere)
    return foreign


def _is_id(value: str) -> bool:
    """Not the number of a child, which says nothing by itself."""
    return len(value) == len(NOWHERE)
