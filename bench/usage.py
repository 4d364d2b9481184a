"""What processes cost: CPU and memory from /proc, so that neither a noisy machine nor the load generator counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dev.stack import Stack


@dataclass(frozen=True, slots=True)
class Use:
    """CPU in seconds; resident memory and its peak in MiB."""

    cpu: float = 0
    memory: float = 0
    peak: float = 0

    def __add__(self, other: "Use") -> "Use":
        return Use(self.cpu + other.cpu, self.memory + other.memory, self.peak + other.peak)


def use_of(pid: int) -> Use:
    """One process with its threads; nothing for one that has ended."""
    try:
        cpu = sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))
        status = Path(f"/proc/{pid}/status").read_text()
    except (OSError, IndexError):
        return Use()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("Vm")}
    return Use(cpu / 1e9, sizes.get("VmRSS", 0), sizes.get("VmHWM", 0))


def use_of_family(pid: int) -> Use:
    """A process and all it started that still run."""
    return sum((use_of(member) for member in _family(pid, _parents())), Use())


def measure(stack: Stack) -> dict[str, Use]:
    """Every program of a stack, its children included."""
    parent_of = _parents()
    return {
        name: sum((use_of(pid) for pid in _family(stack.pid(name) or -1, parent_of)), Use()) for name in stack.states()
    }


def _parents() -> dict[int, int]:
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[int(path.parent.name)] = int(fields[1])
    return found


def _family(pid: int, parent_of: dict[int, int]) -> Iterable[int]:
    yield pid
    for child, parent in parent_of.items():
        if parent == pid:
            yield from _family(child, parent_of)
