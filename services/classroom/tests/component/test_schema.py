"""`schema.sql` is what the migrations lead to."""

from chassis.schema import built_from_migrations, built_from_schema
from chassis.testing import Stack


def test_schema_equals_migrations(stack: Stack) -> None:
    assert built_from_schema(stack, "classroom") == built_from_migrations(stack, "classroom")
