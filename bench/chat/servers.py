"""The servers that are compared: each is a process, a way to join and a way to say something."""

import asyncio
import json
import os
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socket import AF_INET
from uuid import uuid4

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.chat.members import Member, Tally, upgrade
from bench.gateway import open_folder
from bench.web_process import web_process
from chassis.db import connect
from chassis.identity import Role
from chassis.inbox import apply
from chassis.testing import Issuer, Stack, database_copy
from dev.layout import ROOT, VENV
from gateway.nginx.tests.certificate import make_certificate
from gateway.nginx.tests.harness import Gateway, launcher
from gateway.nginx.tests.stubs import JWKS_PATH, Services
from gateway.nginx.tests.stubs import Issuer as GatewayIssuer
from lecture_chat.consumers import HANDLERS
from lecture_chat.testing import LECTURES, World, make_world

HERE = Path(__file__).parent
PEERS = ("ws@8", "socket.io@4", "@socket.io/redis-adapter@8", "redis@4")


@dataclass(frozen=True)
class Server:
    """Where it listens, and what its members send: the request of the n-th, what follows it, and a message.

    `gateway` is the process in front, which then is what listens, with TLS.
    """

    name: str
    pid: int
    port: int
    request: Callable[[int], bytes]
    say: Callable[[bytes], bytes]
    greeting: bytes = b""
    gateway: int | None = None
    tls: ssl.SSLContext | None = None


async def joined(server: Server, tally: Tally, count: int, looking: int) -> list[Member]:
    """So many members; the first `looking` of them look at what they get."""
    loop, members = asyncio.get_running_loop(), []
    for first in range(0, count, 50):
        batch = []
        for n in range(first, min(first + 50, count)):
            request = server.request(n)

            def made(request: bytes = request, n: int = n) -> Member:
                return Member(tally, request, looks=n < looking)

            _, member = await loop.create_connection(made, "localhost", server.port, ssl=server.tls, family=AF_INET)
            batch.append(member)
        await asyncio.wait_for(asyncio.gather(*(member.upgraded for member in batch)), 60)
        members += batch
    if server.greeting:
        for member in members:
            member.say(server.greeting)
    return members


@asynccontextmanager
async def process(command: Sequence[str], cwd: Path, **environment: str) -> AsyncIterator[tuple[int, int]]:
    """A process that prints its port; its pid and the port."""
    started = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=os.environ | environment, stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    try:
        yield started.pid, int(await asyncio.wait_for(started.stdout.readline(), 30))
    finally:
        started.kill()
        await started.wait()


def echoing(name: str, pid: int, port: int) -> Server:
    """A server that shows to all whatever anybody sends."""
    return Server(name, pid, port, lambda _: upgrade("/", f"127.0.0.1:{port}"), lambda mark: _padded(mark))


def _padded(mark: bytes) -> bytes:
    """About as long as our own frame of a message."""
    return mark + b"x" * 190


@asynccontextmanager
async def floor() -> AsyncIterator[Server]:
    """C: epoll and send."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["gcc", "-O2", "-o", f"{folder}/floor", str(HERE / "floor.c")]
        await asyncio.to_thread(subprocess.run, command, check=True)
        async with process([f"{folder}/floor"], ROOT) as (pid, port):
            yield echoing("C epoll", pid, port)


@asynccontextmanager
async def naive() -> AsyncIterator[Server]:
    """aiohttp as one first writes it."""
    async with process([str(VENV / "bin" / "python"), str(HERE / "naive.py")], ROOT) as (pid, port):
        yield echoing("aiohttp naive", pid, port)


def install_peers(folder: Path) -> None:
    """npm's ws and Socket.IO, once."""
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *PEERS], cwd=folder, check=True)


@asynccontextmanager
async def npm_ws(folder: Path) -> AsyncIterator[Server]:
    """npm ws."""
    async with process(["node", str(HERE / "peers.mjs"), "ws"], folder) as (pid, port):
        yield echoing("npm ws", pid, port)


