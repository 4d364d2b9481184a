"""What every test of files uses."""

import pytest


@pytest.fixture(scope="session")
def package() -> str:
    """The package under test."""
    return "files"
