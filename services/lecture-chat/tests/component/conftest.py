"""An open lecture with two replicas that serve it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from lecture_chat.app import build
from lecture_chat.config import Config
from lecture_chat.testing import LECTURES, Live, World


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Tests send faster than people."""
    return environment | {"MEMBER_SENDS_PER_SECOND": "1000", "ROOM_SENDS_PER_SECOND": "1000"}


@pytest.fixture
async def live(client: TestClient[Any, Any], environment: dict[str, str], world: World) -> AsyncIterator[Live]:
    other: web.Application = build(Config.load(environment))
    async with TestClient(TestServer(other)) as second, aiohttp.ClientSession() as session:
        opening = {"assignment_id": str(world.lecture_id)}
        answer = await client.post(LECTURES, json=opening, headers=world.teacher.headers)
        yield Live(world, (await answer.json())["lecture_id"], [client, second], session)
