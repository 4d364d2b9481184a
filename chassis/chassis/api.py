"""Typed handlers: one declaration of a route validates its input, guards it and documents it.

A handler names what it needs and gets it: `request: web.Request`, `identity: Identity`, `db: Executor`,
`body: <model>`, `query: <model>`, and path parameters by their names. It returns a model, a `Reply`,
None (204) or a prepared `web.StreamResponse`.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from aiohttp import hdrs, web
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from chassis.access import identify
from chassis.answers import answer
from chassis.db import Executor
from chassis.errors import FieldError, Forbidden, HomeroomError, Invalid, Malformed, NotFound
from chassis.idempotency import once
from chassis.identity import Identity, Role, Scope
from chassis.keys import DB
from chassis.model import Body

T = TypeVar("T", bound="Body | bytes | None")
Handler = Callable[..., Awaitable[Any]]

ANY_ROLE = frozenset(Role)
# An answer is not many times larger than the request it refuses.
_NAMED_ERRORS = 20
_LONGEST_PATH = 200


@dataclass(slots=True)
class Reply(Generic[T]):
    """A model (or ready JSON bytes) with headers (a MultiDict for several of one name) or a status of its own."""

    body: T
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


@dataclass(frozen=True)
class Operation:
    """One route as it was declared; the OpenAPI document is made from these."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role]
    public: bool
    status: int
    summary: str
    errors: tuple[type[HomeroomError], ...]
    idempotent: bool
    conditional: bool
    people_only: bool
    response: type[BaseModel] | None
    media_type: str
    path_params: Mapping[str, TypeAdapter[Any]]
    body: type[BaseModel] | None
    body_required: bool
    form: Mapping[str, Mapping[str, Any]] | None
    query: type[BaseModel] | None
    wants: frozenset[str]


