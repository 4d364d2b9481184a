"""supervisord: its configuration, and the few requests we make of it."""

import os
import shlex
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from dev.layout import VENV, State, write_private
from dev.programs import Program

BROKEN = {"BACKOFF", "FATAL", "EXITED", "UNKNOWN"}
RESTING = {"STOPPED", "EXITED", "FATAL"}


def render(state: State, programs: Iterable[Program], *, restart: bool) -> str:
    """The whole configuration file."""
    sections = [_daemon(state), *(_program(state, program, restart=restart) for program in programs)]
    return "\n".join(sections)


def _daemon(state: State) -> str:
    return f"""\
[unix_http_server]
file={_plain(state.supervisor_socket)}
chmod=0600

[supervisord]
logfile={_plain(state.log("supervisord"))}
logfile_maxbytes=5MB
logfile_backups=1
pidfile={_plain(state.supervisor_pid)}
directory={_plain(state.run)}
environment={_environment({"HOMEROOM_STATE": state.mark})}
{"user=root" if os.getuid() == 0 else ""}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


def _program(state: State, program: Program, *, restart: bool) -> str:
    environment = {"HOMEROOM_STATE": state.mark, **program.environment}
    lines = [
        f"[program:{program.name}]",
        f"command={_plain(shlex.join(program.command))}",
        f"directory={_plain(program.directory or state.run)}",
        f"environment={_environment(environment)}",
        f"stdout_logfile={_plain(state.log(program.name))}",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=1",
        "redirect_stderr=true",
        "autostart=false",
        f"autorestart={str(restart).lower()}",
        "startsecs=1",
        f"startretries={10 if restart else 0}",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        "killasgroup=true",
    ]
    if program.user:
        lines.append(f"user={program.user}")
    return "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    """supervisord expands % in every value."""
    return str(value).replace("%", "%%")


def _environment(values: dict[str, str]) -> str:
    return ",".join(f'{name}="{_quoted(value)}"' for name, value in sorted(values.items()))


def _quoted(value: str) -> str:
    if '"' in value or "\n" in value:
        raise ValueError("supervisord cannot carry a value with a quote or a line break")
    return _plain(value.replace("\\", "\\\\"))


class Supervisor:
    """The one supervisord of a state folder."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def _rpc(self) -> Any:
        """A connection for one request: the transport does not recover from a daemon that went away."""
        transport = SupervisorTransport(None, None, f"unix://{self._state.supervisor_socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def running(self) -> bool:
        try:
            return bool(self._rpc.getState()["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def configure(self, text: str) -> None:
        """Start the daemon with this configuration, or have the running one take it over."""
        same = self._state.supervisor_config.exists() and self._state.supervisor_config.read_text() == text
        write_private(self._state.supervisor_config, text)
        if not self.running():
            self._launch()
        elif not same:
            self._reload()

    def _launch(self) -> None:
        command = [str(VENV / "bin" / "supervisord"), "-c", str(self._state.supervisor_config)]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "USER", "TZ") if name in os.environ}
        subprocess.run(command, env={**kept, "LANG": "C.UTF-8", "HOMEROOM_STATE": self._state.mark}, check=True)
        wait_for(self.running, seconds=10, what="supervisord")

    def _reload(self) -> None:
        added, changed, removed = self._rpc.reloadConfig()[0]
        self.stop((*changed, *removed))
        for name in (*changed, *removed):
            self._rpc.removeProcessGroup(name)
        for name in (*added, *changed):
            self._rpc.addProcessGroup(name)

    def states(self) -> dict[str, str]:
        """Program name → supervisord's word for its state."""
        return {info["name"]: info["statename"] for info in self._rpc.getAllProcessInfo()}

    def state(self, name: str) -> str:
        return str(self._rpc.getProcessInfo(name)["statename"])

    def pid(self, name: str) -> int:
        """The program's process id, also the id of its process group; 0 while it is down."""
        return int(self._rpc.getProcessInfo(name)["pid"])

    def exit_status(self, name: str) -> int:
        """How its last run ended; 0 also while it runs for the first time."""
        return int(self._rpc.getProcessInfo(name)["exitstatus"])

    def start(self, name: str) -> None:
        """Ask for it to run; returns at once."""
        if self.state(name) not in {"RUNNING", "STARTING", "BACKOFF"}:
            self._rpc.startProcess(name, False)

    def stop(self, names: Iterable[str]) -> None:
        """Stop all of them at the same time and wait."""
        asked = [name for name in names if self.state(name) not in RESTING]
        for name in asked:
            self._rpc.stopProcess(name, False)
        wait_for(lambda: all(self.state(name) in RESTING for name in asked), seconds=90, what=", ".join(asked))

    def shutdown(self) -> None:
        self._rpc.shutdown()


def wait_for(condition: Any, *, seconds: float, what: str) -> None:
    """Poll until `condition()` holds. Raises TimeoutError, naming `what`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)
