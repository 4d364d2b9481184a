"""Where a stack keeps its things: one state folder, ignored by git."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LONGEST_SOCKET_FOLDER = 80  # a Unix socket's path may have 107 bytes


def scratch() -> Path:
    """A short folder of this user's own, outside every checkout."""
    folder = Path("/tmp") / f"homeroom-{os.getuid()}"  # noqa: S108 - the owner is checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def private(folder: Path) -> Path:
    """Make `folder` if need be, readable by its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_private(file: Path, text: str) -> Path:
    """Write `text` to a file that only its owner may read, all or nothing."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    fresh.replace(file)
    return file


def passable(folder: Path) -> bool:
    """Whether another user may pass through the folder and all its parents."""
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents) if parent.exists())


@dataclass(frozen=True, slots=True)
class State:
    """The folder of one stack, and the names of what is inside."""

    folder: Path

    @classmethod
    def at(cls, folder: Path | str) -> "State":
        path = Path(folder).resolve()
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o711)  # as root, PostgreSQL runs as another user and must pass through
        for name in ("secrets", "tls", "data", "logs", "run"):
            (path / name).mkdir(exist_ok=True)
        private(path / "secrets")
        return cls(path)

    @property
    def mark(self) -> str:
        """Names the stack in the environment of each of its processes."""
        return str(self.folder)

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def metrics(self) -> Path:
        """What node_exporter's collector of text files reads."""
        return self.folder / "metrics"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def sockets(self) -> Path:
        """A folder whose path is short enough for Unix sockets."""
        inside = self.run
        if len(str(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        return private(scratch() / hashlib.sha256(self.mark.encode()).hexdigest()[:12])

    @property
    def ports(self) -> Path:
        return self.folder / "ports.json"

    @property
    def description(self) -> Path:
        return self.folder / "stack.json"

    @property
    def supervisor_config(self) -> Path:
        return self.folder / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        return self.run / "supervisord.pid"

    @property
    def supervisor_socket(self) -> Path:
        return self.sockets / "supervisord.sock"

    def log(self, program: str) -> Path:
        return self.folder / "logs" / f"{program}.log"
