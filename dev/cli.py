"""The command line of the native stack."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dev import backup, checks, compose, demo, importer, restore, tls
from dev.layout import ROOT
from dev.stack import DATA, Stack, StackError

USUAL = ROOT / ".homeroom"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what can go wrong is told in a few lines, not in a traceback."""
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except (StackError, demo.DemoError, RuntimeError, TimeoutError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """One sub-command per make target."""
    whole = argparse.ArgumentParser(prog="python -m dev", description=__doc__)
    commands = whole.add_subparsers(required=True)
    add_up(commands)
    for name, run in (("down", down), ("restart", restart), ("status", status), ("reset", reset), ("demo", seed)):
        _command(commands, name, run)
    logs = _command(commands, "logs", follow)
    logs.add_argument("programs", nargs="*")
    checks.add_command(commands)
    for name, run in (("backup", back_up), ("restore", bring_back)):
        _command(commands, name, run).add_argument("folder", type=Path)
    imports = _command(commands, "import", import_package)
    imports.add_argument("package", type=Path)
    imports.add_argument("--quiz-categories", default="")
    imports.add_argument("--school", default="")
    imports.add_argument("--dry-run", action="store_true")
    return whole


def add_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = _command(commands, "up", up)
    command.add_argument("--only", action="append", default=[], help="data, a service or a program")
    command.add_argument("--no-restart", action="store_true", help="leave a dead process dead")
    command.add_argument("--no-demo", action="store_true", help="do not make the demo school")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    command = commands.add_parser(name)
    command.add_argument("--state", type=Path, default=USUAL)
    command.set_defaults(run=run)
    return command


def up(options: argparse.Namespace) -> int:
    """Start the stack, in Docker where an engine answers; the demo school comes with the first start."""
    if not options.only and compose.chosen(options.state):
        return compose.up(options.state)
    stack = Stack(options.state, restart=not options.no_restart)
    stack.up(options.only)
    if options.only:
        running = sorted(name for name, word in stack.states().items() if word == "RUNNING")
        print(f"Running: {', '.join(running)}. Addresses are in {stack.state.description}")
        return 0
    accounts = [] if options.no_demo else demo.ensure(stack.url, stack.state)
    demo.welcome(stack.url, accounts)
    print(f"The mail it sends is at {stack.mail_url}")
    return 0


def down(options: argparse.Namespace) -> int:
    if compose.chosen(options.state):
        return compose.down()
    Stack(options.state).down()
    print("Homeroom is down; its data stays.")
    return 0


def restart(options: argparse.Namespace) -> int:
    """The services and the gateway, with new migrations and the web app as it is now; the data services stay."""
    if compose.chosen(options.state):
        return compose.up(options.state)
    stack = Stack(options.state)
    stack.stop(*(name for name in stack.states() if name not in DATA))
    stack.up()
    return 0


def status(options: argparse.Namespace) -> int:
    stack = Stack(options.state)
    states = stack.states()
    for name, word in states.items():
        port = stack.plan().ports.get(name, "")
        print(f"  {name:22} {word.lower():10} {port!s:6} {stack.pid(name) or ''}")
    print(f"{stack.url}" if states else "Homeroom is down.")
    return 0 if states else 1


def follow(options: argparse.Namespace) -> int:
    """Show the ends of the logs and what comes, until Ctrl-C."""
    if compose.chosen(options.state):
        return compose.logs(options.programs)
    state = Stack(options.state).state
    chosen = [state.log(name) for name in options.programs] or sorted((state.folder / "logs").glob("*.log"))
    return subprocess.run(["tail", "-n", "20", "-F", *map(str, chosen)], check=False).returncode


def reset(options: argparse.Namespace) -> int:
    names = {path.name for path in options.state.glob("*")}
    if names and "secrets" not in names:
        raise StackError(f"{options.state} is not the folder of a stack: nothing is deleted.")
    if compose.chosen(options.state):
        return compose.reset(options.state)
    Stack(options.state).reset()
    print("Homeroom is down and its data is gone.")
    return 0


def running(options: argparse.Namespace) -> Stack:
    """The native stack of the options; raises StackError where none runs."""
    stack = Stack(options.state)
    if not stack.supervisor.running():
        raise StackError(
            f"No native Homeroom runs out of {stack.state.folder}: `make up` starts it (see `make status`)."
        )
    return stack


def seed(options: argparse.Namespace) -> int:
    stack = running(options)
    demo.welcome(stack.url, demo.ensure(stack.url, stack.state))
    return 0


def import_package(options: argparse.Namespace) -> int:
    """`dev.importer` with the address and the authority of this stack."""
    stack = running(options)
    arguments = [str(options.package), "--url", stack.url, "--ca", str(tls.authority_file(stack.state.tls))]
    arguments += ["--school", options.school] if options.school else []
    arguments += ["--dry-run"] if options.dry_run else []
    return importer.main([*arguments, "--quiz-categories", options.quiz_categories])


def back_up(options: argparse.Namespace) -> int:
    """Make a backup, and delete those that are too old; how it went is told to who watches."""
    stack, failed = Stack(options.state), True
    with backup.alone(options.folder):
        try:
            made = backup.create(running(options).plan(), options.folder)
            old = backup.prune(options.folder)
            failed = False
        finally:
            backup.record(options.folder, stack.state.metrics / "backup.prom", failed=failed)
    manifest = backup.Manifest.read(made)
    rows = sum(count for count, _ in manifest.tables.values())
    print(
        f"{made}: {len(manifest.tables)} tables, {rows} rows, {len(manifest.blobs)} blobs; {len(old)} old ones deleted"
    )
    return 0


def bring_back(options: argparse.Namespace) -> int:
    """Restore a backup, or the newest of a folder of them, into a stack whose services are down."""
    chosen = options.folder
    folder = chosen.parent if (chosen / "manifest.json").exists() else chosen
    made = backup.backups(folder)
    if not made:
        raise backup.BackupError(f"there is no backup in {folder}")
    stack = Stack(options.state)
    if busy := sorted(name for name, word in stack.states().items() if name not in DATA and word == "RUNNING"):
        raise StackError(f"{', '.join(busy)} would use it meanwhile: `make down` first.")
    stack.up({"data"})
    manifest = restore.restore(stack.plan(), folder, chosen if folder != chosen else made[-1])
    print(f"Restored as of {manifest.taken_at}, every table and blob compared. `make up` starts it.")
    return 0
