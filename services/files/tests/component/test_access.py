"""Who may do what: every operation and every kind of caller (GUARANTEES 42)."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis import openapi
from chassis.identity import Role
from chassis.testing import Issuer, uuid7
from chassis.testing_api import Person, Row, check_access, operations
from files.routes import api

DOCUMENT = openapi.document(api)
TABLE = {"GET /limits": Row(dict.fromkeys(Role, 200))}


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) == operations(DOCUMENT)


@pytest.mark.parametrize("operation", TABLE)
async def test_who_may_use(client: TestClient[Any, Any], issuer: Issuer, operation: str) -> None:
    people = {role.value: Person(issuer.caller(role, uuid7()).headers, {}, {}) for role in Role}
    await check_access(client, DOCUMENT, operation, TABLE[operation], people | {"anonymous": Person({}, {}, {})})
