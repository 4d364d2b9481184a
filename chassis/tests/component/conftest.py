"""The chassis is tried on the database of one of its services: it has every table of the chassis."""

from collections.abc import AsyncIterator

import pytest

from chassis.realtime.testing import Service, running_service
from chassis.testing import Issuer


@pytest.fixture(scope="session")
def package() -> str:
    return "auth"


@pytest.fixture
async def service(issuer: Issuer) -> AsyncIterator[Service]:
    """A running service with one room."""
    async with running_service(issuer) as running:
        yield running
