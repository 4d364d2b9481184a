"""The envelope, and what a batch collapses to."""

import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.events import Event, MalformedEvent, decode, encode, newest

SCHOOL, ONE, TWO = (UUID(int=n) for n in (1, 2, 3))


def event(subject: UUID = ONE, sequence: int = 1, **fields: Any) -> Event:
    return Event("auth.account-updated.v1", "/homeroom/auth", subject, SCHOOL, sequence, {"n": "Ж"}, **fields)


@given(
    sequence=st.integers(1, 2**62),
    time=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),
    traceparent=st.none() | st.just(f"00-{'a' * 32}-{'b' * 16}-01"),
    data=st.dictionaries(st.text(), st.none() | st.text() | st.integers(-(2**53), 2**53)),
)
def test_an_event_survives_the_wire(
    sequence: int, time: datetime, traceparent: str | None, data: dict[str, Any]
) -> None:
    sent = Event("a.b.v1", "/homeroom/a", ONE, SCHOOL, sequence, data, time=time, traceparent=traceparent)
    assert decode(encode(sent)) == sent


def test_unknown_members_are_ignored() -> None:
    members = orjson.loads(encode(event())) | {"partitionkey": "x", "dataschema": "urn:y"}
    assert decode(orjson.dumps(members)).data == {"n": "Ж"}


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"id": 7},
        {"subject": "x"},
        {"sequence": "1"},
        {"sequence": True},
        {"data": []},
        {"data": None},
        {"time": "yesterday"},
        {"type": None},
        {"traceparent": 1},
    ],
)
def test_a_malformed_event_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvent):
        decode(orjson.dumps(orjson.loads(encode(event())) | change))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff", b'"x"', b"{}"])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedEvent):
        decode(body)


def test_a_time_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(MalformedEvent):
        decode(encode(event()).replace(b'"time":"2', b'"time":"0001-01-01T00:00:00+14:00","was":"2'))


@given(st.lists(st.tuples(st.sampled_from([ONE, TWO]), st.integers(1, 5)), max_size=12), st.randoms())
def test_newest_is_the_highest_whatever_the_order(pairs: list[tuple[UUID, int]], chance: random.Random) -> None:
    chance.shuffle(pairs)
    found = {item.subject: item.sequence for item in newest(event(*pair) for pair in pairs)}
    assert found == {subject: max(n for s, n in pairs if s == subject) for subject, _ in pairs}


def test_newest_keeps_schools_apart() -> None:
    other = Event("auth.account-updated.v1", "/homeroom/auth", ONE, TWO, 1, {})
    assert len(newest([event(sequence=5), other])) == 2
