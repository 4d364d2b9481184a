"""The supervisord configuration says what the programs say, whatever characters they hold."""

import configparser
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from dev.layout import State
from dev.programs import Program
from dev.supervisor import render


def _nothing() -> None:
    pass


def _parsed(state: State, program: Program, *, restart: bool = True) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(render(state, [program], restart=restart))
    return parser[f"program:{program.name}"]


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.at(tmp_path / ".homeroom")


def test_a_command_keeps_its_words(state: State) -> None:
    section = _parsed(state, Program("web", ("serve", "two words", "100%"), _nothing))
    assert section["command"] == "serve 'two words' 100%%"


def test_the_environment_survives_and_carries_the_mark(state: State) -> None:
    values = {"URL": "amqp://u:p,w%40x@127.0.0.1:1/", "PLAIN": "1"}
    section = _parsed(state, Program("web", ("serve",), _nothing, environment=values))
    found = dict_of_key_value_pairs(section["environment"].replace("%%", "%"))
    assert found == {**values, "HOMEROOM_STATE": str(state.folder)}


def test_a_value_that_cannot_be_carried_is_refused(state: State) -> None:
    with pytest.raises(ValueError, match="quote"):
        render(state, [Program("web", ("serve",), _nothing, environment={"A": 'say "hi"'})], restart=True)


@pytest.mark.parametrize("restart", [True, False])
def test_a_dead_process_comes_back_only_where_that_is_wanted(state: State, restart: bool) -> None:
    section = _parsed(state, Program("web", ("serve",), _nothing), restart=restart)
    assert section.getboolean("autorestart") is restart


def test_nothing_starts_by_itself_and_children_die_with_their_parent(state: State) -> None:
    section = _parsed(state, Program("web", ("serve",), _nothing, user="postgres", stop_signal="INT"))
    assert not section.getboolean("autostart")
    assert section.getboolean("killasgroup")
    assert (section["user"], section["stopsignal"]) == ("postgres", "INT")
