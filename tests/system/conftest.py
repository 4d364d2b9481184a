"""The whole stack that `HOMEROOM_TEST_STACK` names, and a school of its own for each test."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from dev import services
from dev.stack import Stack
from tests.system.elsewhere import Elsewhere
from tests.system.people import School, school_at

Query = Callable[..., list[tuple[Any, ...]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who harms the stack does so alone."""
    for item in items:
        if "running" in getattr(item, "fixturenames", ()):
            item.add_marker("alone")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """All programs, as `make test-system` starts them, or those that `HOMEROOM_URL` leads to."""
    if "HOMEROOM_URL" in os.environ:
        return Elsewhere(tmp_path_factory.mktemp("elsewhere"))
    description = Path(os.environ.get("HOMEROOM_TEST_STACK", ".homeroom-test/stack.json"))
    if not description.exists():
        pytest.fail(f"{description} is missing: run `make test-system`, or start a stack of your own")
    stack = Stack(json.loads(description.read_text("utf-8"))["state"], restart=False)
    if stack.states().get("gateway") != "RUNNING":
        pytest.fail(f"the gateway of {stack.state.folder} does not run: these tests need the whole stack")
    return stack


@pytest.fixture
def running(whole: Stack) -> Iterator[Stack]:
    """The stack for a test that harms it; what is down afterwards is started again."""
    if isinstance(whole, Elsewhere):
        pytest.skip("harms what it is asked of")
    yield whole
    dead = [name for name, state in whole.states().items() if state != "RUNNING"]
    whole.start(*dead)


@pytest.fixture
def ours(whole: Stack) -> Stack:
    """The stack for a test that looks behind its gateway or counts on the gateway's limits."""
    if isinstance(whole, Elsewhere):
        pytest.skip("only of a stack that runs here")
    return whole


@pytest.fixture
async def new_school(whole: Stack) -> AsyncIterator[Callable[[], Awaitable[School]]]:
    """Registers schools."""
    async with AsyncExitStack() as open_clients:

        async def register() -> School:
            made = school_at(whole, open_clients)
            await made.register()
            return made

        yield register


@pytest.fixture
async def school(new_school: Callable[[], Awaitable[School]]) -> School:
    """A school with its admin signed in."""
    return await new_school()


@pytest.fixture
def query(whole: Stack) -> Query:
    """Runs one statement as the database's superuser: to see what no API shows."""
    if isinstance(whole, Elsewhere):
        pytest.skip("looks into the database")
    url = whole.description()["admin_database_url"]

    def run(statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    return run


@pytest.fixture(scope="session")
def processes() -> list[str]:
    """The names of the five services' processes, the two replicas of lecture-chat included."""
    return [name for service in services.NAMES for name in services.program_names(service)]
