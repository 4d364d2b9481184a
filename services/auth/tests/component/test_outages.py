"""What auth still does while something it needs is away, and how several of its processes agree."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from argon2 import Parameters, PasswordHasher, extract_parameters

from auth.app import build
from auth.config import Config
from auth.testing import PASSWORD, Client, Person, post, register, sign_in
from chassis.keys import BUS
from chassis.testing import eventually

NOWHERE = {
    "DATABASE_URL": "postgresql://auth:x@127.0.0.1:9/homeroom",
    "AMQP_URL": "amqp://127.0.0.1:9/",
    "REDIS_URL": "redis://127.0.0.1:9/0",
}


@asynccontextmanager
async def running(environment: dict[str, str], **changed: str) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build(Config.load(environment | changed)))) as client:
        yield client


async def test_signing_in_needs_neither_broker_nor_cache(environment: dict[str, str]) -> None:
    away = {name: NOWHERE[name] for name in ("AMQP_URL", "REDIS_URL")}
    async with running(environment, **away) as client:
        await register(client, "ada@elm.example")
        ada = await sign_in(client, "ada@elm.example")
        await ada.call("GET", "/me")
        await post(client, "/refresh", 200, refresh_token=ada.refresh_token)
        await post(client, "/logout", 204, refresh_token=ada.refresh_token)
        await ada.call("GET", "/me", 401)
        async with client.get("/readyz") as response:
            assert (response.status, (await response.json())["broker"]) == (200, "away")


async def test_without_the_database_every_answer_is_503_soon(environment: dict[str, str]) -> None:
    token = {"refresh_token": "x"}
    known: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/login", {"email": "a@a.example", "password": PASSWORD}),
        ("POST", "/schools", {"school_name": "S", "name": "N", "email": "a@a.example", "password": PASSWORD}),
        ("POST", "/refresh", token),
        ("POST", "/logout", token),
        ("GET", "/.well-known/jwks.json", {}),
    ]
    async with running(environment, DATABASE_URL=NOWHERE["DATABASE_URL"]) as client:
        for method, path, document in known:
            async with client.request(method, f"/api/auth{path}", json=document) as response:
                assert (response.status, response.headers["Retry-After"]) == (503, "2"), path
        async with client.get("/readyz") as ready, client.get("/healthz") as alive:
            assert (ready.status, alive.status) == (503, 200)


async def test_two_schools_on_one_connection_see_their_own(environment: dict[str, str]) -> None:
    async with running(environment, DB_POOL_SIZE="1") as client:
        people = [await register(client, f"ada@{name}.example") for name in ("elm", "oak")]
        found = await asyncio.gather(*(person.call("GET", "/accounts") for person in people * 20))
        for place, page in enumerate(found):
            assert [item["email"] for item in page["items"]] == [people[place % 2].email]


Change = Callable[[Person, dict[str, Any]], Awaitable[Any]]
CHANGES: dict[str, Change] = {
    "role": lambda admin, account: admin.call("PATCH", f"/accounts/{account['id']}", json={"role": "student"}),
    "status": lambda admin, account: admin.call("DELETE", f"/accounts/{account['id']}", 204),
    "password": lambda admin, account: admin.call("POST", f"/accounts/{account['id']}/temporary-password"),
}


@pytest.fixture
async def other_process(environment: dict[str, str], client: Client, unused_tcp_port: int) -> AsyncIterator[Client]:
    """Another web process of auth, and the worker that carries events from the one to the other."""
    env = os.environ | environment | {"WORKER_PORT": str(unused_tcp_port)}
    bound = await asyncio.create_subprocess_exec(sys.executable, "-m", "chassis.topology", env=env)
    assert await bound.wait() == 0
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "auth.worker", env=env)
    try:
        async with running(environment) as other:
            yield other
    finally:
        worker.kill()
        await worker.wait()


@pytest.mark.parametrize("what", CHANGES)
async def test_a_token_stops_working_in_every_process(admin: Person, other_process: Client, what: str) -> None:
    tom, account = await admin.hire("tom@elm.example", "teacher")
    there = replace(tom, client=other_process)
    await there.call("GET", "/me")
    app = other_process.app
    await eventually(lambda: _connected(app))
    await CHANGES[what](admin, account)

    async def refused() -> bool:
        async with other_process.get("/api/auth/me", headers=tom.headers) as response:
            return response.status == 401

    await eventually(refused)


async def _connected(app: Any) -> bool:
    return bool(app[BUS].connected)


async def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the time of an answer does not tell the two apart: one hash of the same parameters."""
    verify, work = PasswordHasher.verify, list[Parameters]()

    def noted(self: PasswordHasher, password_hash: str, password: str) -> bool:
        work.append(extract_parameters(password_hash))
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    async with running(environment, ARGON2_MEMORY_KIB="1024", ARGON2_TIME_COST="2") as client:
        await register(client, "ada@elm.example")
        for email in ("ada@elm.example", "nobody@elm.example", "no address"):
            await post(client, "/login", 401, email=email, password="wrong")
    known, *unknown = work
    assert (known.memory_cost, known.time_cost) == (1024, 2)
    assert unknown == [known, known]


async def test_no_secret_is_logged(environment: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    async with running(environment, LOG_LEVEL="debug") as client:
        admin = await register(client, "ada@elm.example")
        tom, account = await admin.hire("tom@elm.example", "teacher")
        temporary = (await admin.call("POST", f"/accounts/{account['id']}/temporary-password"))["temporary_password"]
        await post(client, "/login", 403, email=tom.email, password=temporary)
        await post(client, "/login", 422, email=tom.email, password=temporary, new_password="short")
        await post(client, "/refresh", 200, refresh_token=admin.refresh_token)
        await post(client, "/refresh", 422, refresh_token=admin.refresh_token * 9)
    async with running(environment, LOG_LEVEL="debug", DATABASE_URL=NOWHERE["DATABASE_URL"]) as client:
        await post(client, "/refresh", 503, refresh_token=admin.refresh_token)
    logged = "".join(capfd.readouterr())
    assert "unavailable" in logged
    secrets = [PASSWORD, temporary, admin.access_token, admin.refresh_token, tom.refresh_token]
    secrets.append(environment["SIGNING_KEY_SECRET"])
    assert [secret for secret in secrets if secret in logged] == []
