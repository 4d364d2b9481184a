"""The generated document is current, and every breaking change is refused by name."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.contracts import Contracts
from dev import contracts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the contracts to be changed."""
    return Path(shutil.copytree(contracts.ROOT, tmp_path / "contracts"))


def schema_file(folder: Path, name: str) -> Path:
    return folder / "events" / name / "v1.schema.json"


def change(folder: Path, name: str, **fields: Any) -> None:
    path = schema_file(folder, name)
    schema = json.loads(path.read_text("utf-8"))
    for field, value in fields.items():
        schema["properties"][field] = value
    schema["required"] = list(schema["properties"])
    path.write_text(json.dumps(schema), "utf-8")


def test_the_document_is_current() -> None:
    assert contracts.run(contracts.ROOT, check=True) == []


def test_the_document_names_every_type() -> None:
    written = yaml.safe_load((contracts.ROOT / contracts.DOCUMENT).read_text("utf-8"))
    assert set(written["channels"]) == set(Contracts.load(contracts.ROOT).types)


def test_drift_is_found_and_a_new_optional_property_is_let_in(folder: Path) -> None:
    path = schema_file(folder, "classroom.topic-created")
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["colour"] = {"type": "string"}
    path.write_text(json.dumps(schema), "utf-8")
    assert contracts.run(folder, check=True) == ["events.asyncapi.yaml is stale: run `python -m dev.contracts`"]
    assert contracts.run(folder, check=False) == []
    assert contracts.run(folder, check=True) == []


def test_a_removed_type_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "events" / "classroom.topic-deleted")
    before = (folder / contracts.DOCUMENT).read_bytes()
    assert contracts.run(folder, check=False) == ["breaking: classroom.topic-deleted.v1: the type was removed"]
    assert (folder / contracts.DOCUMENT).read_bytes() == before


def test_a_bad_example_is_refused(folder: Path) -> None:
    path = folder / "events" / "classroom.topic-created" / "examples" / "plain.json"
    path.write_text(path.read_text("utf-8").replace("Kinematics", ""), "utf-8")
    assert "should be non-empty" in contracts.run(folder, check=False)[0]


def topic(doc: dict[str, Any]) -> Any:
    return doc["components"]["messages"]["classroom.topic-created.v1"]["payload"]["allOf"][1]["properties"]["data"]


def drop(schema: Any) -> None:
    del schema["properties"]["title"]


def retype(schema: Any) -> None:
    schema["properties"]["position"]["type"] = "string"


def nullable(schema: Any) -> None:
    schema["properties"]["title"]["type"] = ["string", "null"]


def narrow(schema: Any) -> None:
    schema["properties"]["status"]["enum"] = ["active"]


def optional(schema: Any) -> None:
    schema["required"].remove("title")


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (drop, "title: the property was removed"),
        (retype, "position: type changed"),
        (nullable, "title: type changed"),
        (narrow, "status: the values ['deleted'] were removed"),
        (optional, "title: the property is no longer always there"),
    ],
)
def test_a_breaking_change_is_named(edit: Any, word: str) -> None:
    old = contracts.document(Contracts.load(contracts.ROOT))
    new = copy.deepcopy(old)
    edit(topic(new))
    assert [found for found in contracts.breaches(old, new) if word in found]
    assert contracts.breaches(old, copy.deepcopy(old)) == []


def test_a_now_required_property_and_a_nested_change_are_named() -> None:
    new = contracts.document(Contracts.load(contracts.ROOT))
    old = copy.deepcopy(new)
    topic(old)["required"].remove("title")
    assert contracts.breaches(old, new) == ["classroom.topic-created.v1.title: the property is now required"]
    old = copy.deepcopy(new)
    grade = new["components"]["messages"]["classroom.grade-released.v1"]["payload"]["allOf"][1]["properties"]["data"]
    del grade["properties"]["results"]["items"]["properties"]["late"]
    assert contracts.breaches(old, new) == ["classroom.grade-released.v1.results[].late: the property was removed"]
