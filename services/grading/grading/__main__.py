"""The commands of grading: `python -m grading recompute [--check] | rebuild begin|finish | reapply-erasures`."""

import argparse

from chassis import cli
from chassis.db import Database
from grading import rebuild
from grading.recompute import recompute


async def _recompute(database: Database, options: argparse.Namespace) -> int:
    differences = 0
    async for difference in recompute(database, mend=not options.check):
        differences += 1
        print(f"{difference['classroom_id']} {difference['figure']}: ", end="")
        print(f"kept {difference['kept']}, computed {difference['computed']}")
    print(f"{differences} differences{' mended' if differences and not options.check else ''}")
    return 1 if differences and options.check else 0


RECOMPUTE = cli.Command(
    "recompute",
    "rebuild the totals from the facts",
    _recompute,
    {"--check": {"action": "store_true", "help": "change nothing, exit with 1 when anything differs"}},
)

if __name__ == "__main__":
    cli.main("grading", [RECOMPUTE, rebuild.COMMAND])
