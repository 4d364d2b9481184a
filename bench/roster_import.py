"""What an import costs: `python -m bench.roster_import PACKAGE [--state .homeroom]`.

Runs `dev.importer` against a running stack and reads every program's CPU time and peak memory from /proc,
its children included, before and after.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from bench.usage import measure
from dev.stack import Stack


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
    print(f"\n{seconds:.1f} s wall clock\n\n| program | CPU s | peak MiB |\n|---|---|---|")
    for name, use in sorted(after.items(), key=lambda item: before[item[0]].cpu - item[1].cpu):
        print(f"| {name} | {use.cpu - before[name].cpu:.1f} | {use.peak:.0f} |")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
