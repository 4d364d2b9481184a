"""The API page and the five documents it shows."""

import re
from collections import Counter
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from dev import services
from dev.probe import get
from dev.stack import Stack
from tests.system.people import Person, School

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def anybody(school: School) -> Person:
    """Somebody without a token."""
    return await school.client("anybody")


def test_the_page_and_all_it_loads_are_public(whole: Stack) -> None:
    authority = Path(whole.description()["ca_file"])
    page = get(whole.url + "/api/docs", authority).decode()
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len([path for path in loaded if path.endswith((".css", ".js"))]) == 4
    for path in loaded:
        assert get(whole.url + path, authority)
    assert {f"/api/{service}/openapi.json" for service in services.NAMES} <= set(loaded)


@pytest.mark.parametrize("service", services.NAMES)
async def test_a_document_is_valid(anybody: Person, service: str) -> None:
    document = (await anybody.ask("GET", f"/api/{service}/openapi.json")).data
    assert document["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    operations = [
        operation for path in document["paths"].values() for method, operation in path.items() if method in METHODS
    ]
    assert operations
    ids = Counter(operation["operationId"] for operation in operations)
    assert [name for name, count in ids.items() if count > 1] == []
    assert [server["url"] for server in document["servers"]] == [f"/api/{service}"]


async def test_an_invalid_document_would_be_noticed(anybody: Person) -> None:
    document = (await anybody.ask("GET", "/api/files/openapi.json")).data
    del document["info"]["title"]
    assert list(OpenAPIV31SpecValidator(document).iter_errors())
