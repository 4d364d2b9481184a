"""Fixtures for component tests against real parts; a pytest plugin.

`HOMEROOM_TEST_STACK` names the native stack's `stack.json` (default `.homeroom-test/stack.json`).
A service's `tests/conftest.py` defines the fixture `package`; each test gets its own copy of a template
database, and each test session its own broker vhost.
"""

import asyncio
import hashlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import aiohttp
import jwt
import psycopg2
import pytest
import uuid_utils.compat as uuid_utils
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg2 import sql

from chassis import redis_reads
from chassis.config import Config
from chassis.db import Database, Row, connect
from chassis.identity import Role
from chassis.migrate import migrate, prepare
from chassis.waiting import Waits

T = TypeVar("T")


def uuid7() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.uuid7()


# How long to wait for what is sure to come, on however slow a machine.
PATIENCE_SECONDS = 60.0


async def eventually(check: Callable[[], Awaitable[T]], within: float = PATIENCE_SECONDS) -> T:
    """Poll until `check` returns something true or stops raising AssertionError; seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            if result := await check():
                return result
            failure = AssertionError(f"still {result!r} after {within} s")
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure
        await asyncio.sleep(0.02)


async def somebody_waits(waits: Waits) -> None:
    """Wait until a request waits for what is not there yet."""

    async def begun() -> bool:
        return bool(waits._waiting)

    await eventually(begun)


@dataclass(frozen=True)
class Stack:
    """Where the data services of the test stack listen."""

    admin_database_url: str
    amqp_url: str
    amqp_management_url: str
    redis_url: str
    s3: dict[str, str]
    services: dict[str, dict[str, str]]

    def role_url(self, package: str, database: str) -> str:
        """The URL of a database as the service's own role; roles are shared by the whole server."""
        own = self.services[package.replace("_", "-")]["DATABASE_URL"]
        return _at(own, database)


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The running data services; started by `python -m dev up --state .homeroom-test --only data`."""
    return running_stack()


def running_stack() -> Stack:
    """The stack that `HOMEROOM_TEST_STACK` names."""
    path = Path(os.environ.get("HOMEROOM_TEST_STACK", ".homeroom-test/stack.json"))
    if not path.exists():
        pytest.fail(f"{path} is missing: start the data services with `make test-stack`")
    return _read_stack(json.loads(path.read_text("utf-8")))


def _read_stack(document: dict[str, Any]) -> Stack:
    return Stack(**{name: document[name] for name in Stack.__dataclass_fields__})


@pytest.fixture(autouse=True)
def patient_with_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy is no Redis that is away."""
    monkeypatch.setattr(redis_reads, "PATIENCE_SECONDS", PATIENCE_SECONDS)


# --- Postgres: one template per package and state of its migrations, one copy per test -----------------


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def _admin(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def _changing_roles(url: str) -> Iterator[Any]:
    """Migrations change roles, which are the whole server's: one process at a time."""
    with _admin(url) as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('homeroom test roles'))")
        yield cursor


def _migrations_digest(package: str) -> str:
    digest = hashlib.sha256((resources.files("chassis") / "migrate.py").read_bytes())
    for name in ("chassis", package):
        folder = Path(str(resources.files(name))) / "sql" / "migrations"
        for path in sorted(folder.glob("*.sql")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def template_database(stack: Stack, package: str) -> str:
    """The name of a database with the package's schema, made once for each state of its migrations."""
    return _template(stack.admin_database_url, stack.role_url(package, ""), package)


@cache
def _template(admin_url: str, role_url: str, package: str) -> str:
    name = f"template_{package}_{_migrations_digest(package)}"
    with _changing_roles(admin_url) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [name])
        if cursor.fetchone() is None:
            identifier = sql.Identifier(name)
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
            migrate(package, _at(role_url, name), _at(admin_url, name))
            cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(identifier))
    return name


@contextmanager
def database_copy(stack: Stack, package: str) -> Iterator[str]:
    """The URL (as the service's role) of a fresh copy of the template; dropped at the end."""
    with _temporary_database(stack, package, template_database(stack, package)) as name:
        yield stack.role_url(package, name)


@contextmanager
def empty_database(stack: Stack, package: str, *others: str) -> Iterator[str]:
    """The URL, as the package's service, of a database with nothing but its role and schema, and those of others."""
    with _temporary_database(stack, package, "template0") as name:
        with _changing_roles(stack.admin_database_url):
            for each in (package, *others):
                prepare(each, stack.role_url(each, name), _at(stack.admin_database_url, name))
        yield stack.role_url(package, name)


