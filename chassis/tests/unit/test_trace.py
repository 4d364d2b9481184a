"""One request id through HTTP, logs and events."""

from chassis import trace

REQUEST = "0af7651916cd43dd8448eb211c80319c"


def test_a_gateway_request_id_becomes_the_trace() -> None:
    assert trace.begin(REQUEST).startswith(f"00-{REQUEST}-")
    assert trace.request_id() == REQUEST


def test_a_forged_request_id_starts_a_new_trace() -> None:
    assert trace.begin("x; drop table") != trace.begin("x; drop table")


def test_an_event_continues_its_trace() -> None:
    parent = f"00-{REQUEST}-b7ad6b7169203331-01"
    assert trace.resume(parent) == parent
    assert trace.request_id() == REQUEST


def test_a_malformed_parent_starts_a_new_trace() -> None:
    assert trace.resume("00-xyz") != "00-xyz"
