"""`make lock`: all package versions with their hashes, by uv in a throw-away environment."""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.9.7"
OPTIONS = ("--universal", "--generate-hashes", "--no-emit-index-url", "--python-version", "3.11")
SETS = ("runtime", "dev", "ops", "docs", "bench", "fuzz", "scan")
# What kubectl's package needs as a library, which we do not use.
LEFT_OUT = {
    "ops": (
        "aws-cdk-lib",
        "constructs",
        "jsii",
        "publication",
        "aws-cdk-asset-awscli-v1",
        "aws-cdk-asset-node-proxy-agent-v6",
        "aws-cdk-cloud-assembly-schema",
    )
}


def main() -> None:
    """Rewrite requirements/*.txt, without an index or a host in them.

    Versions stay unless they must change, or `--upgrade` is given.
    """
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        binaries = Path(folder) / "bin"
        subprocess.run([binaries / "python", "-m", "pip", "install", "--quiet", UV], check=True)
        for name in SETS:
            print(f"requirements/{name}.in -> requirements/{name}.txt", flush=True)
            lock(binaries / "uv", name)


def lock(uv: Path, name: str) -> None:
    source, target = f"requirements/{name}.in", f"requirements/{name}.txt"
    newest = ["--upgrade"] if "--upgrade" in sys.argv else []
    without = [option for package in LEFT_OUT.get(name, ()) for option in ("--no-emit-package", package)]
    command = [str(uv), "pip", "compile", *OPTIONS, *newest, *without, "--quiet", source, "-o", target]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "UV_NO_PROGRESS": "1"}, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
