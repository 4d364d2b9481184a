"""Schools and their people, who do everything through the gateway."""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
import jwt
import orjson

from dev.gateway_client import JSON, Answer, Api, trust
from dev.importer import run_job
from dev.stack import Stack
from tests.system.elsewhere import Elsewhere
from tests.system.packages import QUIZZES

PASSWORD = "correct-horse-battery-4071"
MAIL_DOMAIN = "system-test.example"


@dataclass(slots=True)
class Person(Api):
    """Somebody with an account. `get` and `call` are patient and raise ApiError; `ask` asks once."""

    async def ask(self, method: str, path: str, document: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One request with the token at hand, whatever the answer; ends at the first failure."""
        sent = JSON | (headers or {})
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.token}"
        return await self._once(method, path, (lambda: orjson.dumps(document)) if document is not None else None, sent)

    async def download(self, path: str) -> bytes:
        """A file."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._session.get(self.url + path, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.read()

    async def everything(self, path: str) -> list[Any]:
        """All items of a list, page by page."""
        items: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            joint = "&" if "?" in path else "?"
            page = await self.get(f"{path}{joint}limit=200" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
        return items

    @property
    def claims(self) -> dict[str, Any]:
        """What the token at hand says."""
        found: dict[str, Any] = jwt.decode(self.token, options={"verify_signature": False})
        return found

    @property
    def id(self) -> str:
        """The account's id."""
        return str(self.claims["sub"])


@dataclass(slots=True)
class School:
    """A registered school, which calls from `address`."""

    url: str
    tls: Any
    open_clients: AsyncExitStack
    address: str | None
    name: str = field(default_factory=lambda: f"School {token_hex(4)}")
    admin: Person = field(init=False)

    @property
    def domain(self) -> str:
        """Of all its people's mail addresses."""
        return f"{self.name.split()[1]}.{MAIL_DOMAIN}"

    @property
    def id(self) -> str:
        """The school's id."""
        return str(self.admin.claims["school"])

    async def register(self) -> None:
        """Sign up, as anybody may."""
        self.admin = await self.client("admin")
        await self.admin.register(self.name, "Ada Admin")
        assert await self.admin.login()

    async def client(self, name: str, password: str = PASSWORD) -> Person:
        """A client for an address of this school, not signed in."""
        email = name if "@" in name else f"{name}@{self.domain}"
        person = Person(self.url, email, password, self.tls, patience=60, address=self.address)
        return await self.open_clients.enter_async_context(person)

    async def teacher(self, name: str = "tea") -> Person:
        """A teacher who has signed in."""
        return await self._account(name, "teacher")

    async def student(self, name: str = "sam") -> Person:
        """A student who has signed in."""
        return await self._account(name, "student")

    async def students(self, count: int) -> list[Person]:
        """Some of them."""
        return [await self.student(f"student-{number}") for number in range(count)]

    async def _account(self, name: str, role: str) -> Person:
        document = {"email": f"{name}@{self.domain}", "name": name.title(), "role": role}
        created = await self.admin.send("POST", "/api/auth/accounts", document)
        person = await self.client(name, created["temporary_password"])
        await person.choose_password(PASSWORD)
        return person

    async def imported(self, account_id: str, email: str) -> Person:
        """Signs in somebody the import brought, with a password from the admin."""
        answer = await self.admin.call("POST", f"/api/auth/accounts/{account_id}/temporary-password")
        person = await self.client(email, answer.data["temporary_password"])
        await person.choose_password(PASSWORD)
        return person

    async def run_import(self, service: str, package: Path, *, dry: bool = False) -> Any:
        """The finished job of one service."""
        return await run_job(self.admin, service, package, QUIZZES, lambda _: None, dry=dry)

    async def take(self, package: Path) -> dict[str, Any]:
        """Import into auth, then classroom; what each of them changed."""
        return {service: (await self.run_import(service, package))["changes"] for service in ("auth", "classroom")}

    async def upload(self, service: str, package: Path) -> str:
        """Begin an import; the path of its job."""
        return f"/api/{service}/rosters/{(await self.post_package(service, package)).data['id']}"

    async def post_package(self, service: str, package: Path) -> Answer:
        """The answer to an upload."""
        content = await asyncio.to_thread(package.read_bytes)
        form = aiohttp.FormData()
        form.add_field("package", content, filename="package.zip", content_type="application/zip")
        return await self.admin.call("POST", f"/api/{service}/rosters", lambda: form)


def school_at(stack: Stack, open_clients: AsyncExitStack) -> School:
    """A school to be registered at the stack's gateway, from an address of its own: the limits stay as they are.

    A gateway elsewhere, be it in a container, answers only to the address that this machine has for it.
    """
    authority = Path(stack.description()["ca_file"])
    address = None if isinstance(stack, Elsewhere) else loopback()
    return School(stack.url, trust(authority, insecure=False), open_clients, address)


def loopback() -> str:
    """Any of this machine's own addresses."""
    return ".".join(["127", *(str(random.randint(2, 250)) for _ in range(3))])
