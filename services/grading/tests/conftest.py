"""What every test of grading uses."""

from collections.abc import Iterator

import pytest
from aiohttp import web

from chassis import openapi
from chassis.testing_api import watch
from grading.routes import api
from grading.testing import School


@pytest.fixture(scope="session")
def package() -> str:
    """The package under test."""
    return "grading"


@pytest.fixture
def school() -> School:
    """A school of the test's own."""
    return School()


@pytest.fixture
def app(app: web.Application) -> Iterator[web.Application]:
    """Every answer of the service is what its document says."""
    lies = watch(app, openapi.document(api))
    yield app
    assert lies == []
