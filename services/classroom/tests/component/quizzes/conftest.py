"""Quizzes under test, and how to break them on purpose."""

from collections.abc import AsyncIterator, Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.db import Database
from chassis.keys import DB
from classroom.app import build
from classroom.config import Config


@pytest.fixture
def break_query(
    client: TestClient[Any, Any], database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str, str], None]:
    """Put something else in the place of a part of a named query, for the service and for `database`."""

    def change(query: str, part: str, instead: str) -> None:
        for queries in (client.app[DB]._queries, database._queries):
            assert part in queries[query]
            monkeypatch.setitem(queries, query, queries[query].replace(part, instead))

    return change


@pytest.fixture
def break_function(database_url: str) -> Callable[[str, str, str], None]:
    """The same for a function of the schema, which the test's own database alone then has."""

    def change(function: str, part: str, instead: str) -> None:
        with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
            (text,) = cursor.fetchone() or ("",)
            assert part in text
            cursor.execute(text.replace(part, instead))

    return change


@pytest.fixture
async def elsewhere(environment: dict[str, str]) -> AsyncIterator[TestClient[Any, Any]]:
    """A second replica."""
    async with TestClient(TestServer(build(Config.load(environment)))) as client:
        yield client
