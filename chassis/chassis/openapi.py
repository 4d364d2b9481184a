"""The OpenAPI 3.1 document of a service, generated from the declarations that validate its requests."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

import orjson
from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chassis.api import Api, Operation
from chassis.errors import (
    Forbidden,
    HomeroomError,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from chassis.model import Body

_REF = "#/components/schemas/{model}"
_Mode = Literal["validation", "serialization"]
_SchemaMap = Mapping[tuple[Any, _Mode], dict[str, Any]]


class ProblemField(Body):
    """One refused field."""

    field: str
    message: str
    code: str


class Problem(Body, extra="allow"):
    """A problem document (RFC 9457); 412 adds both values as `current` and `yours`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[ProblemField, ...] = ()


@cache
def document(api: Api) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all operations of `api`, made once: it takes a quarter of a second."""
    schemas, definitions = _schemas(api.operations)
    paths: dict[str, Any] = {}
    for operation in api.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": "1.0.0", "description": api.description},
        "servers": [{"url": api.prefix}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def route(api: Api) -> web.RouteDef:
    """`GET openapi.json`, public."""

    async def read_openapi(_: web.Request) -> web.Response:
        body = orjson.dumps(document(api), option=orjson.OPT_INDENT_2)
        return web.Response(body=body, content_type="application/json")

    return web.get(f"{api.prefix}/openapi.json", read_openapi)


def _schemas(operations: Iterable[Operation]) -> tuple[_SchemaMap, dict[str, Any]]:
    wanted: dict[tuple[Any, _Mode], None] = {(Problem, "validation"): None}
    for operation in operations:
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        if operation.response is not None:
            wanted[operation.response, "serialization"] = None
    schemas, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return schemas, definitions


def _describe(operation: Operation, schemas: _SchemaMap) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": _responses(operation, schemas),
        "security": [] if operation.public else [{"accessToken": []}],
    }
    if operation.handler.__doc__:
        described["description"] = operation.handler.__doc__.strip()
    if not operation.public:
        described["x-roles"] = sorted(operation.roles)
    if (body := _request_body(operation, schemas)) is not None:
        described["requestBody"] = body
    return described


def _request_body(operation: Operation, schemas: _SchemaMap) -> dict[str, Any] | None:
    if operation.form is not None:
        schema: dict[str, Any] = {"type": "object", "properties": dict(operation.form)}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if operation.body is not None:
        schema = schemas[operation.body, "validation"]
        return {"required": operation.body_required, "content": {"application/json": {"schema": schema}}}
    return None


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": adapter.json_schema()}
        for name, adapter in operation.path_params.items()
    ]
    if operation.query is not None:
        found += _query_parameters(operation.query)
    if operation.idempotent:
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema})
    if operation.conditional:
        found.append({"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    return found


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(part, schema)}
        for name, part in schema["properties"].items()
    ]


def _inlined(part: Any, schema: dict[str, Any]) -> Any:
    """A parameter's schema has no `$defs` of its own to point at, so references are replaced."""
    if isinstance(part, list):
        return [_inlined(item, schema) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(schema["$defs"][part["$ref"].rsplit("/", 1)[1]], schema)
    return {name: _inlined(value, schema) for name, value in part.items()}


def _responses(operation: Operation, schemas: _SchemaMap) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.summary}
    if operation.response is not None:
        schema = schemas[operation.response, "serialization"]
        success["content"] = {operation.media_type: {"schema": schema}}
    elif operation.media_type != "application/json":
        success["content"] = {operation.media_type: {}}
    problem = {"application/problem+json": {"schema": schemas[Problem, "validation"]}}
    responses = {str(operation.status): success}
    if operation.conditional:
        responses["304"] = {"description": "Not modified"}
    for error in sorted(_possible_errors(operation), key=lambda kind: kind.status):
        responses[str(error.status)] = {"description": error.title, "content": problem}
    return responses


def _possible_errors(operation: Operation) -> set[type[HomeroomError]]:
    # Whatever an operation takes, a query parameter that it does not know is refused.
    errors: set[type[HomeroomError]] = {*operation.errors, Invalid, TooMany, Unavailable}
    if not operation.public:
        errors |= {Unauthenticated, Forbidden}
    if operation.path_params:
        errors.add(NotFound)
    if operation.body is not None:
        errors |= {Malformed, TooLarge}
    return errors
