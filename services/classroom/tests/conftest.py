"""Classroom under test: a school with people in it, whose events have arrived."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import psycopg2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from chassis import openapi
from chassis.db import Database
from chassis.identity import Role
from chassis.keys import WAITS
from chassis.oneroster.testing import zipped as zipped_files
from chassis.testing import Issuer, uuid7
from chassis.testing_api import watch
from classroom.routes import api
from classroom.testing import Actor, Sql, Tables, settle


@pytest.fixture(scope="session")
def package() -> str:
    return "classroom"


@pytest.fixture(scope="session")
def sample_roster() -> Any:
    """The module that makes the sample package."""
    return import_module("dev.sample_roster")


@pytest.fixture
def tables(sample_roster: Any) -> Tables:
    """The rows of the sample package, to be changed."""
    found: Tables = sample_roster.sample_rows()
    return found


@pytest.fixture
def zipped(sample_roster: Any) -> Callable[[Tables], bytes]:
    """Makes a package of rows."""
    return lambda tables: zipped_files(sample_roster.csv_files(tables).items())


@pytest.fixture
def sample_package(sample_roster: Any) -> bytes:
    return bytes(sample_roster.sample_package())


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


@pytest.fixture
def app(app: web.Application) -> Iterator[web.Application]:
    """The service; whatever it answers in a test must be as its OpenAPI document says."""
    lies = watch(app, openapi.document(api))
    app[WAITS].seconds = 0.05
    yield app
    assert lies == []


@pytest.fixture
async def school(client: TestClient[Any, Any], database: Database, issuer: Issuer) -> dict[str, Actor]:
    """admin, two teachers and three students of one school, and an admin, teacher and student of another."""
    here, there = uuid7(), uuid7()
    roles = {
        "admin": Role.ADMIN,
        "tara": Role.TEACHER,
        "theo": Role.TEACHER,
        "sam": Role.STUDENT,
        "sue": Role.STUDENT,
        "sid": Role.STUDENT,
    }
    people = {name: Actor(client, name, issuer.caller(role, here)) for name, role in roles.items()}
    for name, role in {"other_admin": Role.ADMIN, "other_teacher": Role.TEACHER, "other_student": Role.STUDENT}.items():
        people[name] = Actor(client, name, issuer.caller(role, there))
    await settle(database, people.values())
    return people
