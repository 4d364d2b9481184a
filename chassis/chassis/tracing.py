"""Traces by OpenTelemetry: one from a click, over SQL and events, to the figure it changed.

Off, and nearly free, unless OTLP_ENDPOINT is set. A trace has the id of the gateway's request, which log lines,
problem documents and events carry too. Sockets make no spans: they last for hours. A span names the route, the
query or the event type and never what a person wrote.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import Any

from aiohttp import hdrs, web
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    get_current_span,
    set_span_in_context,
)

from chassis import trace
from chassis.errors import HomeroomError
from chassis.events import Event

_NOTHING: AbstractContextManager[Any] = nullcontext()
_MOST_LINKS = 32
# What the gateway says of the time before it passed a request on.
_GATEWAY_SECONDS = "X-Gateway-Seconds"
_SECONDS = re.compile(r"[0-9]{1,6}\.[0-9]{3}")

# Set for the life of the process, like its log: None while nothing is traced.
_tracer: Tracer | None = None
_gateway: Tracer | None = None


class _RequestIds(RandomIdGenerator):
    """A new trace takes the id of the request at hand."""

    def generate_trace_id(self) -> int:
        return int(trace.request_id(), 16)


def exporting(endpoint: str, sample: float, service: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context that sends spans to a collector, or does nothing where no endpoint is given."""

    async def acquire(_: web.Application) -> AsyncIterator[None]:
        if not endpoint:
            yield
            return
        exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
        async with recording(service, BatchSpanProcessor(exporter), sample):
            yield

    return acquire


@asynccontextmanager
async def recording(service: str, processor: SpanProcessor, sample: float = 1.0) -> AsyncIterator[None]:
    """Hand spans to `processor` during the block; `sample` is the share of traces, 0 to 1, that are recorded."""
    global _tracer, _gateway
    _tracer, _gateway = (_tracer_of(name, processor, sample) for name in (service, "gateway"))
    try:
        yield
    finally:
        _tracer = _gateway = None
        await asyncio.to_thread(processor.shutdown)


def _tracer_of(service: str, processor: SpanProcessor, sample: float) -> Tracer:
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.namespace": "homeroom"}),
        sampler=ParentBased(TraceIdRatioBased(sample)),
        id_generator=_RequestIds(),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(processor)
    return provider.get_tracer("homeroom")


@web.middleware
async def middleware(request: web.Request, handler: Callable[..., Awaitable[Any]]) -> web.StreamResponse:
    """A span for every request but an upgrade to a socket."""
    if _tracer is None or hdrs.UPGRADE in request.headers:
        return await handler(request)  # type: ignore[no-any-return]
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unknown"
    attributes = {"http.request.method": request.method, "http.route": route}
    with (
        _at_the_gateway(request, attributes) as context,
        _recorded(_tracer, f"{request.method} {route}", SpanKind.SERVER, context, attributes) as span,
    ):
        try:
            response: web.StreamResponse = await handler(request)
        except HomeroomError as error:
            span.set_attributes({"http.response.status_code": error.status, "error.type": error.code})
            raise
        span.set_attribute("http.response.status_code", response.status)
        return response


@contextmanager
def _at_the_gateway(request: web.Request, attributes: dict[str, Any]) -> Iterator[Context]:
    """A span of the gateway, which makes none itself: from the first byte it read until the service has answered."""
    seconds = request.headers.get(_GATEWAY_SECONDS, "")
    if _gateway is None or not _SECONDS.fullmatch(seconds):
        yield Context()
        return
    began = time.time_ns() - round(float(seconds) * 1e9)
    span = _gateway.start_span("gateway", Context(), SpanKind.SERVER, attributes, start_time=began)
    try:
        yield set_span_in_context(span, Context())
    finally:
        span.end()


def query(name: str) -> AbstractContextManager[Any]:
    """A span for one named query, where it is part of something traced."""
    if _tracer is None or not get_current_span().is_recording():
        return _NOTHING
    attributes = {"db.system.name": "postgresql", "db.query.summary": name}
    return _recorded(_tracer, f"SQL {name}", SpanKind.CLIENT, None, attributes)


def applied(events: Sequence[Event]) -> AbstractContextManager[Any]:
    """A span for applying events of one type: in the trace of the first, linked to the others'."""
    if _tracer is None or (parent := _remote(events[0].traceparent)) is None:
        return _NOTHING
    others = (_remote(event.traceparent) for event in events[1:])
    links = [Link(other) for other in others if other is not None][:_MOST_LINKS]
    attributes = {"messaging.operation.type": "process", "messaging.batch.message_count": len(events)}
    name = f"apply {events[0].type}"
    return _recorded(_tracer, name, SpanKind.CONSUMER, _context(parent), attributes, links)


def published(events: Iterable[Event]) -> None:
    """A span for each event's way from its commit to the broker's confirm."""
    if _tracer is None:
        return
    for event in events:
        if (parent := _remote(event.traceparent)) is not None:
            committed = int(event.time.timestamp() * 1e9)
            name = f"publish {event.type}"
            _tracer.start_span(name, _context(parent), SpanKind.PRODUCER, start_time=committed).end()


@contextmanager
def _recorded(
    tracer: Tracer,
    name: str,
    kind: SpanKind,
    context: Context | None,
    attributes: dict[str, Any],
    links: Sequence[Link] = (),
) -> Iterator[Span]:
    """A span around the block; events written inside name it as their parent."""
    before = trace.current_traceparent()
    with tracer.start_as_current_span(
        name, context, kind, attributes, links, record_exception=False, set_status_on_exception=False
    ) as span:
        trace.carry(_traceparent(span.get_span_context()))
        try:
            yield span
        except HomeroomError:
            raise
        except Exception as error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            trace.carry(before)


def _traceparent(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _remote(traceparent: str | None) -> SpanContext | None:
    """The span that an event names as its cause, if it was recorded."""
    if traceparent is None:
        return None
    _, trace_id, span_id, flags = traceparent.split("-")
    parent = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
    return parent if parent.trace_flags.sampled else None


def _context(parent: SpanContext) -> Context:
    return set_span_in_context(NonRecordingSpan(parent), Context())
