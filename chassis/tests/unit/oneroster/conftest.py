import pytest

from chassis.oneroster.testing import Parts, valid_parts


@pytest.fixture
def parts() -> Parts:
    """The files of a valid package."""
    return valid_parts()
