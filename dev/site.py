"""`make site`: the documentation as a site in `site/`, by mkdocs in an environment of its own."""

import subprocess
import sys

from dev.layout import ROOT
from dev.tools import Environment

MKDOCS = Environment("docs")


def main() -> None:
    """Command line entry point; a link that leads nowhere fails."""
    command = [str(MKDOCS.program("mkdocs")), "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode == 0:
        print(f"Open {ROOT / 'site' / 'index.html'}")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
