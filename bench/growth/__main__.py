"""How costs grow: `python -m bench.growth [sockets] [rooms] [students] [schools]`, all of them unless some are named.

Each takes a minute or two on the data services of `make test-stack`, and keeps its own result.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable

import uvloop

from bench.growth.schools import by_schools
from bench.growth.sockets import by_room, by_sockets
from bench.growth.students import by_students
from bench.table import Line, tell

AXES: dict[str, Callable[[], Awaitable[list[Line]]]] = {
    "sockets": by_sockets,
    "rooms": by_room,
    "students": by_students,
    "schools": by_schools,
}


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("axes", nargs="*", choices=[*AXES, []], default=[])
    for axis in parser.parse_args().axes or AXES:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            tell(f"growth_{axis}", runner.run(_of(AXES[axis])))


async def _of(measure: Callable[[], Awaitable[list[Line]]]) -> list[Line]:
    return await measure()


if __name__ == "__main__":
    main()
