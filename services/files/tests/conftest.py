"""Files under test: a school whose people upload, an inspector at work, the real store."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.identity import Role
from chassis.keys import WAITS
from chassis.testing import Issuer, uuid7
from files.config import Config
from files.keys import SETTINGS, STORAGE
from files.storage import Storage
from files.testing import Actor, inspecting

MIB = 1024 * 1024


@pytest.fixture(scope="session")
def package() -> str:
    """The package under test."""
    return "files"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Parts that a test can afford."""
    return environment | {"PARTS_ABOVE_BYTES": str(6 * MIB), "PART_BYTES": str(5 * MIB), "INSPECTION_SECONDS": "30"}


@pytest.fixture
def app(app: web.Application) -> web.Application:
    """The service; what is not there is not waited for long."""
    app[WAITS].seconds = 0.05
    return app


@pytest.fixture
def settings(app: web.Application) -> Config:
    """The service's settings."""
    return app[SETTINGS]


@pytest.fixture
def storage(app: web.Application) -> Storage:
    """The service's bucket, which all tests share."""
    return app[STORAGE]


@pytest.fixture
def sql(database_url: str) -> Iterator[Any]:
    """Look into the database, or tamper with it, past the service."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values[0] if values and isinstance(values[0], dict) else values)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


@pytest.fixture
async def people(client: TestClient[Any, Any], issuer: Issuer, settings: Config) -> dict[str, Actor]:
    """An admin, two teachers and three students of one school, and a teacher of another."""
    here, there = uuid7(), uuid7()
    roles = {
        "admin": Role.ADMIN,
        "tara": Role.TEACHER,
        "theo": Role.TEACHER,
        "sam": Role.STUDENT,
        "sue": Role.STUDENT,
        "sid": Role.STUDENT,
    }
    found = {name: Actor(client, issuer.caller(role, here), settings.s3_endpoint) for name, role in roles.items()}
    return found | {"stranger": Actor(client, issuer.caller(Role.TEACHER, there), settings.s3_endpoint)}


@pytest.fixture
async def inspector(
    people: dict[str, Actor], database: Database, storage: Storage, settings: Config
) -> AsyncIterator[None]:
    """Somebody inspects what is uploaded."""
    async with inspecting(database, storage, settings):
        yield
