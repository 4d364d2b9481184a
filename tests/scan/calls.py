"""One request for each operation of the OpenAPI documents that takes anything."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from dev import services
from dev.layout import ROOT
from tests.scan.examples import Json, example

METHODS = ("get", "post", "put", "patch", "delete")  # what destroys comes last
ROLES = ("teacher", "student", "admin")  # who asks, of those an operation is for
ANONYMOUS = "anonymous"
SOCKETS = ("/socket", "/monitor", "/feed")


@dataclass(slots=True)
class Call:
    """A request as one would send it; `path` has its parameters in braces, `ids` and `query` their values."""

    service: str
    method: str
    path: str
    role: str
    ids: dict[str, str]
    query: dict[str, str]
    body: Any
    answered: int = 0
    optional: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.method.upper()} /api/{self.service}{self.path}"

    @property
    def points(self) -> int:
        """Where something could be injected."""
        return len(self.ids) + len(self.query) + len(list(leaves(self.body)))

    def url(self, mark: str = "") -> str:
        """The path with its query; `mark` follows every value."""
        path = self.path
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", quote(value, safe="") + mark)
        query = "&".join(f"{name}={quote(value)}{mark}" for name, value in self.query.items())
        return f"/api/{self.service}{path}" + (f"?{query}" if query else "")


def leaves(body: Any) -> Iterator[Any]:
    """The strings and numbers of a JSON body."""
    match body:
        case dict():
            yield from (leaf for value in body.values() for leaf in leaves(value))
        case list():
            yield from (leaf for value in body for leaf in leaves(value))
        case bool() | None:
            return
        case _:
            yield body


def documents() -> dict[str, Json]:
    """The OpenAPI document of every service."""
    folder = ROOT / "contracts" / "http"
    return {name: json.loads((folder / f"{name}.openapi.json").read_text("utf-8")) for name in services.NAMES}


def calls() -> list[Call]:
    """Reads first."""
    made = [
        _call(service, document, method, path, operation)
        for service, document in documents().items()
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if not path.endswith(SOCKETS)
    ]
    return sorted((call for call in made if call.points), key=lambda call: METHODS.index(call.method))


def _call(service: str, document: Json, method: str, path: str, operation: Json) -> Call:
    values: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    parameters = operation.get("parameters", [])
    for one in parameters:
        value = example(document, one["schema"], one["name"])
        value = value[0] if isinstance(value, list) else value
        if value is not None:
            values[one["in"]][one["name"]] = str(value)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = example(document, content["schema"], "") if content else None
    optional = {one["name"] for one in parameters if not one.get("required")}
    return Call(service, method, path, role_of(operation), values["path"], values["query"], body, optional=optional)


def role_of(operation: Json) -> str:
    """Who asks: the first of ROLES whom it is for."""
    if operation.get("security") == []:
        return ANONYMOUS
    allowed = operation.get("x-roles", ROLES)
    return next(role for role in ROLES if role in allowed)
