"""Every contract is whole, every example keeps it, and a producer's slip is found."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.contracts import ContractError, Contracts, EventType, check_event
from chassis.events import Event
from chassis.personal_data import ACCOUNT_ERASED
from chassis.topology import needed_bindings

CONTRACTS = Contracts.load()
EXAMPLES = [
    pytest.param(found, event, id=f"{found.name}-{name}")
    for found in CONTRACTS.types.values()
    for name, event in found.examples()
]


@pytest.mark.parametrize("found", CONTRACTS.types.values(), ids=lambda found: found.name)
def test_a_type_is_whole(found: EventType) -> None:
    assert found.examples()
    assert found.owner == found.name.split(".")[0]
    assert found.producers == {found.owner}
    assert found.schema["additionalProperties"] is False
    # A property that was added later is missing in the stream's older events, so it is not required.
    assert set(found.schema["required"]) <= set(found.schema["properties"])
    assert all("description" in field for field in found.schema["properties"].values())


@pytest.mark.parametrize(("found", "event"), EXAMPLES)
def test_an_example_keeps_its_contract(found: EventType, event: Event) -> None:
    check_event(event)


# An order to every service tells no state; an invitation is no enrolment.
OTHERS = {ACCOUNT_ERASED, "classroom.student-invited.v1"}


def test_all_types_of_an_aggregate_carry_the_same_state() -> None:
    states: dict[str, Any] = {}
    for name, found in CONTRACTS.types.items():
        aggregate = name if name in OTHERS else name.rsplit("-", 1)[0]
        assert states.setdefault(aggregate, found.schema["properties"]) == found.schema["properties"], name


def sample() -> Event:
    return CONTRACTS.types["auth.account-created.v1"].examples()[0][1]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"data": {"role": "janitor"}}, "janitor"),
        ({"data": {"surprise": 1}}, "surprise"),
        ({"data": {"account_id": "1"}}, "account_id"),
        ({"data": {"name": None}}, "name"),
        ({"source": "/homeroom/grading"}, "no producer"),
        ({"type": "auth.account-vanished.v1"}, "no such event type"),
        ({"sequence": 0}, "sequence"),
        ({"traceparent": "x"}, "traceparent"),
    ],
)
def test_a_slip_of_the_producer_is_found(change: dict[str, Any], word: str) -> None:
    event = sample()
    if "data" in change:
        change = change | {"data": event.data | change["data"]}
    with pytest.raises(ContractError, match=word):
        check_event(replace(event, **change))


def test_a_missing_member_is_found() -> None:
    event = sample()
    with pytest.raises(ContractError, match="email"):
        check_event(replace(event, data={name: value for name, value in event.data.items() if name != "email"}))


def test_the_relay_needs_every_consumer_and_the_stream() -> None:
    needed = needed_bindings(CONTRACTS, "auth")
    assert ("homeroom.events.stream", "#") in needed
    assert ("homeroom.files", "auth.account-created.v1") in needed
    assert not any(key.startswith("classroom.") for _, key in needed)
