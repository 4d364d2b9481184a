"""`python -m bench [name ...]`: every line of the budgets beside its peers, then docs/performance.md from the results.

One benchmark after the other, each a process of its own, on the data services of the test stack; nothing else should
run on the machine. `--report` only writes the report again.
"""

import argparse
import subprocess
import sys

from bench import report
from dev.layout import ROOT

BENCHMARKS = ("gateway", "bootstrap", "chat", "quiz_answers", "analytics", "grading_lag", "growth", "files")


def main() -> None:
    """Command line entry point; exits with 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], default=[])
    parser.add_argument("--report", action="store_true", help="measure nothing, write the report")
    options = parser.parse_args()
    failed = [] if options.report else [name for name in options.names or BENCHMARKS if not measured(name)]
    report.write()
    if failed:
        sys.exit(f"No result of {', '.join(failed)}")


def measured(name: str) -> bool:
    """Run one benchmark, which keeps its result itself."""
    print(f"\n=== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    main()
