"""Real nginx on free loopback ports, asked as a client would ask it."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from gateway.nginx import render
from gateway.nginx.tests.stubs import Services, free_port

GATEWAY = Path(__file__).resolve().parent.parent
ORIGIN = "https://school.example"
# Seconds for one answer: less than READ_TIMEOUT, so that a limit of our own that is gone is seen.
PATIENCE = 25.0
SECURITY_HEADERS = (
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "X-Request-Id",
)
UNTHROTTLED = {
    name: "100000r/s" if name.endswith("_RATE") else "10000"
    for kind in ("ADDRESS", "CREDENTIAL", "LOGIN", "REFRESH", "SCHOOLS", "JOIN", "UPLOAD", "SEND")
    for name in (f"{kind}_RATE", f"{kind}_BURST")
}

# What to change in a rendered file to build a gateway that lacks one of its guards: (file, old, new).
Edit = tuple[str, str, str]


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait until `condition` holds; TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        held = condition()
        if held if isinstance(held, bool) else await held:
            return
        if time.monotonic() > deadline:
            raise TimeoutError("the condition never held")
        await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: CIMultiDict[str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Gateway:
    """One running nginx."""

    def __init__(self, folder: Path, services: Services, certificate: Path, **changed: str) -> None:
        self.folder, self.services, self.port = folder, services, free_port()
        self.process: asyncio.subprocess.Process | None = None
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.settings = {
            "RUN_DIR": str(folder / "run"), "TLS_CERT": str(certificate),
            "TLS_KEY": str(certificate.with_suffix(".key")),
            "HTTPS_LISTEN": f"127.0.0.1:{self.port}", "PUBLIC_PORT": f":{self.port}", "WORKER_PROCESSES": "1",
            "WORKER_CONNECTIONS": "1024", "ACCESS_LOG": str(folder / "access.log"), "ACCESS_LOG_OPTIONS": "",
            "ERROR_LOG": str(folder / "error.log"), "ALLOWED_ORIGINS": f"{ORIGIN},https://other.example",
            "WEB_ROOT": str(folder / "web"), "SWAGGER_UI_DIR": str(folder / "swagger"),
            **{name: os.environ[name] for name in ("NJS_MODULE",) if name in os.environ},
            **UNTHROTTLED, **services.settings(), **changed,
        }  # fmt: skip

    @property
    def out(self) -> Path:
        return self.folder / "etc"

    def write(self, edits: Sequence[Edit] = ()) -> Path:
        """Render the configuration, then take guards away as `edits` say."""
        conf = render.render(GATEWAY, self.out, self.settings)
        for name, old, new in edits:
            text = (self.out / name).read_text()
            assert old in text, f"{name} has no {old!r}"
            (self.out / name).write_text(text.replace(old, new))
        return conf

    async def start(self, edits: Sequence[Edit] = ()) -> "Gateway":
        conf = self.write(edits)
        self.process = await asyncio.create_subprocess_exec(
            render.program(), "-e", "stderr", "-p", str(self.out), "-c", str(conf), "-g", "daemon off;",
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self.ready()
        return self

    async def ready(self) -> None:
        await until(self._listens)

    async def _listens(self) -> bool:
        if self.process is not None and self.process.returncode is not None:
            assert self.process.stderr is not None
            raise RuntimeError((await self.process.stderr.read()).decode())
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), 60)

    def url(self, raw_path: str) -> URL:
        return URL(f"https://localhost:{self.port}{raw_path}", encoded=True)

    async def ask(
        self, method: str, raw_path: str, *, token: str | None = None, headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> Answer:  # fmt: skip
        """One request on a connection of its own."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
            session.request(
                method, self.url(raw_path), headers={**bearer, **(headers or {})}, data=data,
                ssl=self.trust, allow_redirects=False,
            ) as response,
        ):  # fmt: skip
            return Answer(response.status, response.headers.copy(), await response.read())

    async def get(self, raw_path: str, token: str | None = None, **headers: str) -> Answer:
        return await self.ask("GET", raw_path, token=token, headers=headers)

    async def raw(self, request: str) -> Answer:
        """Send these bytes; every `\\n` becomes CRLF. Reads one answer to its end, or to a socket's beginning."""
        return await (await self.sent(request))

    async def sent(self, request: str) -> Awaitable[Answer]:
        """The same, with the answer still to be read."""
        reader, writer = await asyncio.open_connection("localhost", self.port, ssl=self.trust, family=socket.AF_INET)
        writer.write(request.replace("\n", "\r\n").encode())
        await writer.drain()
        return self._read(reader, writer)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
        try:
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                opened = head.startswith(b"HTTP/1.1 101 ")
                return parsed(head if opened else head + await reader.read())
        finally:
            writer.close()


def parsed(answer: bytes) -> Answer:
    """The first answer in what a connection brought."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(status.split()[1]), CIMultiDict(headers), body)


def problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Assert that the answer is a whole problem document of the gateway with all security headers."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json", answer
    document: dict[str, Any] = answer.json()
    assert set(document) == {"type", "title", "status", "detail", "code", "request_id"}
    assert (document["status"], document["code"]) == (status, code)
    assert all(document.values())
    assert_headers(answer)
    return document


def assert_headers(answer: Answer) -> None:
    """Assert that each security header stands there exactly once."""
    for name in SECURITY_HEADERS:
        values = [value for key, value in answer.headers.items() if key.lower() == name.lower()]
        assert len(values) == 1, f"{name}: {values} in {answer}"


Launch = Callable[..., Awaitable[Gateway]]


@contextlib.asynccontextmanager
async def launcher(root: Path, services: Services, certificate: Path) -> AsyncIterator[Launch]:
    """Gives a function that starts a gateway with changed settings or guards taken away; stops them all at the end."""
    running: list[Gateway] = []

    async def launch(*edits: Edit, **changed: str) -> Gateway:
        folder = root / secrets.token_hex(4)
        folder.mkdir()
        gateway = Gateway(folder, services, certificate, **changed)
        running.append(gateway)
        return await gateway.start(edits)

    try:
        yield launch
    finally:
        for gateway in running:
            await gateway.stop()
