"""Typed handlers over real HTTP: what is let in, what is refused, and how it is said."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import validate
from pydantic import Field

from chassis import openapi
from chassis.api import Api, Reply
from chassis.db import Database, Executor
from chassis.errors import Conflict
from chassis.identity import Identity, KeySet, Revocations, Role, Verifier
from chassis.keys import DB, VERIFIER
from chassis.model import Body
from chassis.paging import Page, PageQuery
from chassis.requests import in_hand
from chassis.testing import Issuer, uuid7

api = Api("demo", title="Demo")


class Pet(Body):
    """A pet."""

    name: str = Field(min_length=1, max_length=20)
    age: int = Field(ge=0)


@api.post("/pets", summary="Add a pet", status=201, roles={Role.TEACHER}, errors=[Conflict])
async def add_pet(identity: Identity, body: Pet) -> Reply[Pet]:
    if body.name == "taken":
        raise Conflict("name_taken", "There is a pet of that name.")
    return Reply(body, headers={"Location": f"/pets/{identity.account_id}"})


@api.get("/pets", summary="List pets")
async def list_pets(query: PageQuery) -> Page[Pet]:
    return Page(items=[Pet(name="x", age=query.limit)])


@api.get("/secrets", summary="For people alone", people_only=True)
async def list_secrets() -> Pet:
    return Pet(name="x", age=1)


@api.get("/pets/{pet_id}", summary="Read a pet", public=True)
async def read_pet(pet_id: UUID) -> Pet:
    return Pet(name=str(pet_id)[:8], age=1)


@api.get("/pets/{pet_id}/toys/{number}", summary="Read a toy", public=True)
async def read_toy(pet_id: UUID, number: Annotated[int, Field(ge=1)]) -> Pet:
    return Pet(name=str(pet_id)[:8], age=number)


@api.get("/pets.csv", summary="Pets as a file", public=True, media_type="text/csv")
async def export_pets(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"secret")
    return response


@api.post("/visits", summary="Count a visit", status=201, idempotent=True)
async def add_visit(db: Executor, body: Pet) -> Pet:
    """Its effect can be counted: a revoked session more each time."""
    await db.execute("revoke_session", session_ids=[uuid7()], expires_at=[datetime(2999, 1, 1, tzinfo=UTC)])
    if body.name == "fail":
        raise Conflict("failed", "It failed after its effect.")
    return body


@api.delete("/pets/{pet_id}", summary="Delete a pet")
async def delete_pet(pet_id: UUID) -> None:
    if pet_id.int == 0:
        raise RuntimeError("a fault nobody expected")


@pytest.fixture
async def http(issuer: Issuer, database: Database) -> AsyncIterator[TestClient[Any, Any]]:
    async def fetch() -> dict[str, Any]:
        return issuer.jwks()

    app = web.Application(middlewares=[in_hand(1000)])
    app[VERIFIER] = Verifier(KeySet(fetch), "https://homeroom", "homeroom", Revocations())
    app.add_routes([*api.routes(), openapi.route(api)])
    app[DB] = database
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_no_body_follows_a_head(http: TestClient[Any, Any]) -> None:
    """On a kept connection it would be taken for the answer to the next request, whoever asked that."""
    reader, writer = await asyncio.open_connection(http.host, http.port)
    writer.write(b"HEAD /api/demo/pets.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert body == b""


async def test_wrong_fields_are_named(http: TestClient[Any, Any], issuer: Issuer) -> None:
    teacher = issuer.caller(Role.TEACHER, uuid7())
    answer = await http.post("/api/demo/pets", json={"age": -1, "colour": "red"}, headers=teacher.headers)
    problem = await answer.json()
    assert answer.status == 422
    assert answer.content_type == "application/problem+json"
    assert {item["field"] for item in problem["errors"]} == {"body.name", "body.age", "body.colour"}


@pytest.mark.parametrize("path", ["/pets", "/secrets", f"/pets/{UUID(int=1)}", "/pets.csv"])
async def test_an_unknown_query_parameter_is_named(http: TestClient[Any, Any], issuer: Issuer, path: str) -> None:
    teacher = issuer.caller(Role.TEACHER, uuid7())
    answer = await http.get(f"/api/demo{path}?limt=5&colour", headers=teacher.headers)
    assert answer.status == 422
    assert {item["field"] for item in (await answer.json())["errors"]} == {"query.limt", "query.colour"}


@pytest.mark.parametrize("query", ["", "?", "?&"])
async def test_an_empty_query_is_none(http: TestClient[Any, Any], query: str) -> None:
    async with http.get(f"/api/demo/pets/{UUID(int=1)}{query}") as answer:
        assert answer.status == 200


async def test_whoever_may_not_ask_learns_of_no_parameter(http: TestClient[Any, Any]) -> None:
    async with http.get("/api/demo/secrets?limt=5") as answer:
        assert answer.status == 401


async def test_created_answers_with_its_place(http: TestClient[Any, Any], issuer: Issuer) -> None:
    teacher = issuer.caller(Role.TEACHER, uuid7())
    answer = await http.post("/api/demo/pets", json={"name": "rex", "age": 3}, headers=teacher.headers)
    assert (answer.status, await answer.json()) == (201, {"name": "rex", "age": 3})
    assert answer.headers["Location"] == f"/pets/{teacher.account_id}"


async def test_roles_tokens_and_ids_are_checked(http: TestClient[Any, Any], issuer: Issuer) -> None:
    student = issuer.caller(Role.STUDENT, uuid7())
    assert (await http.post("/api/demo/pets", json={}, headers=student.headers)).status == 403
    assert (await http.get("/api/demo/pets")).status == 401
    assert (await http.get("/api/demo/pets", headers={"Authorization": "Bearer x.y.z"})).status == 401
    assert (await http.get("/api/demo/pets?limit=0", headers=student.headers)).status == 422
    assert (await http.get("/api/demo/pets/nonsense")).status == 404
    toys = f"/api/demo/pets/{uuid7()}/toys"
    assert [(await http.get(f"{toys}/{number}")).status for number in ("1", "0", "x")] == [200, 404, 404]
    assert (await http.get("/api/demo/elsewhere")).status == 404


def program(issuer: Issuer, scope: str) -> dict[str, str]:
    """A program's headers."""
    claims = jwt.decode(issuer.caller(Role.TEACHER, uuid7()).token, options={"verify_signature": False})
    return {"Authorization": f"Bearer {issuer.sign({**claims, 'scope': scope})}"}


