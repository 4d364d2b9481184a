"""The chassis is tried on the database of one of its services: it has every table of the chassis."""

import pytest


@pytest.fixture(scope="session")
def package() -> str:
    return "auth"
