"""`python -m tests.fuzz [target ...] [--seconds 180]`: each target in a process of its own; ends with 1 at a crash.

What made a target crash is kept in `.homeroom-fuzz/<target>/`, beside the corpus that the next run goes on from.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from dev.layout import ROOT
from dev.tools import Environment

FOLDER = ROOT / ".homeroom-fuzz"
FUZZER = Environment("fuzz")
INSTRUMENTED = (
    "chassis.oneroster",
    "chassis.realtime.frames",
    "chassis.realtime.parser",
    "classroom",
    "lecture_chat.wire",
    "files.names",
)


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=180, help="for each")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fuzz(options.targets[0], options.seconds)
    from tests.fuzz.targets import TARGETS

    failed = [name for name in options.targets or TARGETS if not _apart(name, options.seconds)]
    print(f"Crashed: {', '.join(failed)}" if failed else "No crash.")
    sys.exit(1 if failed else 0)


def _apart(name: str, seconds: int) -> bool:
    print(f"\n=== {name}", flush=True)
    python = FUZZER.program("python")
    (packages,) = python.parent.parent.glob("lib/python3*/site-packages")
    command = [sys.executable, "-m", "tests.fuzz", name, f"--seconds={seconds}", "--here"]
    environment = os.environ | {"PYTHONPATH": str(packages)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process, until time is up or it crashes; does not return."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.targets import TARGETS
    target, folder = TARGETS[name], FOLDER / name
    for number, seed in enumerate(target.seeds):
        corpus = folder / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        (corpus / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        try:
            target.run(data)
        except target.refusals:
            return

    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=8192"]
    quiet = ["-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={folder}{os.sep}"]
    atheris.Setup([sys.argv[0], *limits, *quiet, str(Path(folder / "corpus"))], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
