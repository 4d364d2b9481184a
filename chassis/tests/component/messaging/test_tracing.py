"""One trace from a request, over its SQL and its event, to the effect in another service."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import tracing
from chassis.bus import Bus
from chassis.contracts import Contracts
from chassis.db import Database, Executor
from chassis.errors import NotFound
from chassis.events import Event
from chassis.inbox import Consumer
from chassis.outbox import Relay
from chassis.requests import in_hand
from chassis.testing import Stack, eventually

Client = TestClient[web.Request, web.Application]
Running = Callable[[Awaitable[None]], "asyncio.Task[None]"]

REQUEST = "0af7651916cd43dd8448eb211c80319c"
TYPE = "auth.account-created.v1"
WRITE = """
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
VALUES ('auth.account-created.v1', gen_random_uuid(), gen_random_uuid(), 1, '{"name": "Ada"}', %(traceparent)s)
"""


@pytest.fixture
async def client(database: Database, aiohttp_client: Callable[[web.Application], Awaitable[Client]]) -> Client:
    """A service that writes one event per request, and knows an error and a socket."""
    queries: Any = database._queries
    queries |= {"test_write": WRITE, "test_effect": "SELECT 1"}

    async def press(_: web.Request) -> web.Response:
        await database.execute("test_write")
        return web.json_response({})

    async def missing(_: web.Request) -> web.Response:
        raise NotFound("nothing")

    app = web.Application(middlewares=[in_hand(1000), tracing.middleware])
    app.add_routes([web.post("/press/{id}", press), web.get("/missing", missing), web.get("/socket", press)])
    return await aiohttp_client(app)


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def services(
    database: Database, broker: Bus, contracts: Contracts, stack: Stack, bound: None, running: Running
) -> None:
    """A relay of auth and a consumer of classroom."""

    async def handle(tx: Executor, events: Sequence[Event]) -> None:
        await tx.execute("test_effect")

    handlers = dict.fromkeys(contracts.consumed_by("classroom"), handle)
    running(Relay(database, broker, contracts, "auth", stack.amqp_management_url).run())
    running(Consumer(database, broker, contracts, "classroom", handlers).run(asyncio.Event()))


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


async def test_from_the_click_to_the_figure(client: Client, exporter: InMemorySpanExporter, services: None) -> None:
    async with tracing.recording("test", SimpleSpanProcessor(exporter)):
        await client.post("/press/7", headers={"X-Request-Id": REQUEST, "X-Gateway-Seconds": "0.250"})
        await eventually(lambda: _has(exporter, f"apply {TYPE}", f"publish {TYPE}"))
    spans = by_name(exporter)
    chain = ["SQL test_effect", f"apply {TYPE}", "SQL test_write", "POST /press/{id}", "gateway"]
    for child, parent in [*pairwise(chain), (f"publish {TYPE}", "SQL test_write")]:
        cause = spans[child].parent
        assert cause is not None, child
        assert cause.span_id == spans[parent].context.span_id, child
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {REQUEST}
    assert spans["gateway"].parent is None
    assert spans["gateway"].resource.attributes["service.name"] == "gateway"
    began, passed_on = spans["gateway"].start_time, spans["POST /press/{id}"].start_time
    assert began is not None
    assert passed_on is not None
    assert passed_on - began >= 250_000_000


async def _has(exporter: InMemorySpanExporter, *names: str) -> bool:
    return set(names) <= set(by_name(exporter))


@pytest.mark.parametrize("seconds", [None, "", "nan", "-0.001", "1e9", "9" * 400 + ".000"])
async def test_where_no_gateway_stands_before_there_is_no_span_of_it(
    client: Client, exporter: InMemorySpanExporter, seconds: str | None
) -> None:
    async with tracing.recording("test", SimpleSpanProcessor(exporter)):
        await client.get("/missing", headers={"X-Gateway-Seconds": seconds} if seconds is not None else {})
    assert [span.name for span in exporter.get_finished_spans()] == ["GET /missing"]


async def test_an_error_is_told_by_its_code(client: Client, exporter: InMemorySpanExporter) -> None:
    async with tracing.recording("test", SimpleSpanProcessor(exporter)):
        assert (await client.get("/missing")).status == 404
    attributes = by_name(exporter)["GET /missing"].attributes or {}
    assert attributes["http.response.status_code"] == 404
    assert attributes["error.type"] == "not_found"


async def test_sockets_and_what_is_not_sampled_make_no_span(client: Client, exporter: InMemorySpanExporter) -> None:
    async with tracing.recording("test", SimpleSpanProcessor(exporter)):
        await client.get("/socket", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    async with tracing.recording("test", SimpleSpanProcessor(exporter), sample=0):
        await client.post("/press/7")
    assert exporter.get_finished_spans() == ()


async def test_nothing_is_traced_unless_an_endpoint_is_given(client: Client, exporter: InMemorySpanExporter) -> None:
    acquire = tracing.exporting("", 1, "test")
    async for _ in acquire(client.app):
        assert tracing.query("ping") is tracing.query("ping")
        await client.post("/press/7")
    assert exporter.get_finished_spans() == ()


@pytest.fixture
async def collector() -> AsyncIterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """An OTLP receiver: its address and what it was sent."""
    received: list[ExportTraceServiceRequest] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        packed = request.headers.get("Content-Encoding") == "gzip"
        received.append(ExportTraceServiceRequest.FromString(gzip.decompress(body) if packed else body))
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.add_routes([web.post("/v1/traces", take)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), received


async def test_a_collector_gets_the_spans_over_otlp(
    client: Client, collector: tuple[str, list[ExportTraceServiceRequest]]
) -> None:
    """The end of a process sends what it still holds; nothing that a person wrote is in it."""
    endpoint, received = collector
    async for _ in tracing.exporting(endpoint, 1, "classroom")(client.app):
        await client.post("/press/7?name=Ada", headers={"X-Request-Id": REQUEST})
    resources = [resource for request in received for resource in request.resource_spans]
    names = {item.value.string_value for one in resources for item in one.resource.attributes}
    assert {"classroom", "homeroom"} <= names
    spans = {span.name: span for one in resources for scope in one.scope_spans for span in scope.spans}
    assert set(spans) == {"POST /press/{id}", "SQL test_write"}
    assert {span.trace_id.hex() for span in spans.values()} == {REQUEST}
    assert spans["SQL test_write"].parent_span_id == spans["POST /press/{id}"].span_id
    assert b"Ada" not in b"".join(request.SerializeToString() for request in received)
