"""GUARANTEES 45, second half: two schools that alternate on one connection and one cache see no foreign row.

The services run in this process, each with a pool of a single connection, on the whole stack's database and Redis.
"""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from importlib import import_module
from random import Random
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest
from aiohttp.test_utils import TestClient, TestServer
from psycopg2 import sql

from chassis.cache import Cache, Fill
from chassis.db import Database
from chassis.keys import WAITS
from dev import services
from dev.stack import Stack
from tests.security.canaries import Marked, Question, two_schools
from tests.system.elsewhere import Elsewhere

pytestmark = pytest.mark.xdist_group("two schools")

AT_ONCE = 40
BY_TURNS = ("teacher", "both")
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What nobody of these schools is answered with 200: sockets, what was not begun, and the picture of a text.
NEVER = {
    "auth /accounts/{account_id}/erase",
    "classroom /feed",
    "classroom /assignments/{assignment_id}/attempts/me/socket",
    "classroom /assignments/{assignment_id}/monitor",
    "lecture-chat /lectures/{lecture_id}/socket",
    "files /files/{file_id}/thumbnail",
}
# Who belongs to two schools sees that they do, and where they are signed in.
OF_BOTH = {("auth /me/memberships", "both"), ("auth /me/sessions", "both")}
LISTS = {"auth /accounts", "classroom /classrooms", "grading /teachers"}
COLUMNS = """
SELECT c.table_schema, c.table_name, array_agg(c.column_name::text)
FROM information_schema.columns AS c
INNER JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE c.table_schema = ANY(%s) AND c.data_type = 'uuid' AND t.table_type = 'BASE TABLE'
GROUP BY 1, 2 HAVING 'school_id' = ANY(array_agg(c.column_name::text))
"""
Clients = Mapping[str, TestClient[Any, Any]]


@dataclass(frozen=True, slots=True)
class Town:
    """Both schools, and whatever of the other each of them must never be shown."""

    schools: tuple[Marked, Marked]
    foreign_ids: tuple[set[str], set[str]]

    def foreign(self, school: int, text: str) -> set[str]:
        """What a text says of the school that it is not for."""
        text = text.lower()
        canary = self.schools[1 - school].canary
        return (set(UUIDS.findall(text)) & self.foreign_ids[school]) | ({canary} if canary in text else set())


@dataclass(slots=True)
class Found:
    """What came of asking: leaks, and who was answered what."""

    leaks: list[tuple[str, str, set[str]]]
    answered: set[tuple[int, str]]
    marked: set[tuple[int, str]]


def ids_of(url: str, school: Marked) -> set[str]:
    """Every id in a row of the school, in any service's tables."""
    found: set[str] = set()
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(COLUMNS, [[services.package(name) for name in services.NAMES]])
        for schema, table, columns in cursor.fetchall():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            statement = sql.SQL("SELECT {} FROM {} WHERE school_id = %s")
            cursor.execute(statement.format(names, sql.Identifier(schema, table)), school.ids["school_id"])
            found.update(str(value) for row in cursor.fetchall() for value in row if value is not None)
    return found


@pytest.fixture(scope="module")
def town(whole: Stack) -> Town:
    if isinstance(whole, Elsewhere):
        pytest.skip("looks into the database")
    schools = asyncio.run(two_schools(whole))
    oak, elm = (ids_of(whole.description()["admin_database_url"], school) for school in schools)
    assert min(len(oak - elm), len(elm - oak)) > 50
    return Town(schools, (elm - oak, oak - elm))


@pytest.fixture
async def clients(whole: Stack) -> AsyncIterator[Clients]:
    """The five services, with one connection to the database each."""
    async with AsyncExitStack() as running:
        found = {}
        for service in services.NAMES:
            package = services.package(service)
            given = whole.description()["services"][service] | {"DB_POOL_SIZE": "1", "LOG_LEVEL": "error"}
            config = import_module(f"{package}.config").Config.load(given)
            app = import_module(f"{package}.app").build(config)
            # Half of the questions are about what is not there: nobody needs to wait for it to arrive.
            app[WAITS].seconds = 0.01
            client: TestClient[Any, Any] = TestClient(TestServer(app))
            found[service] = await running.enter_async_context(client)
        yield found


