"""Auth under test: cheap password hashes, everything else as it is."""

import os
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from typing import Any

import psycopg2
import pytest
import redis
from aiohttp import web

from auth.app import api
from auth.testing import Client, Person, Sql, register
from chassis import openapi
from chassis.testing_api import watch


@pytest.fixture(scope="session")
def package() -> str:
    return "auth"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    cheap = {"ARGON2_MEMORY_KIB": "8", "ARGON2_TIME_COST": "1"}
    # Counters of tries of this run alone: another may run beside it.
    own = {"REDIS_URL": f"{environment['REDIS_URL'].rpartition('/')[0]}/{os.getpid() % 15 + 1}"}
    # A machine that is slow is no client that slept.
    grace = {"REFRESH_GRACE_SECONDS": "60"}
    return environment | cheap | own | grace | {"ALLOWED_ORIGINS": "https://localhost:8443"}


@pytest.fixture
def fresh_counters(environment: dict[str, str]) -> None:
    """No test counts the tries of another."""
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        for key in client.scan_iter("auth:tries:*"):
            client.delete(key)


@pytest.fixture
def app(fresh_counters: None, app: web.Application) -> Iterator[web.Application]:
    """The service; whatever it answers in a test must be as its OpenAPI document says."""
    lies = watch(app, openapi.document(api))
    yield app
    assert lies == []


@pytest.fixture(scope="session")
def sample_roster() -> Any:
    """The maker of the sample package; `dev` is no installed package, so it has no types here."""
    return import_module("dev.sample_roster")


@pytest.fixture
def somebody_waits(sql: Sql) -> Callable[[], Awaitable[bool]]:
    """Whether anybody waits for what another transaction holds."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def look() -> bool:
        return bool(sql(waiting))

    return look


@pytest.fixture
async def admin(client: Client) -> Person:
    return await register(client, "ada@elm.example")


@pytest.fixture
def sql(database_url: str) -> Iterator[Sql]:
    """Look into the database, or tamper with it, past the service."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()
