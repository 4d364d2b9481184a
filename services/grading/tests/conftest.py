"""What every test of grading uses."""

import pytest

from grading.testing import School


@pytest.fixture(scope="session")
def package() -> str:
    """The package under test."""
    return "grading"


@pytest.fixture
def school() -> School:
    """A school of the test's own."""
    return School()
