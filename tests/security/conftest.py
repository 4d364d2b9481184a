"""The whole stack, as the system tests have it."""

from tests.system.conftest import whole

__all__ = ["whole"]
