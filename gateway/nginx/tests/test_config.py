"""The configuration itself: settings, rendering, inheritance, starting and stopping."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from gateway.nginx import render
from gateway.nginx.tests.harness import GATEWAY, Gateway, Launch, until
from gateway.nginx.tests.stubs import Issuer, Services

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def run(*command: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit status and everything said."""
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.fixture
def written(folder: Path, services: Services, certificate: Path) -> Gateway:
    """A gateway that is rendered and not started."""
    home = Path(tempfile.mkdtemp(dir=folder))
    home.chmod(0o755)
    gateway = Gateway(home, services, certificate)
    gateway.write()
    return gateway


async def test_nginx_accepts_it(written: Gateway) -> None:
    command = [render.program(), "-t", "-e", "stderr", "-p", str(written.out), "-c", str(written.out / "nginx.conf")]
    code, said = await run(*command)
    assert code == 0, said
    warnings = [line for line in said.splitlines() if "[warn]" in line]
    assert [line for line in warnings if "http2" not in line and '"user" directive' not in line] == []


async def test_every_setting_is_documented_and_used() -> None:
    readme = (GATEWAY / "README.md").read_text()
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| `")]
    documented = {
        name: default
        for _, names, defaults, *_ in rows
        if re.fullmatch(r"(`[A-Z0-9_]+`,? ?)+", names.strip())
        for name, default in zip(
            re.findall(r"`([^`]+)`", names),
            re.findall(r"`([^`]+)`|(?:empty)", defaults) or [""],
            strict=True,
        )
    }
    assert documented == render.defaults()
    used = "".join(path.read_text() for path in GATEWAY.rglob("*.template"))
    for name in render.defaults():
        word = name.replace("_SERVERS", "_UPSTREAM").replace("ALLOWED_ORIGINS", "ORIGIN_TABLE")
        assert "${" + word + "}" in used or name in {"MAX_FAILS", "FAIL_TIMEOUT", "RESOLVER"}, name


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"NO_SUCH": "1"}, "unknown setting NO_SUCH"),
        ({"AUTH_SERVERS": ""}, "at least one server"),
        ({"HSTS": 'x"; evil'}, "HSTS"),
        ({"RUN_DIR": "/tmp/x\nevil"}, "RUN_DIR"),
    ],
)
async def test_wrong_settings_are_named(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    with pytest.raises(render.SettingError, match=said):
        render.render(GATEWAY, tmp_path, settings)


async def test_the_official_images_way_renders_the_same(written: Gateway, tmp_path: Path) -> None:
    """docker/15-homeroom-settings.envsh, then envsubst on each template, as the image's entry point does."""
    assert shutil.which("envsubst"), "`python3 -m dev.bootstrap` installs gettext-base"
    script = f"""
    set -eu
    HOMEROOM_SETTINGS={GATEWAY}/settings.env; . {GATEWAY}/docker/15-homeroom-settings.envsh
    defined=$(printf '${{%s}} ' $(awk 'END {{ for (name in ENVIRON) print name }}' </dev/null))
    cd {GATEWAY}; find . -name '*.template' | while read -r template; do
        mkdir -p {tmp_path}/$(dirname $template)
        envsubst "$defined" < $template > {tmp_path}/${{template%.template}}
    done"""
    environment = {**written.settings, "PATH": os.environ["PATH"], "CONF_DIR": str(written.out)}
    assert await run("sh", "-c", script, env=environment) == (0, "")
    for path in sorted(written.out.rglob("*.conf")):
        assert (tmp_path / path.relative_to(written.out)).read_text() == path.read_text()


async def test_a_resolver_makes_every_name_be_looked_up_again(written: Gateway, tmp_path: Path) -> None:
    render.render(GATEWAY, tmp_path, {**written.settings, "RESOLVER": "127.0.0.11"})
    text = (tmp_path / "conf.d/upstreams.conf").read_text()
    assert "resolver 127.0.0.11 valid=5s ipv6=off;" in text
    servers = re.findall(r"server [^;{]+;", text)
    assert servers
    assert all(server.endswith(" resolve;") for server in servers)
    assert "resolver" not in render.resolver("")
    assert re.fullmatch(r"resolver \S.* valid=5s ipv6=off;", render.resolver("auto"))


TO_SERVICES = re.compile(r"http://(?:auth|classroom|classroom_quizzes|grading|lecture_chat|files)")


@dataclass
class Block:
    """One block of a configuration with its includes expanded."""

    name: str
    directives: list[list[str]] = field(default_factory=list)
    blocks: list["Block"] = field(default_factory=list)

    def all(self) -> Iterator["Block"]:
        yield self
        for block in self.blocks:
            yield from block.all()

    def values(self, directive: str) -> list[list[str]]:
        return [words[1:] for words in self.directives if words[0] == directive]

    @property
    def leads_to_a_service(self) -> bool:
        return any(TO_SERVICES.fullmatch(target) for (target,) in self.values("proxy_pass"))


TOKEN = re.compile(r"""#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\$\{[^}]*\}|[^\s{};"'#])+""")


def tokens(path: Path, root: Path) -> Iterator[str]:
    words = [word for word in TOKEN.findall(path.read_text()) if not word.startswith("#")]
    position = 0
    while position < len(words):
        if words[position] == "include":
            yield from tokens(root / words[position + 1], root)
            position += 3
        else:
            yield words[position]
            position += 1


def blocks(words: Iterator[str], name: str = "") -> Block:
    block = Block(name)
    line: list[str] = []
    for word in words:
        if word == "{":
            block.blocks.append(blocks(words, " ".join(line)))
        elif word == "}":
            break
        elif word == ";":
            block.directives.append(line)
        if word in "{;":
            line = []
        else:
            line.append(word)
    return block


def inheritance_faults(root: Path) -> list[str]:
    """Locations where a nested proxy_set_header or add_header lost what the common files set."""
    whole = blocks(tokens(root / "nginx.conf", root))
    common = {words[0] for words in blocks(tokens(root / "snippets/proxy.conf", root)).values("proxy_set_header")}
    security = {words[0] for words in blocks(tokens(root / "snippets/headers.conf", root)).values("add_header")}
    faults = []
    for block in whole.all():
        names = [words[0] for words in block.values("proxy_set_header")]
        if block.leads_to_a_service and (set(names) != common or len(names) != len(common)):
            faults.append(f"{block.name}: {common ^ set(names)}")
        added = {words[0] for words in block.values("add_header")}
        if added and not security <= added:
            faults.append(f"{block.name}: {security - added}")
    return faults


async def test_no_location_loses_the_common_headers(written: Gateway) -> None:
    assert inheritance_faults(written.out) == []
    whole = blocks(tokens(written.out / "nginx.conf", written.out))
    assert sum(block.leads_to_a_service for block in whole.all()) > 14


@pytest.mark.parametrize("line", ["proxy_set_header X-Other 1;", "add_header X-Other 1;"])
async def test_one_that_does_is_found(written: Gateway, line: str) -> None:
    guard = "include snippets/protected.conf;"
    written.write([("snippets/routes_files.conf", guard, line if "proxy" in line else f"{guard} {line}")])
    assert inheritance_faults(written.out)


async def test_only_public_addresses_lack_the_check(written: Gateway) -> None:
    """Every location that leads to a service has auth_request, but for the listed ones."""
    whole = blocks(tokens(written.out / "nginx.conf", written.out))
    public = {block.name for block in whole.all() if block.leads_to_a_service and not block.values("auth_request")}
    assert public == {
        (
            'location ~ "^/api/auth/(?:schools|login|refresh|logout|token|second-factor(?:/confirm)?|'
            'password-resets(?:/[^/]+)?|invitations/[^/]+/(?:accept|preview))$"'
        ),
        'location ~ "^/api/auth/(?:schools/[^/]+/sign-in|oidc/[^/]+/(?:start|callback))$"',
        'location ~ "^/api/auth/(?:openapi\\.json|password-rule|\\.well-known/jwks\\.json)$"',
        "location = /api/classroom/openapi.json",
        "location = /api/grading/openapi.json",
        "location = /api/lecture-chat/openapi.json",
        "location = /api/files/openapi.json",
    }


@contextlib.asynccontextmanager
async def started(gateway: Gateway, *before: str) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = [f"{name}={value}" for name, value in gateway.settings.items()]
    process = await asyncio.create_subprocess_exec(
        *before, sys.executable, str(GATEWAY / "render.py"), str(gateway.out), *settings, "--start",
        stderr=asyncio.subprocess.PIPE, start_new_session=True, cwd="/",
    )  # fmt: skip
    gateway.process = process
    try:
        await gateway.ready()
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def test_it_starts_again_after_kill_9(written: Gateway, services: Services, issuer: Issuer) -> None:
    """The killed master's workers live on and hold the port; its sockets stay on disk."""
    async with started(written) as first:
        assert (await written.get("/api/grading/x", issuer.token())).status == 200
        orphans = list(render.leftover_workers(first.pid))
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert (written.folder / "run" / "verdict.sock").exists()
    async with started(written) as second:
        assert second.pid != first.pid
        await until(lambda: not list(render.leftover_workers(first.pid)))
        await written.ready()  # before, it may have been one of them that answered
        assert (await written.get("/api/grading/x", issuer.token())).status == 200
    assert orphans


async def test_it_runs_without_privileges(written: Gateway, services: Services, issuer: Issuer) -> None:
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("runs unprivileged anyway")
    for path in (written.folder, written.out, *written.out.rglob("*"), written.folder / "run"):
        os.chown(path, 65534, 65534)
    for name in ("access.log", "error.log"):
        (written.folder / name).touch()
        os.chown(written.folder / name, 65534, 65534)
    key = Path(written.settings["TLS_KEY"])
    own = written.folder / "tls.key"
    shutil.copy(key, own)
    os.chown(own, 65534, 65534)
    written.settings["TLS_KEY"] = str(own)
    async with started(written, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"):
        assert (await written.get("/api/grading/x", issuer.token())).status == 200
        large = await written.ask("POST", "/api/auth/rosters", token=issuer.token(), data=b"x" * 3_000_000)
        assert large.status == 200


async def test_a_reload_takes_new_settings(launch: Launch) -> None:
    gateway = await launch()
    assert gateway.process is not None

    async def without_hsts() -> bool:
        with contextlib.suppress(aiohttp.ClientConnectionError):  # a worker that leaves closes what it has not read
            return "Strict-Transport-Security" not in (await gateway.get("/healthz")).headers
        return False

    assert not await without_hsts()
    gateway.settings["HSTS"] = ""
    gateway.write()
    gateway.process.send_signal(signal.SIGHUP)
    await until(without_hsts)