class Api:
    """The routes of one service, all under `/api/<service>`."""

    def __init__(self, service: str, title: str, description: str = "") -> None:
        self.service = service
        self.title = title
        self.description = description
        self.operations: list[Operation] = []
        self.get = partial(self.route, hdrs.METH_GET)
        self.post = partial(self.route, hdrs.METH_POST)
        self.put = partial(self.route, hdrs.METH_PUT)
        self.patch = partial(self.route, hdrs.METH_PATCH)
        self.delete = partial(self.route, hdrs.METH_DELETE)

    @property
    def prefix(self) -> str:
        """What every path of the service begins with."""
        return f"/api/{self.service}"

    def route(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        roles: Collection[Role] = ANY_ROLE,
        public: bool = False,
        status: int = 200,
        errors: Sequence[type[HomeroomError]] = (),
        idempotent: bool = False,
        conditional: bool = False,
        people_only: bool = False,
        response: type[BaseModel] | None = None,
        media_type: str = "application/json",
        form: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare a route; `response` documents what a handler returning bytes or a stream answers, `form` the
        parts (JSON Schema by name) of a multipart body that it reads itself. `body: Model | None` may be left out.
        A `conditional` route answers 304 to an `If-None-Match` that still holds; a `people_only` one refuses the API
        tokens of programs."""

        def declare(handler: Handler) -> Handler:
            hints = get_type_hints(handler, include_extras=True)
            returned = _returned(hints.pop("return", None))
            body, required = _body_of(hints.get("body"))
            names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            operation = Operation(
                method=method,
                path=path,
                handler=handler,
                roles=frozenset(roles),
                public=public,
                status=204 if returned is type(None) else status,
                summary=summary,
                errors=tuple(errors),
                idempotent=idempotent,
                conditional=conditional,
                people_only=people_only,
                response=response
                or (returned if inspect.isclass(returned) and issubclass(returned, BaseModel) else None),
                media_type=media_type,
                path_params={name: TypeAdapter(hints[name]) for name in names if name in hints},
                body=body,
                body_required=required,
                form=form,
                query=hints.get("query"),
                wants=frozenset(inspect.signature(handler).parameters),
            )
            self.operations.append(operation)
            return handler

        return declare

    def include(self, *others: "Api") -> "Api":
        """Take over the routes of other parts of the same service; returns self."""
        for other in others:
            self.operations.extend(other.operations)
        return self

    def routes(self) -> list[web.RouteDef]:
        """The routes for `app.add_routes`."""
        return [_route(op, self.prefix + op.path) for op in self.operations]


def _route(operation: Operation, path: str) -> web.RouteDef:
    # A streamed answer to HEAD would write its body, which the gateway's kept connection then holds for somebody else.
    options = {"allow_head": False} if operation.method == hdrs.METH_GET else {}
    return web.route(operation.method, path, _endpoint(operation), **options)


def _body_of(hint: Any) -> tuple[type[BaseModel] | None, bool]:
    """The body's model, and whether it must be sent: `Model | None` may be left out."""
    if get_origin(hint) is UnionType:
        return next(arg for arg in get_args(hint) if arg is not type(None)), False
    return hint, True


def _returned(hint: Any) -> Any:
    """What a handler gives, a `Reply` around it taken off."""
    return get_args(hint)[0] if get_origin(hint) is Reply else hint


def _endpoint(operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        identity = None if operation.public else await _admitted(operation, request)
        given = _path_values(operation, request)
        if operation.query is not None:
            given["query"] = _query_value(operation.query, request)
        elif "?" in request.raw_path:
            _query_value(_NoQuery, request)
        if operation.body is not None:
            given["body"] = await _body_value(operation.body, request, required=operation.body_required)
        if "identity" in operation.wants:
            given["identity"] = identity
        if "request" in operation.wants:
            given["request"] = request
        if identity is not None and operation.idempotent and "Idempotency-Key" in request.headers:
            return await once(request, identity, partial(_answer, operation, given))
        return await _answer(operation, given, request.app[DB])

    return endpoint


async def _admitted(operation: Operation, request: web.Request) -> Identity:
    """The caller, let in or refused; nothing of the request is read before."""
    identity = await identify(request)
    if identity.role not in operation.roles:
        raise Forbidden()
    if operation.people_only and identity.scope is not Scope.PERSON:
        raise Forbidden("people_only", "An API token may not do this; sign in.")
    return identity


async def _answer(operation: Operation, given: dict[str, Any], db: Executor) -> web.StreamResponse:
    if "db" in operation.wants:
        given["db"] = db
    return _render(operation, await operation.handler(**given))


def _render(operation: Operation, result: Any) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    reply = result if isinstance(result, Reply) else Reply(result)
    body = reply.body.model_dump_json().encode() if isinstance(reply.body, BaseModel) else reply.body
    return answer(reply.status or operation.status, body, operation.media_type, reply.headers)


def _path_values(operation: Operation, request: web.Request) -> dict[str, Any]:
    try:
        return {
            name: adapter.validate_python(request.match_info[name]) for name, adapter in operation.path_params.items()
        }
    except ValidationError:
        # A malformed id answers exactly as one that does not exist.
        raise NotFound("resource") from None


class _NoQuery(Body):
    """The query of an operation that takes none: whatever is there is refused by its name."""


def _query_value(model: type[BaseModel], request: web.Request) -> BaseModel:
    values = {
        name: found[0] if len(found) == 1 else found for name in request.query if (found := request.query.getall(name))
    }
    if any("\x00" in str(value) for value in values.values()):
        raise Invalid("query", "Remove the character U+0000.")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid("query", error) from None


async def _body_value(model: type[BaseModel], request: web.Request, *, required: bool) -> BaseModel | None:
    if not required and not request.body_exists:
        return None
    if request.content_type != "application/json":
        raise Malformed("unsupported_media_type", "Send the body as application/json.")
    raw = await request.read()
    if b"\\u0000" in raw:
        raise Invalid("body", "Remove the character U+0000.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _invalid("body", error) from None


def _invalid(place: str, error: ValidationError) -> HomeroomError:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return Malformed("invalid_json", f"The body is no valid JSON: {details[0]['msg']}.")
    return Invalid.many([_field_error(place, item) for item in details[:_NAMED_ERRORS]], error.error_count())


def _field_error(place: str, item: ErrorDetails) -> FieldError:
    path = ".".join([place, *map(str, item["loc"])])
    return FieldError(path[:_LONGEST_PATH], item["msg"], item["type"])
