"""What every test of lecture-chat uses."""

import pytest


@pytest.fixture(scope="session")
def package() -> str:
    """The package under test."""
    return "lecture_chat"
