"""`python -m <package> <command>`: what an operator runs by hand. Needs the service's own DATABASE_URL."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from chassis import db, restore
from chassis.config import setting_or_exit
from chassis.db import Database


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `run` gets the database with the service's queries, and the options; it gives the exit status.

    `options`: the arguments of `add_argument` by option.
    """

    name: str
    help: str
    run: Callable[[Database, argparse.Namespace], Awaitable[int]]
    options: dict[str, dict[str, object]] = field(default_factory=dict)


async def _reapply_erasures(database: Database, _: argparse.Namespace) -> int:
    amqp_url = setting_or_exit("AMQP_URL", "the broker's address, whose stream knows what was erased since the backup")
    print(f"{await restore.reapply_erasures(database, amqp_url)} people forgotten again")
    return 0


REAPPLY = Command("reapply-erasures", "after a restore: forget again who was forgotten", _reapply_erasures)


def main(package: str, commands: Sequence[Command] = ()) -> None:
    """Run the command that the arguments name; every service has `reapply-erasures`."""
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    subparsers = parser.add_subparsers(required=True)
    for command in (REAPPLY, *commands):
        subparser = subparsers.add_parser(command.name, help=command.help)
        subparser.set_defaults(command=command)
        for option, arguments in command.options.items():
            subparser.add_argument(option, **arguments)  # type: ignore[arg-type]
    options = parser.parse_args()
    url = setting_or_exit("DATABASE_URL", "the service's own")
    sys.exit(asyncio.run(_run(package, url, options)))


async def _run(package: str, url: str, options: argparse.Namespace) -> int:
    command: Command = options.command
    async with db.connect(url, package, maxsize=1) as database:
        return await command.run(database, options)
