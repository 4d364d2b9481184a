"""What an import costs: `python -m bench.roster_import PACKAGE [--state .homeroom]`.

Runs `dev.importer` against a running stack and reads every program's CPU time and peak memory from /proc,
its children included, before and after.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

from dev.stack import Stack

TICKS = sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Use:
    """CPU in seconds and resident memory in MiB (the peak of each process, summed)."""

    cpu: float
    memory: float


def parents() -> dict[int, int]:
    """Every process's parent."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[int(path.parent.name)] = int(fields[1])
    return found


def family(pid: int, parent_of: dict[int, int]) -> Iterable[int]:
    """A process and all it started."""
    yield pid
    for child, parent in parent_of.items():
        if parent == pid:
            yield from family(child, parent_of)


def use_of(pid: int) -> Use:
    """One process; the CPU of its ended children counts as its own."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return Use(0, 0)
    peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return Use(sum(map(int, fields[11:15])) / TICKS, peak / 1024)


def measure(stack: Stack) -> dict[str, Use]:
    """Every program of the stack."""
    parent_of = parents()
    uses = {}
    for name in stack.states():
        members = [use_of(pid) for pid in family(stack.pid(name) or -1, parent_of)]
        uses[name] = Use(sum(use.cpu for use in members), max((use.memory for use in members), default=0))
    return uses


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package")
    parser.add_argument("--state", default=".homeroom")
    parser.add_argument("--quiz-categories", default="")
    options = parser.parse_args()
    stack = Stack(Path(options.state))
    before, started = measure(stack), time.monotonic()
    importing = [sys.executable, "-m", "dev", "import", "--state", options.state, options.package]
    done = subprocess.run([*importing, "--quiz-categories", options.quiz_categories], check=False)
    seconds, after = time.monotonic() - started, measure(stack)
    print(f"\n{seconds:.1f} s wall clock\n\n| program | CPU s | peak MiB of one process |\n|---|---|---|")
    for name, use in sorted(after.items(), key=lambda item: before[item[0]].cpu - item[1].cpu):
        print(f"| {name} | {use.cpu - before[name].cpu:.1f} | {use.memory:.0f} |")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
