"""What every test of lecture-chat uses."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.testing import Issuer
from lecture_chat.consumers import HANDLERS
from lecture_chat.testing import World, make_world


@pytest.fixture(scope="session")
def package() -> str:
    """The package under test."""
    return "lecture_chat"


@pytest.fixture
async def world(client: TestClient[Any, Any], database: Database, issuer: Issuer) -> World:
    """With everything here already, and the service waiting but a moment for what is not."""
    assert client.app is not None
    client.app[WAITS].seconds = 0.05
    made = make_world(issuer)
    await apply(database, HANDLERS, made.events())
    return made
