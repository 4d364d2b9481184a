"""Fixtures: one gateway for the whole run, and a way to start others with a guard taken away."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.nginx.tests.certificate import make_certificate
from gateway.nginx.tests.harness import Gateway, Launch, launcher
from gateway.nginx.tests.stubs import Issuer, Services


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Short enough for Unix sockets, open enough for workers that run as somebody else."""
    with tempfile.TemporaryDirectory(prefix="gateway-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def certificate(folder: Path) -> Path:
    return make_certificate(folder)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def all_services(issuer: Issuer) -> AsyncIterator[Services]:
    services = Services(issuer)
    await services.start()
    yield services
    await services.stop()


@pytest.fixture
def services(all_services: Services) -> Services:
    """The stub services, with nothing seen yet."""
    all_services.forget()
    return all_services


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(folder: Path, all_services: Services, certificate: Path) -> AsyncIterator[Gateway]:
    async with launcher(folder, all_services, certificate) as launch:
        yield await launch()


@pytest_asyncio.fixture(loop_scope="session")
async def launch(folder: Path, services: Services, certificate: Path) -> AsyncIterator[Launch]:
    async with launcher(folder, services, certificate) as start:
        yield start


@pytest.fixture
def token(issuer: Issuer) -> str:
    return issuer.token()
