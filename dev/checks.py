"""`make test` and its parts: each step is a command, and a summary says which of them failed."""

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev import demo, web
from dev.layout import ROOT, VENV
from dev.stack import Stack, StackError

TEST_STATE = ROOT / ".homeroom-test"
KINDS = ("lint", "unit", "component", "system", "faults")
UNIT_FOLDERS = (
    "chassis/tests/unit",
    "services/*/tests/unit",
    "dev/tests/unit",
    "tests/architecture",
    "tests/operations",
    "contracts/tests",
)
COMPONENT_FOLDERS = ("chassis/tests/component", "services/*/tests/component", "gateway/nginx/tests")
SYSTEM_FOLDERS = ("tests/system", "tests/security")
FAULT_FOLDERS = ("tests/faults",)
NOTHING_COLLECTED = 5
# Processes: system tests wait for most of their time, faults keep the machine busier.
AT_ONCE = {"system": 4, "faults": 3}
# A file system in memory, and the bytes that data services of component tests may come to need of it.
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 3 * 1024**3  # noqa: S108 - the folder made there is this user's own


Command = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended."""

    name: str
    seconds: float
    passed: bool


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`python -m dev test [lint|unit|component|system|faults ...]`."""
    command = commands.add_parser("test")
    command.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    command.add_argument("--state", type=Path, default=TEST_STATE)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the chosen kinds, or all; 0 if every step passed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    kinds = options.kinds or KINDS
    results: list[Result] = []
    try:
        if {"lint", "unit"} & set(kinds):
            results.append(step("web packages", [_tool("python"), "-m", "dev.web"]))
        on_stacks(options.state, kinds, results)
    finally:
        summarize(results)
    return 0 if results and all(result.passed for result in results) else 1


def quick_commands(kinds: Iterable[str]) -> Iterable[Command]:
    """What needs no data services."""
    if "unit" in kinds:
        yield "unit tests", [_tool("pytest"), "-q", *_with_tests(UNIT_FOLDERS)]
        yield from web.checks("test")
    if "lint" in kinds:
        yield from lint_commands()


def lint_commands() -> Iterable[Command]:
    """ruff, mypy (once per package: a folder such as lecture-chat is no Python name), the web app's, and the rest."""
    yield "ruff", [_tool("ruff"), "check", "."]
    yield "ruff format", [_tool("ruff"), "format", "--check", "--quiet", "."]
    for folder, parts in typed_folders():
        yield f"mypy {folder}", [*_in(folder), _tool("mypy"), f"--config-file={ROOT / 'pyproject.toml'}", *parts]
    yield "import-linter", [_tool("lint-imports"), "--no-cache"]
    for generated in ("contracts", "openapi", "diagrams", "guarantees"):
        yield f"{generated} are current", [_tool("python"), "-m", f"dev.{generated}", "--check"]
    migrations = sorted(map(str, ROOT.glob("**/sql/migrations/*.sql")))
    if (ROOT / ".squawk.toml").exists() and migrations:
        yield "squawk", [_tool("squawk"), "--config", str(ROOT / ".squawk.toml"), *migrations]
    yield from web.checks("lint", "typecheck")


def typed_folders() -> Iterable[tuple[str, list[str]]]:
    """Where mypy runs, and on what."""
    yield ".", [name for name in ("dev", "gateway", "tests", "bench") if any((ROOT / name).rglob("*.py"))]
    yield "chassis", _existing("chassis", "chassis", "tests")
    for service in sorted((ROOT / "services").iterdir()):
        folder = str(service.relative_to(ROOT))
        yield folder, _existing(folder, service.name.replace("-", "_"), "tests")


def _existing(folder: str, *names: str) -> list[str]:
    paths = [ROOT / folder / name for name in names]
    return [path.name for path in paths if path.is_file() or any(path.rglob("*.py"))]


def _in(folder: str) -> list[str]:
    return ["env", f"--chdir={ROOT / folder}", f"MYPY_CACHE_DIR={ROOT / '.mypy_cache'}"]


def _tool(name: str) -> str:
    return str(VENV / "bin" / name)


def on_stacks(folder: Path, kinds: Iterable[str], results: list[Result]) -> None:
    """First whatever disturbs nobody, with stacks of their own for component tests and for tests that harm theirs."""
    beside: list[Command] = []
    with whole_stack(folder, kinds, results) as whole:
        with data_services(beside_of(folder), kinds, results) as data:
            if whole and "system" in kinds:
                beside.append(("system tests alone", [*_on(whole), *_slow(SYSTEM_FOLDERS, "alone and not timed")]))
            beside.extend(component_tests(data) if data else ())
            results.extend(beside_each_other([*beside, *quick_commands(kinds)]))
        if whole:
            results.extend(tests_of_the_whole(whole, kinds))


