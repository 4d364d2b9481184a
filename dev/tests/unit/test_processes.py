"""What a stack left behind is found and ended, and nothing else is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev import processes
from dev.layout import State

SLEEP = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
]


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.at(tmp_path / ".homeroom")


def _run(command: list[str], mark: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        command, env={**os.environ, "HOMEROOM_STATE": mark}, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.parametrize("command", [SLEEP, DEAF])
def test_marked_processes_are_ended_even_if_they_do_not_listen(state: State, command: list[str]) -> None:
    with _run(command, state.mark) as child:
        assert processes.members(state) == [child.pid]
        assert processes.end(state, grace=0.5) == [child.pid]
        assert child.wait(60) < 0
    assert processes.members(state) == []


def test_another_stack_is_left_alone(state: State) -> None:
    with _run(SLEEP, f"{state.mark}-other") as child:
        assert processes.end(state, grace=0.1) == []
        assert child.poll() is None
        child.kill()
