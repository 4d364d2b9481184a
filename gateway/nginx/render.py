#!/usr/bin/env python3
"""Render the gateway's configuration from its templates, and start nginx on it.

The templates hold `${NAME}` only, so the official nginx image's envsubst renders them too. Standard library only.

    render.py OUT_DIR [NAME=VALUE ...]            render (settings also come from the environment)
    render.py OUT_DIR [NAME=VALUE ...] --start    render, then become nginx in the foreground
"""

import argparse
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
FORBIDDEN = re.compile(r"[;{}\"'\n\r\\$]")
COPIED = ("njs", "docs")
RESOLV_CONF = Path("/etc/resolv.conf")


class SettingError(ValueError):
    """A setting is unknown, or its value cannot stand in an nginx configuration."""


def defaults(template_dir: Path = HERE) -> dict[str, str]:
    """Every setting with its default, as `settings.env` lists them."""
    lines = (template_dir / "settings.env").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def servers(addresses: str, settings: Mapping[str, str]) -> str:
    """The `server` directives of an upstream; `addresses` are `host:port`, separated by spaces."""
    if not addresses.split():
        raise SettingError("an upstream needs at least one server")
    options = f"max_fails={settings['MAX_FAILS']} fail_timeout={settings['FAIL_TIMEOUT']}"
    options += " resolve" if settings["RESOLVER"] else ""
    return " ".join(f"server {address} {options};" for address in addresses.split())


def resolver(addresses: str) -> str:
    """The directive that makes nginx look its upstreams' names up again; `auto` means this machine's name servers."""
    if addresses == "auto":
        lines = (line.split() for line in RESOLV_CONF.read_text().splitlines())
        addresses = " ".join(_bracketed(words[1]) for words in lines if words[:1] == ["nameserver"])
    return f"resolver {addresses} valid=5s ipv6=off;" if addresses else ""


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def derived(settings: Mapping[str, str]) -> dict[str, str]:
    """What the templates need besides the settings themselves."""
    upstreams = {
        name.removesuffix("_SERVERS") + "_UPSTREAM": servers(value, settings)
        for name, value in settings.items()
        if name.endswith("_SERVERS")
    }
    origins = settings["ALLOWED_ORIGINS"].replace(",", " ").split()
    return upstreams | {
        "ORIGIN_TABLE": " ".join(f'"{origin}" 1;' for origin in origins),
        "RESOLVER_DIRECTIVE": resolver(settings["RESOLVER"]),
        "HTTP_LISTEN": settings["HTTP_LISTEN"] or f"unix:{settings['RUN_DIR']}/http.sock",
    }


def complete(template_dir: Path, out_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """All variables of the templates: defaults, then `settings`, then what is derived from both.

    Raises SettingError naming the setting that is unknown or holds a character nginx would misread.
    """
    known = defaults(template_dir)
    given = dict(settings)
    for name, value in given.items():
        if name not in known:
            raise SettingError(f"unknown setting {name}")
        if FORBIDDEN.search(value):
            raise SettingError(f"{name} holds a character that nginx would misread: {value!r}")
    chosen = known | {"CONF_DIR": str(out_dir)} | given
    return chosen | derived(chosen)


def render(template_dir: Path, out_dir: Path, settings: Mapping[str, str]) -> Path:
    """Write the configuration into `out_dir` and return the path of its nginx.conf."""
    out_dir = out_dir.absolute()
    variables = complete(template_dir, out_dir, settings)
    for template in sorted(template_dir.rglob("*.template")):
        target = out_dir / template.relative_to(template_dir).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(PLACEHOLDER.sub(lambda found: variables[found[1]], template.read_text()))
    for folder in COPIED:
        shutil.copytree(template_dir / folder, out_dir / folder, dirs_exist_ok=True)
    Path(variables["RUN_DIR"]).mkdir(parents=True, exist_ok=True)
    return out_dir / "nginx.conf"


def leftover_workers(master: int) -> Iterator[int]:
    """Workers of a master that was killed: they stay in its process group and hold its ports."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            group = int((process / "stat").read_text().rpartition(")")[2].split()[2])
            name = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if group == master and name.startswith(b"nginx: "):
            yield int(process.name)


def clear(run_dir: Path) -> None:
    """Remove what a killed nginx left behind: orphaned workers, sockets nobody listens on."""
    pid_file = run_dir / "nginx.pid"
    if pid_file.exists() and pid_file.read_text().strip():
        master = int(pid_file.read_text())
        if Path(f"/proc/{master}").exists():
            return
        for worker in leftover_workers(master):
            os.kill(worker, signal.SIGKILL)
    for socket in run_dir.glob("*.sock"):
        socket.unlink()


def program() -> str:
    """The nginx to run: `$NGINX_PROGRAM`, or the one installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    found = os.environ.get("NGINX_PROGRAM") or shutil.which("nginx", path=path)
    if found is None:
        raise SystemExit("gateway: nginx is not installed")
    return found


def start(conf: Path, run_dir: Path) -> None:
    """Become nginx, in the foreground."""
    clear(run_dir)
    nginx = program()
    command = [nginx, "-e", "stderr", "-p", str(conf.parent), "-c", str(conf), "-g", "daemon off;"]
    os.execv(nginx, command)


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--start", action="store_true", help="then run nginx in the foreground")
    options = parser.parse_intermixed_args(arguments)
    given = {name: os.environ[name] for name in defaults() if name in os.environ}
    given |= {name: value for name, _, value in (pair.partition("=") for pair in options.settings)}
    try:
        conf = render(HERE, options.out_dir, given)
    except SettingError as error:
        raise SystemExit(f"gateway: {error}") from error
    if options.start:
        start(conf, Path((defaults() | given)["RUN_DIR"]))


if __name__ == "__main__":
    main(sys.argv[1:])
