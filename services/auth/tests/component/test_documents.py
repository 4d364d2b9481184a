"""What the service says of itself is right, and complete."""

import re
from pathlib import Path

from openapi_spec_validator import validate

from auth.app import api
from auth.config import Config
from auth.testing import Client
from chassis.config import Config as CommonConfig

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


async def test_the_openapi_document_is_valid(client: Client) -> None:
    async with client.get("/api/auth/openapi.json") as response:
        document = await response.json()
    validate(document)
    upload = document["paths"]["/rosters"]["post"]["requestBody"]["content"]
    assert upload["multipart/form-data"]["schema"]["properties"]["package"]["format"] == "binary"
    assert document["paths"]["/refresh"]["post"]["requestBody"]["required"] is False


def test_the_readme_names_every_endpoint_and_setting() -> None:
    for operation in api.operations:
        assert re.sub(r"\{\w+_id\}", "{id}", operation.path) in README
    for name in set(Config.model_fields) - set(CommonConfig.model_fields):
        assert f"`{name.upper()}`" in README
