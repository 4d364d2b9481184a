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
AT_ONCE = ("-n3", "--dist=loadgroup")
# A file system in memory, and the bytes that data services of component tests may come to need of it.
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 3 * 1024**3  # noqa: S108 - the folder made there is this user's own


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
        if "component" in kinds:
            beside_component_tests(in_memory(options.state), kinds, results)
        else:
            results.extend(beside_each_other(quick_commands(kinds)))
        if {"system", "faults"} & set(kinds):
            on_a_stack(options.state, kinds, results)
    finally:
        summarize(results)
    return 0 if results and all(result.passed for result in results) else 1


def quick_commands(kinds: Iterable[str]) -> Iterable[tuple[str, list[str]]]:
    """What needs no data services."""
    if "unit" in kinds:
        yield "unit tests", [_tool("pytest"), "-q", *_with_tests(UNIT_FOLDERS)]
        yield from web.checks("test")
    if "lint" in kinds:
        yield from lint_commands()


def lint_commands() -> Iterable[tuple[str, list[str]]]:
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


def beside_component_tests(folder: Path, kinds: Iterable[str], results: list[Result]) -> None:
    """Component tests, on data services of their own, and all that needs none: nothing of it disturbs the rest."""
    with data_services(folder, results) as environment:
        component = component_tests() if environment else ()
        results.extend(beside_each_other([*component, *quick_commands(kinds)], environment))


def in_memory(folder: Path) -> Path:
    """Where to keep the data services of component tests: in memory, if it has room. Each test makes a database of
    350 files and drops it, which costs a disk's file system more than the tests cost themselves."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED:
        return folder
    return MEMORY / f"homeroom-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"


@contextmanager
def data_services(folder: Path, results: list[Result]) -> Iterator[dict[str, str]]:
    """What a test must know to find them; nothing if they did not start. What is in memory is forgotten afterwards."""
    stack = Stack(folder, restart=False)
    try:
        with _as_it_was(stack):
            results.append(data := start("data services", lambda: stack.up({"data"})))
            yield {"HOMEROOM_TEST_STACK": str(stack.state.description)} if data.passed else {}
    finally:
        if folder.is_relative_to(MEMORY):
            stack.reset()


def on_a_stack(folder: Path, kinds: Iterable[str], results: list[Result]) -> None:
    """Tests that need all of Homeroom."""
    with _as_it_was(Stack(folder, restart=False)) as stack:
        results.append(whole := start("whole stack", stack.up))
        environment = {"HOMEROOM_TEST_STACK": str(stack.state.description)}
        if "system" in kinds and whole.passed:
            results.extend(slow_tests("system", SYSTEM_FOLDERS, environment))
            results.extend(in_browsers(stack))
        if "faults" in kinds and whole.passed:
            results.extend(slow_tests("faults", FAULT_FOLDERS, environment))


def in_browsers(stack: Stack) -> Iterable[Result]:
    """The web app's journeys, in the demo school."""
    yield (made := start("demo school", lambda: _demo(stack)))
    if made.passed:
        for name, command in web.checks("e2e"):
            yield step(name, command, {"HOMEROOM_URL": stack.url})


def _demo(stack: Stack) -> None:
    demo.ensure(stack.url, stack.state)


@contextmanager
def _as_it_was(stack: Stack) -> Iterator[Stack]:
    """Ends what was started, whatever happens; data services that ran before stay."""
    before = {name for name, state in stack.states().items() if state == "RUNNING"}
    try:
        yield stack
    finally:
        # A second Ctrl-C must not leave processes behind.
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            if before:
                stack.stop(*(name for name in stack.states() if name not in before))
            else:
                stack.down()
        finally:
            signal.signal(signal.SIGINT, previous)


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


def slow_tests(kind: str, patterns: Iterable[str], environment: dict[str, str]) -> Iterable[Result]:
    """Most of these wait most of the time: several at once. Those marked `alone` harm the stack or count time."""
    folders = _with_tests(patterns)
    for name, chosen in ((f"{kind} tests", [*AT_ONCE, "-m", "not alone"]), (f"{kind} tests alone", ["-m", "alone"])):
        command = [_tool("pytest"), "-q", "--durations=20", *chosen, *folders]
        yield step(name, command, environment, fine=(0, NOTHING_COLLECTED))


def _with_tests(patterns: Iterable[str]) -> list[str]:
    folders = [found for pattern in patterns for found in sorted(ROOT.glob(pattern))]
    return [str(folder) for folder in folders if any(folder.rglob("test_*.py"))]


def component_tests() -> Iterable[tuple[str, list[str]]]:
    """Each folder's in a process of its own: they share no database and no vhost. The largest first."""
    folders = [found for pattern in COMPONENT_FOLDERS for found in ROOT.glob(pattern)]
    for folder in sorted(folders, key=_bytes_of_tests, reverse=True):
        yield f"component tests {folder.relative_to(ROOT)}", [_tool("pytest"), "-q", str(folder)]


def _bytes_of_tests(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.py"))


def beside_each_other(
    commands: Iterable[tuple[str, list[str]]], environment: dict[str, str] | None = None
) -> list[Result]:
    """A process more than cores: each waits for its data services some of the time."""

    def run_one(command: tuple[str, list[str]]) -> Result:
        return step(*command, environment, aside=True)

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
