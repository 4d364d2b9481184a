"""People for component tests: they call the running service as API clients do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient

Client = TestClient[Any, Any]
Sql = Callable[..., list[tuple[Any, ...]]]
PASSWORD = "correct horse battery"


async def post(client: Client, path: str, expected: int, **document: Any) -> Any:
    """A call without a token; the JSON answer."""
    async with client.post(f"/api/auth{path}", json=document) as response:
        assert response.status == expected, await response.text()
        return await response.json() if response.status != 204 else None


@dataclass
class Person:
    """Somebody signed in."""

    client: Client
    email: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        """What authenticates a request."""
        return {"Authorization": f"Bearer {self.access_token}"}

    async def call(self, method: str, path: str, expected: int = 200, **options: Any) -> Any:
        """The JSON answer; the status must be as expected."""
        headers = self.headers | options.pop("headers", {})
        async with self.client.request(method, f"/api/auth{path}", headers=headers, **options) as response:
            assert response.status == expected, await response.text()
            return await response.json() if response.status != 204 else None

    async def account_id(self) -> UUID:
        """The person's own."""
        return UUID((await self.call("GET", "/me"))["id"])

    async def school_id(self) -> UUID:
        """Of the token."""
        return UUID((await self.call("GET", "/me"))["school_id"])

    async def hire(self, email: str, role: str, name: str = "Somebody") -> tuple["Person", dict[str, Any]]:
        """A new account of this admin's school, signed in with a password of its own."""
        document = {"email": email, "name": name, "role": role}
        made = await self.call("POST", "/accounts", 201, json=document)
        person = await sign_in(self.client, email, made["temporary_password"], new_password=PASSWORD)
        return person, made["account"]


async def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Person:
    """Through /login."""
    answer = await post(client, "/login", 200, email=email, password=password, **more)
    return Person(client, email, answer["access_token"], answer["refresh_token"])


async def register(client: Client, email: str) -> Person:
    """The admin of a new school."""
    answer = await post(client, "/schools", 201, school_name="Elm", name="Ada", email=email, password=PASSWORD)
    return Person(client, email, answer["access_token"], answer["refresh_token"])
