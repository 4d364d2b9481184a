"""The current trace: one request id travels through HTTP, logs, SQL and events (W3C Trace Context)."""

import random
import re
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
# The flags of a trace that only has an id; chassis.tracing says when it is also recorded.
_NOT_RECORDED = "00"
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")

_current: ContextVar[str] = ContextVar("traceparent")


def current_traceparent() -> str:
    """The trace context of the work at hand; a new trace where none was begun."""
    return _current.get(None) or begin()


def begin(request_id: str | None = None) -> str:
    """Start a trace from a gateway's request id (32 hex digits), or a new one; returns its traceparent."""
    # Ids name, they protect nothing: no system call is made for them.
    trace_id = request_id if request_id and _REQUEST_ID.fullmatch(request_id) else random.randbytes(16).hex()
    traceparent = f"00-{trace_id}-{random.randbytes(8).hex()}-{_NOT_RECORDED}"
    _current.set(traceparent)
    return traceparent


def resume(traceparent: str | None) -> str:
    """Continue the trace an event or a request carries; a malformed one starts a new trace."""
    if traceparent is None or _TRACEPARENT.fullmatch(traceparent) is None:
        return begin()
    _current.set(traceparent)
    return traceparent


def carry(traceparent: str) -> None:
    """Name another span of the same trace as the work at hand."""
    _current.set(traceparent)


def request_id() -> str:
    """The 32 hex digits that name this request in every log line and event."""
    return current_traceparent().split("-")[1]


def add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog: a line of the work at hand has its request id."""
    if (traceparent := _current.get(None)) is not None:
        event.setdefault("request_id", traceparent.split("-")[1])
    return event
