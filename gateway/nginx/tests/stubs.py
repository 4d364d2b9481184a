"""Stub services in this process, and an issuer of tokens with real ES256 keys."""

import contextlib
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

SERVICES = ("auth", "classroom", "grading", "lecture-chat", "files")
ISSUER, AUDIENCE = "https://homeroom", "homeroom"
JWKS_PATH = "/api/auth/.well-known/jwks.json"


_given: set[int] = set()


def free_port() -> int:
    """A free loopback port below the ephemeral ones, given to nobody else meanwhile."""
    while True:
        port = 20000 + secrets.randbelow(12000)
        if port in _given:
            continue
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            _given.add(port)
            return port


class Issuer:
    """Signs tokens and publishes its keys."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.kid = self.rotate()

    def rotate(self) -> str:
        self.kid = secrets.token_hex(4)
        self.keys[self.kid] = ec.generate_private_key(ec.SECP256R1())
        return self.kid

    def jwk(self, kid: str) -> dict[str, Any]:
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig", "alg": "ES256"}

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.jwk(kid) for kid in self.keys]}

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": str(uuid4()), "sid": str(uuid4()), "school": str(uuid4()),
            "role": "teacher", "iat": now, "exp": now + 600, "jti": str(uuid4()),
        } | changed  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, headers: Mapping[str, Any] | None = None, **changed: Any) -> str:
        key = self.keys[self.kid]
        return jwt.encode(self.claims(**changed), key, "ES256", {"kid": self.kid, **(headers or {})})


@dataclass(frozen=True)
class Seen:
    """A request as a stub service got it."""

    replica: str
    method: str
    raw_path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def answering(**answer: Any) -> Handler:
    """A service that always says the same."""

    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(**answer)

    return handle


@dataclass
class Stub:
    """One replica of a service: records what it gets, answers JSON, echoes sockets."""

    name: str
    issuer: Issuer
    port: int = field(default_factory=free_port)
    seen: list[Seen] = field(default_factory=list)
    jwks_asked: int = 0
    answer: Handler | None = None
    runner: web.ServerRunner | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path == JWKS_PATH and "X-Forwarded-Proto" not in request.headers:
            self.jwks_asked += 1
            return web.json_response(self.issuer.jwks())
        headers = tuple((key.decode(), value.decode()) for key, value in request.raw_headers)
        self.seen.append(Seen(self.name, request.method, request.raw_path, headers, await request.content.read()))
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self.echo(request)
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response({"replica": self.name, "path": request.raw_path})

    async def echo(self, request: web.BaseRequest) -> web.StreamResponse:
        room = web.WebSocketResponse(protocols=("homeroom.v1",))
        await room.prepare(request)
        await room.send_str(self.name)
        async for message in room:
            await room.send_str(message.data)
        return room

    async def start(self) -> "Stub":
        self.runner = web.ServerRunner(web.Server(self.handle), shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()
        return self

    async def stop(self) -> None:
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None


class Services:
    """The five stub services, lecture-chat twice, and a stub object store."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.stubs = {name: Stub(name, issuer) for name in (*SERVICES, "lecture-chat-2", "s3")}

    def __getitem__(self, name: str) -> Stub:
        return self.stubs[name]

    @property
    def seen(self) -> list[Seen]:
        return [request for stub in self.stubs.values() for request in stub.seen]

    def forget(self) -> None:
        for stub in self.stubs.values():
            stub.seen.clear()
            stub.answer = None

    async def start(self) -> None:
        for stub in self.stubs.values():
            await stub.start()

    async def stop(self) -> None:
        for stub in self.stubs.values():
            await stub.stop()

    def settings(self) -> dict[str, str]:
        chat = (self["lecture-chat"].address, self["lecture-chat-2"].address)
        addresses = {name: self[name].address for name in SERVICES} | {"lecture-chat": " ".join(chat)}
        return {
            **{f"{name.upper().replace('-', '_')}_SERVERS": value for name, value in addresses.items()},
            "S3_SERVERS": self["s3"].address,
            "S3_HOST": "s3.internal:8333",
        }
