"""Whether a Docker engine answers, and the few things we ask of compose. Standard library only."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def answers() -> bool:
    """Whether engine and compose plugin are there. `HOMEROOM_NATIVE=1` says no without asking."""
    if os.environ.get("HOMEROOM_NATIVE") == "1" or shutil.which("docker") is None:
        return False
    return _succeeds("docker", "compose", "version") and _succeeds("docker", "info")


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
