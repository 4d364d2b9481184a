"""What the scanners talk to: a gateway with raised limits, and before it a signer for each role."""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

from chassis.testing import eventually
from dev import gateway, tls
from dev.gateway_client import Api, trust
from dev.layout import VENV, scratch
from dev.ports import is_free
from dev.probe import get
from dev.stack import Stack
from tests.scan.calls import ANONYMOUS

RATES = ("ADDRESS", "CREDENTIAL", "LOGIN", "REFRESH", "SCHOOLS", "JOIN", "UPLOAD", "SEND")
ROOMY = {f"{name}_RATE": "1000r/s" for name in RATES} | {f"{name}_BURST": "5000" for name in RATES}
FIRST_PORT = 8900
RENEW_SECONDS = 30
OWN = {"host", "authorization", "connection", "content-length", "transfer-encoding", "accept-encoding", "expect"}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SHOWN = 400


@dataclass(slots=True)
class Seen:
    """What was answered, by status; and every request that a service failed at."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, method: str, path: str, body: bytes, status: int, answer: bytes) -> None:
        self.statuses[status] += 1
        if status >= 500:
            what = f"{method} {ID.sub('…', path.partition('?')[0])} {status}"
            self.failures.setdefault(what, f"{path}\n{body[:SHOWN]!r}\n{answer[:SHOWN]!r}")


@asynccontextmanager
async def roomy_gateway(stack: Stack) -> AsyncIterator[str]:
    """A second gateway before the same services, as anybody would see it but for the limits; its address."""
    port = next(port for port in range(FIRST_PORT, FIRST_PORT + 100) if is_free(port))
    folder = scratch() / f"scan-{port}"
    folder.mkdir(exist_ok=True)
    changed = {"RUN_DIR": str(folder / "run"), "HTTPS_LISTEN": f"127.0.0.1:{port}", "PUBLIC_PORT": f":{port}"}
    changed |= {"ALLOWED_ORIGINS": f"https://localhost:{port}", "HSTS": "max-age=31536000", "WORKER_PROCESSES": "1"}
    changed["WORKER_USER"] = "root"  # the folder is closed to others
    changed |= {"ACCESS_LOG": str(folder / "access.log"), "ERROR_LOG": str(folder / "error.log")} | ROOMY
    settings = gateway.settings(stack.plan()) | changed
    assignments = [f"{name}={value}" for name, value in sorted(settings.items())]
    command = [str(VENV / "bin" / "python"), str(gateway.RENDERER), str(folder / "conf"), *assignments, "--start"]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        await eventually(lambda: _answers(stack, port), 20)
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(folder)


async def _answers(stack: Stack, port: int) -> bool:
    try:
        await asyncio.to_thread(get, f"https://localhost:{port}/api/docs", tls.authority_file(stack.state.tls))
    except OSError:
        return False
    return True


@asynccontextmanager
async def signers(stack: Stack, url: str, people: dict[str, Api], seen: Seen) -> AsyncIterator[dict[str, str]]:
    """For each role an address on which every request is signed with a fresh token, and for nobody one without."""
    context = trust(tls.authority_file(stack.state.tls), insecure=False)
    async with AsyncExitStack() as opened:
        connector = aiohttp.TCPConnector(ssl=context)
        session = await opened.enter_async_context(
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
        )
        found = {}
        for role in [*people, ANONYMOUS]:
            app = _signer(session, url, people.get(role), seen)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            opened.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            found[role] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with asyncio.TaskGroup() as renewing:
            tasks = [renewing.create_task(_keep_fresh(api)) for api in people.values()]
            yield found
            for task in tasks:
                task.cancel()


async def _keep_fresh(api: Api) -> None:
    while True:
        await api.get("/api/auth/me")
        await asyncio.sleep(RENEW_SECONDS)


def _signer(session: aiohttp.ClientSession, url: str, api: Api | None, seen: Seen) -> web.Application:
    async def ask(request: web.Request, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in OWN}
        if api is not None:
            headers["Authorization"] = f"Bearer {api.token}"
        target = URL(url + request.raw_path, encoded=True)
        sending = session.request(request.method, target, data=body, headers=headers, allow_redirects=False)
        try:
            async with sending as answer:
                status, content = answer.status, await answer.read()
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in OWN}
        except aiohttp.ClientError as error:  # what came was no answer to what was asked
            status, content, kept = 502, repr(error).encode(), {}
        seen.add(request.method, request.raw_path, body, status, content)
        return web.Response(status=status, body=content, headers=kept)

    async def sign(request: web.Request) -> web.Response:
        body = await request.read()
        answer = await ask(request, body)
        if answer.status == 401 and api is not None:
            await api.get("/api/auth/me")  # signs in again where a request has ended the session
            answer = await ask(request, body)
        return answer

    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", sign)
    return app