def tests_of_the_whole(whole: Stack, kinds: Iterable[str]) -> Iterable[Result]:
    """Most of these wait most of the time: several at once. Nothing runs beside what counts time."""
    folders = {"system": SYSTEM_FOLDERS, "faults": FAULT_FOLDERS}
    chosen = {kind: folders[kind] for kind in folders if kind in kinds}
    for kind, patterns in chosen.items():
        at_once = (f"-n{AT_ONCE[kind]}", "--dist=loadgroup")
        command = [*_on(whole), *_slow(patterns, "not alone and not timed"), *at_once]
        yield step(f"{kind} tests", command, fine=(0, NOTHING_COLLECTED))
        if kind == "system":
            yield from in_browsers(whole)
    timed = [*_on(whole), *_slow([pattern for patterns in chosen.values() for pattern in patterns], "timed")]
    yield step("tests that count time", timed, fine=(0, NOTHING_COLLECTED))


def _slow(patterns: Iterable[str], marks: str) -> list[str]:
    return [_tool("pytest"), "-q", "--durations=20", "-m", marks, *_with_tests(patterns)]


def _on(stack: Stack) -> list[str]:
    return ["env", f"HOMEROOM_TEST_STACK={stack.state.description}"]


def beside_of(folder: Path) -> Path:
    """Where to keep the data services of component tests: in memory, if it has room. Each test makes a database of
    350 files and drops it, which costs a disk's file system more than the tests cost themselves."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED:
        return folder.with_name(f"{folder.name}-data")
    return MEMORY / f"homeroom-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"


@contextmanager
def data_services(folder: Path, kinds: Iterable[str], results: list[Result]) -> Iterator[Stack | None]:
    """Data services that are forgotten afterwards; None if nobody needs them, or they did not start."""
    if "component" not in kinds:
        yield None
        return
    stack = Stack(folder, restart=False)
    try:
        results.append(data := start("data services", lambda: stack.up({"data"})))
        yield stack if data.passed else None
    finally:
        with _uninterrupted():
            stack.reset()


@contextmanager
def whole_stack(folder: Path, kinds: Iterable[str], results: list[Result]) -> Iterator[Stack | None]:
    """All of Homeroom; ends what it started, whatever happens. Data services that ran before stay."""
    if not {"system", "faults"} & set(kinds):
        yield None
        return
    stack = Stack(folder, restart=False)
    before = {name for name, state in stack.states().items() if state == "RUNNING"}
    try:
        results.append(whole := start("whole stack", stack.up))
        yield stack if whole.passed else None
    finally:
        with _uninterrupted():
            if before:
                stack.stop(*(name for name in stack.states() if name not in before))
            else:
                stack.down()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C must not leave processes behind."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def in_browsers(stack: Stack) -> Iterable[Result]:
    """The web app's journeys, in the demo school."""
    yield (made := start("demo school", lambda: _demo(stack)))
    if made.passed:
        for name, command in web.checks("e2e"):
            yield step(name, command, {"HOMEROOM_URL": stack.url})


def _demo(stack: Stack) -> None:
    demo.ensure(stack.url, stack.state)


def start(name: str, action: Callable[[], None]) -> Result:
    """Starting counts as a step: what did not start is the first line of the summary to read."""
    print(f"\n=== {name}", flush=True)
    begun = time.monotonic()
    try:
        action()
    except (StackError, demo.DemoError, RuntimeError, TimeoutError) as problem:
        print(problem, flush=True)
        return Result(name, time.monotonic() - begun, passed=False)
    return Result(name, time.monotonic() - begun, passed=True)


def _with_tests(patterns: Iterable[str]) -> list[str]:
    folders = [found for pattern in patterns for found in sorted(ROOT.glob(pattern))]
    return [str(folder) for folder in folders if any(folder.rglob("test_*.py"))]


def component_tests(data: Stack) -> Iterable[Command]:
    """Each folder's in a process of its own: they share no database and no vhost. The largest first."""
    folders = [found for pattern in COMPONENT_FOLDERS for found in ROOT.glob(pattern)]
    for folder in sorted(folders, key=_bytes_of_tests, reverse=True):
        yield f"component tests {folder.relative_to(ROOT)}", [*_on(data), _tool("pytest"), "-q", str(folder)]


def _bytes_of_tests(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.py"))


def beside_each_other(commands: Iterable[Command]) -> list[Result]:
    """A process more than cores: each waits for its data services some of the time."""

    def run_one(command: Command) -> Result:
        return step(*command, aside=True)

    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as processes:
        return list(processes.map(run_one, commands))


def step(
    name: str,
    command: list[str],
    environment: dict[str, str] | None = None,
    fine: Iterable[int] = (0,),
    *,
    aside: bool = False,
) -> Result:
    """Run a command; `aside` others: what it prints is shown in one piece, when it has ended."""
    heading = f"\n=== {name}"
    if not aside:
        print(heading, flush=True)
    begun = time.monotonic()
    kept = subprocess.PIPE if aside else None
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False, stdout=kept, stderr=kept
    )
    if aside:
        # Tests of hostile input print bytes that are no text.
        print(f"{heading}\n{(done.stdout + done.stderr).decode(errors='replace')}", flush=True)
    return Result(name, time.monotonic() - begun, done.returncode in fine)


def summarize(results: Iterable[Result]) -> None:
    """One line a step."""
    print("\n=== Summary")
    for result in results:
        print(f"  {'ok    ' if result.passed else 'FAILED'} {result.seconds:6.1f} s  {result.name}")
    sys.stdout.flush()
