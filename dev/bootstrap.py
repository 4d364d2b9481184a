"""`python3 -m dev.bootstrap`: whatever the native stack still lacks on this machine.

System packages by apt-get (as root, or through sudo), then `.venv` with every Python package checked against its hash.
Standard library only, and nothing is done twice.
"""

import glob
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "homeroom.stamp"
REQUIREMENTS = ROOT / "requirements" / "dev.txt"
SBIN = ":/usr/sbin:/usr/local/sbin:/sbin"

# Policy 101 keeps the new packages from starting servers of their own, now; `disable`, at the next boot.
INSTALL = """\
set -e
export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
fi
cluster=/etc/postgresql-common/createcluster.conf
if [ ! -e "$cluster" ]; then
    mkdir -p "${cluster%/*}"
    echo 'create_main_cluster = false' > "$cluster"
fi
apt-get update -qq || echo 'apt-get update failed; trying with the package lists there are' >&2
log=$(mktemp)
if ! apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "$@" > "$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm "$log"
    exit 1
fi
rm "$log"
if command -v systemctl > /dev/null; then
    case "$*" in *rabbitmq*) set -- "$@" epmd.socket epmd.service ;; esac
    for unit in "$@"; do systemctl --quiet disable "$unit" 2> /dev/null || true; done
fi
"""


def missing_packages(*, tests: bool) -> list[str]:
    """The Debian packages whose programs are not here, whoever installed them; `tests`: a browser too."""
    wanted = {
        "chromium": not tests or any(map(in_path, ("chromium", "chromium-browser", "google-chrome"))),
        "postgresql": found("/usr/lib/postgresql/*/bin/postgres") or in_path("postgres"),
        "rabbitmq-server": found("/usr/lib/rabbitmq/bin/rabbitmq-server") and in_path("epmd"),
        "redis-server": in_path("redis-server"),
        "nginx": in_path("nginx"),
        "libnginx-mod-http-js": found("/usr/lib/nginx/modules/ngx_http_js_module.so"),
        "libmagic1": found("/usr/lib/*/libmagic.so.1") or found("/usr/lib/libmagic.so.1"),
        # Two of the gateway's tests speak through these.
        "curl": in_path("curl"),
        "gettext-base": in_path("envsubst"),
        f"python3.{sys.version_info.minor}-venv": importlib.util.find_spec("ensurepip") is not None,
    }
    return [name for name, present in wanted.items() if not present]


def found(pattern: str) -> bool:
    return bool(glob.glob(pattern))  # noqa: PTH207 - an absolute pattern


def in_path(program: str) -> bool:
    return shutil.which(program, path=os.environ.get("PATH", "") + SBIN) is not None


def install_packages(names: list[str]) -> None:
    """Install them, asking for root's rights only if there is something to do."""
    print(f"Installing {', '.join(names)}", flush=True)
    command = ["sh", "-c", INSTALL, "install", *names]
    if shutil.which("apt-get") is None:
        sys.exit(f"This is not a Debian or Ubuntu. Please install the equivalents of: {' '.join(names)}")
    if os.getuid() != 0:
        command = [*sudo(names), *command]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(f"The installation failed. By hand: apt-get install --no-install-recommends {' '.join(names)}")


def sudo(names: list[str]) -> list[str]:
    if shutil.which("sudo") is None:
        sys.exit(f"Not root and no sudo. Have root run: apt-get install --no-install-recommends {' '.join(names)}")
    return ["sudo", "-n"] if os.environ.get("CI") else ["sudo"]


def fingerprint() -> str:
    """Changes with the interpreter, the place, the requirements and each package's pyproject.toml."""
    parts = [sys.version, str(ROOT), REQUIREMENTS.read_text()]
    parts += [f"{project}{(project / 'pyproject.toml').read_text()}" for project in projects()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def projects() -> list[Path]:
    """Our own packages: the chassis and each service that has code."""
    folders = [ROOT / "chassis", *sorted((ROOT / "services").glob("*"))]
    return [folder for folder in folders if (folder / "pyproject.toml").exists() and has_code(folder)]


def has_code(folder: Path) -> bool:
    return (folder / folder.name.replace("-", "_") / "__init__.py").exists()


def make_venv() -> None:
    """Fill `.venv` unless it is just as it should be."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Installing the Python packages into .venv", flush=True)
    if not usable():
        run(sys.executable, "-m", "venv", "--clear", str(VENV))
    pip("--require-hashes", "-r", str(REQUIREMENTS))
    pip("--no-build-isolation", *(item for folder in projects() for item in ("--editable", str(folder))))
    STAMP.write_text(wanted)


def usable() -> bool:
    """Whether `.venv` is a working environment of this very Python version."""
    question = "import sys, pip; print(sys.version)"
    try:
        command = [str(VENV / "bin" / "python"), "-c", question]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == sys.version


def pip(*arguments: str) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-deps"]
    run(str(VENV / "bin" / "python"), "-m", "pip", "install", *options, *arguments)


def run(*command: str) -> None:
    if subprocess.run(command, check=False, cwd=ROOT).returncode != 0:
        sys.exit(f"failed: {' '.join(command)}")


def main() -> None:
    """Command line entry point; `--python-only` leaves the system's packages alone, `--tests` adds what tests need."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one file that older interpreters get to read
        sys.exit(f"Homeroom needs Python 3.11 or newer, this is {sys.version.split()[0]}: make up PYTHON=python3.12")
    names = [] if "--python-only" in sys.argv else missing_packages(tests="--tests" in sys.argv)
    if names:
        install_packages(names)
    make_venv()


if __name__ == "__main__":
    main()
