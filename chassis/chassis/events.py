"""The event envelope: CloudEvents 1.0 in structured JSON form."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

CONTENT_TYPE = "application/cloudevents+json"


class MalformedEvent(ValueError):
    """The bytes are not an event of ours."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one aggregate, carrying its whole public state in `data`.

    `type` is also the routing key; `sequence` is the version of the aggregate `subject` in its school.
    """

    type: str
    source: str
    subject: UUID
    school_id: UUID
    sequence: int
    data: dict[str, Any]
    id: UUID = field(default_factory=uuid4)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    traceparent: str | None = None

    def envelope(self) -> dict[str, Any]:
        """The members of the CloudEvents object, ids and times still as Python values."""
        members: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "schoolid": self.school_id,
            "sequence": self.sequence,
        }
        if self.traceparent is not None:
            members["traceparent"] = self.traceparent
        return members | {"data": self.data}


def encode(event: Event) -> bytes:
    """The event as CloudEvents JSON."""
    return orjson.dumps(event.envelope(), option=orjson.OPT_UTC_Z)


def decode(body: bytes) -> Event:
    """Read CloudEvents JSON; unknown members are ignored. Raises MalformedEvent."""
    try:
        return _event(orjson.loads(body))
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise MalformedEvent(f"{type(error).__name__}: {error}") from error


def _event(members: dict[str, Any]) -> Event:
    if members["specversion"] != "1.0":
        raise MalformedEvent(f"specversion {members['specversion']!r}")
    return Event(
        id=UUID(members["id"]),
        type=_of(str, members["type"]),
        source=_of(str, members["source"]),
        subject=UUID(members["subject"]),
        school_id=UUID(members["schoolid"]),
        sequence=_of(int, members["sequence"]),
        time=datetime.fromisoformat(members["time"]).astimezone(UTC),
        traceparent=_of(str | None, members.get("traceparent")),
        data=_of(dict, members["data"]),
    )


def _of(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise MalformedEvent(f"{value!r} is not of type {kind}")
    return value


def newest(events: Iterable[Event]) -> list[Event]:
    """Only the event of highest sequence per school and subject, in order of first appearance.

    Never for `grade-*` events: each carries only some of its assignment's results.
    """
    latest: dict[tuple[UUID, UUID], Event] = {}
    for event in events:
        key = (event.school_id, event.subject)
        if key not in latest or event.sequence > latest[key].sequence:
            latest[key] = event
    return list(latest.values())