async def test_a_token_that_reads_changes_nothing(http: TestClient[Any, Any], issuer: Issuer) -> None:
    reader, writer = program(issuer, "read"), program(issuer, "write")
    pet = {"name": "Rex", "age": 1}
    assert (await http.get("/api/demo/pets", headers=reader)).status == 200
    refused = await http.post("/api/demo/pets", json=pet, headers=reader)
    assert (refused.status, (await refused.json())["code"]) == (403, "read_only")
    assert (await http.post("/api/demo/visits", json=pet, headers=reader)).status == 403
    assert (await http.post("/api/demo/pets", json=pet, headers=writer)).status == 201
    protocol = f"homeroom.v1, {reader['Authorization'].replace('Bearer ', 'bearer.')}"
    socket = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Protocol": protocol}
    assert (await http.get("/api/demo/pets", headers=socket)).status == 403
    assert (await http.get("/api/demo/pets", headers=program(issuer, "everything"))).status == 401


async def test_what_is_for_people_alone(http: TestClient[Any, Any], issuer: Issuer) -> None:
    for scope, status in (("read", 403), ("write", 403), ("person", 200)):
        assert (await http.get("/api/demo/secrets", headers=program(issuer, scope))).status == status


async def test_expected_and_unexpected_failures(http: TestClient[Any, Any], issuer: Issuer) -> None:
    teacher = issuer.caller(Role.TEACHER, uuid7())
    taken = await http.post("/api/demo/pets", json={"name": "taken", "age": 1}, headers=teacher.headers)
    assert (taken.status, (await taken.json())["code"]) == (409, "name_taken")
    fault = await http.delete(f"/api/demo/pets/{UUID(int=0)}", headers=teacher.headers)
    assert (fault.status, (await fault.json())["code"]) == (500, "internal_error")
    assert "nobody expected" not in await fault.text()
    broken = await http.post("/api/demo/pets", data=b"{", headers=teacher.headers)
    assert (broken.status, (await broken.json())["code"]) == (400, "unsupported_media_type")


async def test_the_request_id_comes_back_in_problems(http: TestClient[Any, Any]) -> None:
    request_id = "0123456789abcdef0123456789abcdef"
    answer = await http.get("/api/demo/pets", headers={"X-Request-Id": request_id})
    assert (await answer.json())["request_id"] == request_id


async def test_the_document_is_openapi_3_1(http: TestClient[Any, Any]) -> None:
    document = await (await http.get("/api/demo/openapi.json")).json()
    validate(document)
    assert document["paths"]["/pets"]["post"]["x-roles"] == ["teacher"]
    assert document["paths"]["/pets/{pet_id}"]["get"]["security"] == []
    assert set(document["paths"]["/pets"]["post"]["responses"]) >= {"201", "409", "422", "401", "403"}


async def visits(database: Database) -> int:
    return len(await database.rows("list_revoked_sessions"))


async def test_a_repeated_key_takes_effect_once(http: TestClient[Any, Any], issuer: Issuer, database: Database) -> None:
    caller = issuer.caller(Role.STUDENT, uuid7())
    headers = caller.headers | {"Idempotency-Key": "k1"}

    async def post() -> tuple[int, Any]:
        answer = await http.post("/api/demo/visits", json={"name": "a", "age": 1}, headers=headers)
        return answer.status, await answer.json()

    answers = await asyncio.gather(*(post() for _ in range(10)))
    assert answers == [(201, {"name": "a", "age": 1})] * 10
    assert await visits(database) == 1


async def test_a_key_is_good_for_one_request_of_one_account(
    http: TestClient[Any, Any], issuer: Issuer, database: Database
) -> None:
    first, second = (issuer.caller(Role.STUDENT, uuid7()) for _ in range(2))
    key = {"Idempotency-Key": "k1"}
    body = {"name": "a", "age": 1}
    assert (await http.post("/api/demo/visits", json=body, headers=first.headers | key)).status == 201
    reused = await http.post("/api/demo/visits", json=body | {"age": 2}, headers=first.headers | key)
    assert (reused.status, (await reused.json())["code"]) == (422, "key_reused")
    assert (await http.post("/api/demo/visits", json=body, headers=second.headers | key)).status == 201
    assert await visits(database) == 2


async def test_a_failed_command_stores_neither_effect_nor_key(
    http: TestClient[Any, Any], issuer: Issuer, database: Database
) -> None:
    headers = issuer.caller(Role.STUDENT, uuid7()).headers | {"Idempotency-Key": "k1"}
    for _ in range(2):
        failed = await http.post("/api/demo/visits", json={"name": "fail", "age": 1}, headers=headers)
        assert failed.status == 409
    assert await visits(database) == 0
