"""Ports stay where they are unless somebody else holds them."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import ports
from dev.layout import State


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(ports, "scratch", lambda: scratch)
    return State.at(tmp_path / ".homeroom")


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_free_ports_are_taken_as_wanted() -> None:
    assert ports.choose({"a": 17001, "b": 17002}, set(), lambda _: True) == {"a": 17001, "b": 17002}


def test_a_taken_port_moves_to_the_next_free_one_that_nobody_else_has() -> None:
    chosen = ports.choose({"a": 17001, "b": 17002}, {17002}, lambda port: port != 17001)
    assert chosen == {"a": 17003, "b": 17004}


def test_a_listener_makes_a_port_taken(listener: int) -> None:
    assert not ports.is_free(listener)


def test_ports_are_remembered(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "choose", lambda wanted, taken: dict(wanted))
    state.ports.write_text(json.dumps({"postgres": 17777}))
    assert ports.allocate(state)["postgres"] == 17777
    assert ports.remembered(state)["gateway"] == 8443


def test_another_stack_keeps_its_ports_while_it_is_down(state: State, tmp_path: Path) -> None:
    first = ports.allocate(state)
    second = ports.allocate(State.at(tmp_path / "other" / ".homeroom"))
    assert not set(first.values()) & set(second.values())
    assert ports.allocate(state) == first


def test_the_stacks_of_tests_leave_the_usual_ports_alone(tmp_path: Path) -> None:
    usual = ports.wanted(State.at(tmp_path / ".homeroom"))
    other = ports.wanted(State.at(tmp_path / ".homeroom-test"))
    assert usual == dict(ports.DEFAULTS)
    assert not set(usual.values()) & set(other.values())


def test_all_ports_differ_and_are_below_the_ephemeral_ones() -> None:
    values = list(ports.DEFAULTS.values())
    assert len(values) == len(set(values))
    assert max(values) < 32768