@contextmanager
def _temporary_database(stack: Stack, package: str, template: str) -> Iterator[str]:
    name = f"test_{package}_{secrets.token_hex(6)}"
    # Copied as files it leaves nothing in shared buffers: making and dropping it cost half of what the log's way does.
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with _admin(stack.admin_database_url) as cursor:
        cursor.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield name
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_url(stack: Stack, package: str) -> Iterator[str]:
    """A database of this test's own."""
    with database_copy(stack, package) as url:
        yield url


@pytest.fixture
async def database(database_url: str, package: str) -> AsyncIterator[Database]:
    """The test's database, connected as the service's role, with the service's queries."""
    async with connect(database_url, package, maxsize=4) as connected:
        yield connected


# --- RabbitMQ: one vhost a session ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def vhost(stack: Stack) -> Iterator[str]:
    """A broker vhost of this session's own; its name."""
    name = f"test-{secrets.token_hex(6)}"
    user = urlsplit(stack.amqp_url).username
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    asyncio.run(_manage(stack, "PUT", f"/api/vhosts/{name}"))
    asyncio.run(_manage(stack, "PUT", f"/api/permissions/{name}/{user}", everything))
    yield name
    asyncio.run(_manage(stack, "DELETE", f"/api/vhosts/{name}"))


async def _manage(stack: Stack, method: str, path: str, body: dict[str, str] | None = None) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, stack.amqp_management_url + path, json=body) as response,
    ):
        response.raise_for_status()


@pytest.fixture
def amqp_url(stack: Stack, vhost: str) -> str:
    """The broker's URL with the session's vhost."""
    return _at(stack.amqp_url, vhost)


# --- Tokens: a small issuer with real keys over real HTTP ----------------------------------------------


@dataclass(frozen=True)
class Caller:
    """Somebody with a token."""

    account_id: UUID
    school_id: UUID
    session_id: UUID
    role: Role
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What authenticates a request."""
        return {"Authorization": f"Bearer {self.token}"}


class Issuer:
    """Signs tokens as auth does and publishes its key."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.kid = secrets.token_hex(8)
        self.url = ""

    def jwks(self) -> dict[str, Any]:
        """The published keys."""
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [jwk | {"kid": self.kid, "alg": "ES256", "use": "sig"}]}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """A token with just these claims."""
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self.kid, **header})

    def caller(self, role: Role, school_id: UUID, account_id: UUID | None = None) -> Caller:
        """Somebody signed in to the school with the role."""
        account, session, now = account_id or uuid7(), uuid7(), int(time.time())
        claims = {
            "iss": "https://homeroom",
            "aud": "homeroom",
            "sub": str(account),
            "sid": str(session),
            "school": str(school_id),
            "role": str(role),
            "iat": now,
            "exp": now + 600,
            "jti": secrets.token_hex(16),
        }
        return Caller(account, school_id, session, role, self.sign(claims))


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """A running issuer."""
    async with running_issuer() as made:
        yield made


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    """An issuer with its keys published, for tests and benchmarks."""
    made = Issuer()

    async def publish(_: web.Request) -> web.Response:
        return web.json_response(made.jwks())

    app = web.Application()
    app.router.add_get("/jwks.json", publish)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/jwks.json"))
        yield made


# --- The service itself --------------------------------------------------------------------------------


@pytest.fixture
def environment(stack: Stack, package: str, database_url: str, amqp_url: str, issuer: Issuer) -> dict[str, str]:
    """The environment of a service under test."""
    return stack.services[package.replace("_", "-")] | {
        "DATABASE_URL": database_url,
        "AMQP_URL": amqp_url,
        "JWKS_URL": issuer.url,
        "LOG_LEVEL": "warning",
    }


@pytest.fixture
def app(package: str, environment: dict[str, str]) -> web.Application:
    """The service, not yet started; the package offers `config.Config` and `app.build(config)`."""
    config: Config = import_module(f"{package}.config").Config.load(environment)
    application: web.Application = import_module(f"{package}.app").build(config)
    return application


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[TestClient[Any, Any]]:
    """A client of the running service."""
    async with TestClient(TestServer(app)) as connected:
        yield connected


async def outbox(database: Database) -> list[Row]:
    """All events written so far, oldest first."""
    return await database.rows("list_outbox")
