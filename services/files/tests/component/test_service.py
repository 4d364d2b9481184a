"""The service runs, tells what may be uploaded, and applies every event it consumes."""

from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import validate

from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.identity import Role
from chassis.inbox import apply, complete_handlers
from chassis.testing import Issuer, uuid7
from files.app import build
from files.config import Config
from files.consumers import HANDLERS

Client = TestClient[Any, Any]


async def test_everybody_signed_in_reads_the_limits(client: Client, issuer: Issuer) -> None:
    for role in Role:
        answer = await client.get("/api/files/limits", headers=issuer.caller(role, uuid7()).headers)
        limits = await answer.json()
        assert (answer.status, limits["max_bytes"]) == (200, 512 * 1024 * 1024)
        assert "application/pdf" in limits["types"]
    assert (await client.get("/api/files/limits")).status == 401


async def test_health_and_documents(client: Client) -> None:
    assert (await client.get("/healthz")).status == 200
    ready = await client.get("/readyz")
    assert (ready.status, (await ready.json())["storage"]) == (200, "ok")
    assert "homeroom_request_seconds" in await (await client.get("/metrics")).text()
    validate(await (await client.get("/api/files/openapi.json")).json())


async def test_without_its_bucket_it_is_not_ready(environment: dict[str, str]) -> None:
    for wrong in ({"S3_ENDPOINT": "http://127.0.0.1:1"}, {"S3_BUCKET": "no-such-bucket"}, {"S3_SECRET_KEY": "wrong"}):
        async with TestClient(TestServer(build(Config.load(environment | wrong)))) as client:
            ready = await client.get("/readyz")
            assert (ready.status, (await ready.json())["storage"]) == (503, "away")


async def test_every_example_is_accepted(database: Database) -> None:
    contracts = default_contracts()
    handlers = complete_handlers(contracts, "files", HANDLERS)
    for name in sorted(contracts.consumed_by("files")):
        for _, event in contracts.types[name].examples():
            await apply(database, handlers, [event])
