"""The service runs, and applies every event it consumes."""

from typing import Any

from aiohttp.test_utils import TestClient
from openapi_spec_validator import validate

from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.inbox import apply, complete_handlers
from lecture_chat.consumers import HANDLERS


async def test_health_and_documents(client: TestClient[Any, Any]) -> None:
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200
    assert "homeroom_request_seconds" in await (await client.get("/metrics")).text()
    validate(await (await client.get("/api/lecture-chat/openapi.json")).json())


async def test_every_example_is_accepted(database: Database) -> None:
    contracts = default_contracts()
    handlers = complete_handlers(contracts, "lecture-chat", HANDLERS)
    for name in sorted(contracts.consumed_by("lecture-chat")):
        for _, event in contracts.types[name].examples():
            await apply(database, handlers, [event])
