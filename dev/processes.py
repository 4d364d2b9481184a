"""Finding and ending what a stack left behind, should its supervisord have died first."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dev.layout import State

PROC = Path("/proc")


def members(state: State) -> list[int]:
    """Processes of the stack: marked in their environment, or its session's with a foot in its folder.

    The second, because PostgreSQL, Redis and nginx write over their environment to rename themselves.
    """
    session = _session_of(state)
    return [pid for pid in _pids() if pid != os.getpid() and _belongs(pid, state, session)]


def _session_of(state: State) -> int:
    """supervisord leads a session of its own, so its pid names the session of all it started."""
    try:
        return int(state.supervisor_pid.with_suffix(".session").read_text())
    except (OSError, ValueError):
        return -1


def remember_session(state: State) -> None:
    state.supervisor_pid.with_suffix(".session").write_text(state.supervisor_pid.read_text())


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _belongs(pid: int, state: State, session: int) -> bool:
    with suppress(OSError):
        mark = f"HOMEROOM_STATE={state.mark}".encode()
        if mark in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            return _alive(pid)
        with suppress(ProcessLookupError):
            if os.getsid(pid) != session:
                return False
        return (PROC / str(pid) / "cwd").readlink().is_relative_to(state.folder) and _alive(pid)
    return False


def _alive(pid: int) -> bool:
    """False for a zombie, which only waits for its parent to notice."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"


def end(state: State, *, grace: float = 5) -> list[int]:
    """Ask the stack's leftovers to stop, then make them. Returns the ids it found."""
    found = members(state)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        _signal(members(state), sign)
        _wait_gone(state, grace)
    return found


def _signal(pids: list[int], sign: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sign)


def _wait_gone(state: State, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while members(state) and time.monotonic() < deadline:
        time.sleep(0.1)