@asynccontextmanager
async def socketio(folder: Path, redis_url: str) -> AsyncIterator[Server]:
    """Socket.IO 4 with its Redis adapter."""
    async with process(["node", str(HERE / "peers.mjs"), "socketio", redis_url], folder) as (pid, port):
        yield Server(
            "Socket.IO",
            pid,
            port,
            lambda _: upgrade("/socket.io/?EIO=4&transport=websocket", f"127.0.0.1:{port}"),
            lambda mark: b'42["send","%b"]' % _padded(mark),
            greeting=b"40",
        )


@asynccontextmanager
async def homeroom(
    stack: Stack, members: int, window_ms: int, *, rooms: int = 1, behind_gateway: bool = False
) -> AsyncIterator[Server]:
    """The whole product: gunicorn as it runs, tokens, storing, acking, fan-out; and nginx in front of it.

    The n-th member is in room n modulo `rooms`.
    """
    issuer = Issuer()

    async def publish(_: web.Request) -> web.Response:
        return web.json_response(issuer.jwks())

    keys = web.Application()
    keys.router.add_get(JWKS_PATH, publish)
    with database_copy(stack, "lecture_chat") as database:
        async with TestServer(keys) as server:
            issuer.url = str(server.make_url(JWKS_PATH))
            environment = stack.services["lecture-chat"] | {
                "DATABASE_URL": database, "JWKS_URL": issuer.url,
                "MEMBER_SENDS_PER_SECOND": "10000", "ROOM_SENDS_PER_SECOND": "10000", "ROOM_WINDOW_MS": str(window_ms),
            }  # fmt: skip
            async with web_process("lecture_chat", environment) as running:
                opened = await _opened(issuer, database, members, rooms, running.pid, running.port)
                if not behind_gateway:
                    yield opened
                    return
                async with _nginx(f"127.0.0.1:{server.port}", f"127.0.0.1:{running.port}") as gateway:
                    assert gateway.process is not None
                    yield replace(opened, port=gateway.port, gateway=gateway.process.pid, tls=gateway.trust)


@asynccontextmanager
async def _nginx(auth: str, chat: str) -> AsyncIterator[Gateway]:
    """The gateway as it runs; what else it would lead to is never asked."""
    with open_folder("bench-gateway-") as folder:
        changed = {"AUTH_SERVERS": auth, "LECTURE_CHAT_SERVERS": chat, "WORKER_CONNECTIONS": "16384"}
        stubs = Services(GatewayIssuer())
        await stubs.start()
        try:
            async with launcher(folder, stubs, make_certificate(folder)) as launch:
                yield await launch(**changed)
        finally:
            await stubs.stop()


async def _opened(issuer: Issuer, database: str, members: int, rooms: int, pid: int, port: int) -> Server:
    worlds = [make_world(issuer) for _ in range(rooms)]
    people = [issuer.caller(Role.STUDENT, worlds[n % rooms].school_id) for n in range(members)]
    events = [event for world in worlds for event in world.events()]
    events += [worlds[n % rooms].enrolled(person.account_id) for n, person in enumerate(people)]
    async with connect(database, "lecture_chat", maxsize=1) as connected:
        await apply(connected, HANDLERS, events)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        paths = [f"{LECTURES}/{await _lecture(session, world)}/socket" for world in worlds]
    host = f"127.0.0.1:{port}"
    return Server(
        "Homeroom",
        pid,
        port,
        lambda n: upgrade(paths[n % rooms], host, "homeroom.v1", f"bearer.{people[n % members].token}"),
        lambda mark: json.dumps({"type": "send", "client_id": uuid4().hex, "body": mark.decode()}).encode(),
    )


async def _lecture(session: aiohttp.ClientSession, world: World) -> str:
    opening = {"assignment_id": str(world.lecture_id)}
    async with session.post(LECTURES, json=opening, headers=world.teacher.headers) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["lecture_id"])
