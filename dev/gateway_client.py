"""A patient client of the public API: keeps its token fresh and tries again while a service is away."""

import asyncio
import base64
import hashlib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

AGAIN = {408, 425, 429, 500, 502, 503, 504}
RENEW_BEFORE = 60
_AWAY = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)
JSON = {"Content-Type": "application/json"}
Body = Callable[[], Any]


class ApiError(Exception):
    """The API refused: `status` and the problem document."""

    def __init__(self, method: str, path: str, status: int, problem: Any) -> None:
        super().__init__(f"{method} {path} answered {status}: {problem}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that came: its status, headers and parsed JSON (None if there is none)."""

    status: int
    headers: Mapping[str, str]
    data: Any


def trust(authority: Path | None, *, insecure: bool) -> ssl.SSLContext:
    """Trust one more authority, or, for a gateway on this machine, anyone."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(authority)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def expiry(token: str) -> float:
    """When an access token ends; the client need not verify what it only hands back."""
    part = token.split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return float(claims["exp"])


@dataclass(slots=True)
class Api:
    """The API behind one gateway, as one account.

    `patience`: seconds a service may be away. `address`: the local address to call from (default: any).
    """

    url: str
    email: str
    password: str
    tls: ssl.SSLContext
    patience: float = 300.0
    token: str = ""
    address: str | None = None
    _session: aiohttp.ClientSession = field(init=False)

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)  # the refresh cookie, also of a gateway named by an address
        timeout = aiohttp.ClientTimeout(total=120, connect=10)
        local = (self.address, 0) if self.address else None
        connector = aiohttp.TCPConnector(ssl=self.tls, local_addr=local)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def register(self, school: str, name: str) -> None:
        """Register a school with this account as its admin."""
        document = {"school_name": school, "name": name, "email": self.email, "password": self.password}
        await self._public("POST", "/api/auth/schools", document, {201})

    async def login(self) -> bool:
        """Sign in; False if the account or the password is not known."""
        document = {"email": self.email, "password": self.password}
        answer = await self._public("POST", "/api/auth/login", document, {200, 401})
        if answer.status == 200:
            self.token = answer.data["access_token"]
        return answer.status == 200

    async def choose_password(self, new: str) -> None:
        """Sign in for the first time: the temporary password is replaced by `new`."""
        document = {"email": self.email, "password": self.password, "new_password": new}
        answer = await self._public("POST", "/api/auth/login", document, {200})
        self.password, self.token = new, answer.data["access_token"]

    async def get(self, path: str) -> Any:
        """The JSON of a resource."""
        return (await self.call("GET", path)).data

    async def send(self, method: str, path: str, document: Any = None, headers: dict[str, str] | None = None) -> Any:
        """A command that must succeed; the answer's JSON."""
        return (await self.call(method, path, lambda: orjson.dumps(document or {}), JSON | (headers or {}))).data

    async def upload(self, name: str, data: bytes, content_type: str) -> str:
        """Store a file of at most 64 MiB; its id, once it is checked. Raises ApiError if it is refused."""
        announced = {"name": name, "size": len(data), "content_type": content_type}
        announced["sha256"] = hashlib.sha256(data).hexdigest()
        begun = await self.send("POST", "/api/files/uploads", announced)
        form = begun["form"]
        if form is not None:
            stored = await self._patiently("POST", form["url"], lambda: _form(form["fields"], data), {}, signed=False)
            if stored.status >= 300:
                raise ApiError("POST", form["url"], stored.status, stored.data)
        path = f"/api/files/uploads/{begun['file']['file_id']}/complete"
        # Each time it waits there for a while.
        while (file := await self.send("POST", path))["status"] == "checking":
            pass
        if file["status"] != "ready":
            raise ApiError("POST", path, 409, file)
        return str(file["file_id"])

    async def socket(self, path: str) -> aiohttp.ClientWebSocketResponse:
        """An open WebSocket; whoever opens it closes it."""
        await self._renew()
        protocols = ("homeroom.v1", f"bearer.{self.token}")
        return await self._session.ws_connect(self.url + path, protocols=protocols, origin=self.url)

    async def call(
        self, method: str, path: str, body: Body | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Call as the signed-in account; `body` makes the request's data anew for every try."""
        await self._renew()
        answer = await self._patiently(method, path, body, headers or {})
        if answer.status == 401:
            self.token = ""
            await self._renew()
            answer = await self._patiently(method, path, body, headers or {})
        if answer.status >= 400:
            raise ApiError(method, path, answer.status, answer.data)
        return answer

    async def _renew(self) -> None:
        if self.token and expiry(self.token) - time.time() > RENEW_BEFORE:
            return
        answer = await self._public("POST", "/api/auth/refresh", {}, {200, 400, 401, 403, 422})
        if answer.status == 200:
            self.token = answer.data["access_token"]
        elif not await self.login():
            raise ApiError("POST", "/api/auth/login", 401, "the account or the password is not known")

    async def _public(self, method: str, path: str, document: dict[str, str], expected: set[int]) -> Answer:
        headers = JSON | {"Origin": self.url}
        answer = await self._patiently(method, path, lambda: orjson.dumps(document), headers, signed=False)
        if answer.status not in expected:
            raise ApiError(method, path, answer.status, answer.data)
        return answer

    async def _patiently(
        self, method: str, path: str, body: Body | None, headers: dict[str, str], *, signed: bool = True
    ) -> Answer:
        """Try until an answer is final or patience ends; then the last answer or error stands."""
        give_up = time.monotonic() + self.patience
        pause = 0.2
        while True:
            late = time.monotonic() > give_up
            if signed and self.token:
                headers = headers | {"Authorization": f"Bearer {self.token}"}
            try:
                answer = await self._once(method, path, body, headers)
            except _AWAY:
                if late:
                    raise
            else:
                if answer.status not in AGAIN or late:
                    return answer
                pause = max(pause, _asked_pause(answer))
            await asyncio.sleep(pause)
            pause = min(pause * 1.7, 5.0)

    async def _once(self, method: str, path: str, body: Body | None, headers: dict[str, str]) -> Answer:
        data = body() if body else None
        async with self._session.request(method, self.url + path, data=data, headers=headers) as response:
            content = await response.read()
            is_json = "json" in response.content_type
            parsed = orjson.loads(content) if content and is_json else content.decode(errors="replace")[:500]
            return Answer(response.status, response.headers, parsed)


def _form(fields: Mapping[str, str], data: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData(fields)
    form.add_field("file", data, filename="blob")
    return form


def _asked_pause(answer: Answer) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), 60.0) if asked.isdigit() else 0.0
