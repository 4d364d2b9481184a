"""What a stack is made of: a program is a command that supervisord runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.layout import State
from dev.ports import Ports
from dev.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided before anything starts."""

    state: State
    ports: Ports
    secrets: Secrets
    restart: bool = True


@dataclass(frozen=True, slots=True)
class Program:
    """One process: how it starts and stops, and how to tell that it is ready.

    `prepare` runs before it starts, `ready` raises until it answers, `finish` runs once it is ready.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], None]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    prepare: Callable[[], None] | None = None
    finish: Callable[[], None] | None = None
