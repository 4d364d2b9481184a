"""Ports: fixed ones, moved only when somebody else holds them, then remembered."""

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.layout import State, scratch

# Below 32768, where the kernel takes its ephemeral ports from.
DEFAULTS: Mapping[str, int] = {
    "gateway": 8443,
    "postgres": 17001,
    "redis": 17002,
    "epmd": 17003,
    "rabbitmq": 17004,
    "rabbitmq-dist": 17005,
    "rabbitmq-management": 17006,
    "s3": 17011,
    "s3-grpc": 17012,
    "weed-master": 17013,
    "weed-master-grpc": 17014,
    "weed-volume": 17015,
    "weed-volume-grpc": 17016,
    "weed-filer": 17017,
    "weed-filer-grpc": 17018,
    "auth-web": 17021,
    "auth-worker": 17022,
    "classroom-web": 17023,
    "classroom-worker": 17024,
    "grading-web": 17025,
    "grading-worker": 17026,
    "lecture-chat-web-1": 17027,
    "lecture-chat-web-2": 17028,
    "lecture-chat-worker": 17029,
    "files-web": 17030,
    "files-worker": 17031,
    "mail-smtp": 17041,
    "mail-web": 17042,
}
Ports = dict[str, int]


SEAWEED_SOCKETS = "seaweedfs-*-{port}.sock"  # in /tmp, whatever TMPDIR says


def seaweed_sockets(port: int) -> list[Path]:
    """The sockets that SeaweedFS makes beside a port."""
    return list(Path("/tmp").glob(SEAWEED_SOCKETS.format(port=port)))  # noqa: S108 - its choice


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of any local address, and another user's SeaweedFS left no socket for it."""
    if any(file.lstat().st_uid != os.getuid() for file in seaweed_sockets(port)):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - only a probe, never listened on
        except OSError:
            return False
        return True


def wanted(state: State) -> Ports:
    """The defaults belong to `.homeroom`; the stacks of tests begin further up."""
    shift = {"gateway": 100}
    usual = state.folder.name == ".homeroom"
    return {name: port if usual else port + shift.get(name, 500) for name, port in DEFAULTS.items()}


def choose(wanted: Mapping[str, int], taken: set[int], free: Callable[[int], bool] = is_free) -> Ports:
    """For each name the wanted port, or the next one that is free and in nobody's list."""
    used = set(taken)
    chosen: Ports = {}
    for name, port in wanted.items():
        while port in used or not free(port):
            port += 1
        used.add(port)
        chosen[name] = port
    return chosen


def allocate(state: State) -> Ports:
    """The stack's ports. Call it only while the stack is down: a port of its own would look taken."""
    with _register() as register:
        others = {port for file in register if file != state.ports for port in _read(file).values()}
        ports = choose({**wanted(state), **_read(state.ports)}, others)
        state.ports.write_text(json.dumps(ports, indent=2) + "\n")
        register.add(state.ports)
    return ports


def complete(state: State) -> None:
    """Give a running stack the ports of what was added to Homeroom since it started."""
    with _register() as register:
        own = _read(state.ports)
        others = {port for file in register for port in _read(file).values()}
        missing = {name: port for name, port in wanted(state).items() if name not in own}
        if missing:
            state.ports.write_text(json.dumps({**own, **choose(missing, others)}, indent=2) + "\n")


def remembered(state: State) -> Ports:
    return _read(state.ports)


def _read(file: Path) -> Ports:
    return dict(json.loads(file.read_text())) if file.exists() else {}


@contextmanager
def _register() -> Iterator[set[Path]]:
    """The port files of all of this user's stacks, so that a stopped one keeps its ports too."""
    with (scratch() / "stacks").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        register = {Path(line) for line in file.read().splitlines() if Path(line).exists()}
        yield register
        file.truncate(0)
        file.write("".join(f"{path}\n" for path in sorted(register)))