def readable(body: bytes) -> str:
    """A body as text; of an archive all its members."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return " ".join(name + archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


async def ask(town: Town, clients: Clients, school: int, question: Question, found: Found) -> None:
    headers = {"Authorization": f"Bearer {town.schools[school].tokens[question.who]}"}
    async with clients[question.service].get(question.url, headers=headers, allow_redirects=False) as response:
        text = readable(await response.read()) + str(dict(response.headers))
    assert response.status < 500, (question, response.status, text)
    if response.status == 200:
        found.answered.add((school, question.operation))
    if town.schools[school].canary in text.lower():
        found.marked.add((school, question.service))
    foreign = town.foreign(school, text)
    if foreign and (question.operation, question.who) not in OF_BOTH:
        found.leaks.append((question.operation, question.who, foreign))


async def alternate(town: Town, clients: Clients, only: Collection[str] = ()) -> Found:
    """Everything (or these operations) by turns, one school after the other; then at once by all, in any order."""
    found = Found([], set(), set())
    pairs = zip(*(school.questions() for school in town.schools), strict=True)
    turns = [pair for pair in pairs if not only or pair[0].operation in only]
    for pair in (pair for pair in turns if pair[0].who in BY_TURNS):
        for school, question in enumerate(pair):
            await ask(town, clients, school, question, found)
    mixed = [(school, question) for pair in turns for school, question in enumerate(pair)]
    Random(45).shuffle(mixed)
    for start in range(0, len(mixed), AT_ONCE):
        await asyncio.gather(*(ask(town, clients, *one, found) for one in mixed[start : start + AT_ONCE]))
    return found


async def test_schools_that_alternate_see_nothing_of_each_other(town: Town, clients: Clients) -> None:
    """GUARANTEES 45: over every operation that reads, by admin, teacher, student and who is a student of both."""
    found = await alternate(town, clients)
    assert found.leaks == []
    operations = {question.operation for question in town.schools[0].questions()}
    for school in range(2):
        assert operations - {name for where, name in found.answered if where == school} == NEVER
        assert {service for where, service in found.marked if where == school} == set(services.NAMES)


def _leaking(read: Callable[..., Any]) -> Callable[..., Any]:
    """A read that leaves its school in the connection's session and trusts what it finds there."""

    async def leak(self: Database, query: str, /, **params: Any) -> Any:
        if isinstance(params.get("school_id"), UUID):
            async with self._connection() as connection:
                cursor = await connection.cursor()
                found = "coalesce(nullif(current_setting('homeroom.school', TRUE), ''), %s)"
                await cursor.execute(
                    f"SELECT set_config('homeroom.school', {found}, FALSE)", [str(params["school_id"])]
                )
                params["school_id"] = UUID((await cursor.fetchone())[0])
        return await read(self, query, **params)

    return leak


async def test_a_setting_left_in_the_session_would_be_seen(
    town: Town, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 45: a session-level SET on the pooled connection."""
    for name in ("rows", "row"):
        monkeypatch.setattr(Database, name, _leaking(getattr(Database, name)))
    leaks = (await alternate(town, clients, LISTS)).leaks
    assert {operation for operation, _, _ in leaks} == LISTS


async def test_a_cache_key_without_its_school_would_be_seen(
    town: Town, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 45: who is a student of both schools is shown the part that the other one cached."""

    fragments = Cache.fragments

    async def without_school(self: Cache, keys: Sequence[str], fill: Fill) -> list[bytes]:
        named = {re.sub(r"^person:[^:]+:", "person-of-no-school:", key): key for key in keys}

        async def filled(missing: list[str]) -> dict[str, bytes]:
            found = await fill([named[key] for key in missing])
            return {key: found[named[key]] for key in missing}

        return await fragments(self, list(named), filled)

    monkeypatch.setattr(Cache, "fragments", without_school)
    leaks = (await alternate(town, clients, {"classroom /bootstrap"})).leaks
    assert {(operation, who) for operation, who, _ in leaks} == {("classroom /bootstrap", "both")}
