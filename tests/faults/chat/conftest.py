"""A school of replicas on a database and a vhost of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from chassis.testing import Issuer
from tests.faults.chat.school import School


@pytest.fixture
def package() -> str:
    return "lecture_chat"


@pytest.fixture
async def school(environment: dict[str, str], issuer: Issuer, tmp_path: Path) -> AsyncIterator[School]:
    fast = {"MEMBER_SENDS_PER_SECOND": "1000", "ROOM_SENDS_PER_SECOND": "5000"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        made = School(environment | fast, issuer, session, tmp_path)
        yield made
    for process in made.processes:
        process.kill()
        process.wait()
