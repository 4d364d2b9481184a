"""`python -m grading recompute [--check]`: rebuild the totals from the facts, or only say where they differ.

Needs DATABASE_URL. With `--check` the exit status is 1 when anything differs.
"""

import argparse
import asyncio
import os
import sys

from chassis import db
from grading.recompute import recompute


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("recompute", help="rebuild the totals from the facts")
    command.add_argument("--check", action="store_true", help="change nothing, exit with 1 when anything differs")
    arguments = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        sys.exit("set DATABASE_URL to the grading service's own")
    differences = asyncio.run(_run(os.environ["DATABASE_URL"], arguments.check))
    sys.exit(1 if differences and arguments.check else 0)


async def _run(url: str, check: bool) -> int:
    differences = 0
    async with db.connect(url, "grading", maxsize=1) as database:
        async for difference in recompute(database, mend=not check):
            differences += 1
            print(f"{difference['classroom_id']} {difference['figure']}: ", end="")
            print(f"kept {difference['kept']}, computed {difference['computed']}")
    print(f"{differences} differences{' mended' if differences and not check else ''}")
    return differences


if __name__ == "__main__":
    main()
