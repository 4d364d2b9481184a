"""Problem documents (RFC 9457): the one place where an error becomes a response."""

from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from chassis import trace
from chassis.errors import HomeroomError, Malformed, Unavailable
from chassis.logging import get_logger

log = get_logger(__name__)

PROBLEM_TYPE = "https://homeroom.example/problems/"


def render(error: HomeroomError) -> web.Response:
    """The problem document of an expected failure."""
    document: dict[str, Any] = {
        "type": PROBLEM_TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": trace.request_id(),
    }
    if error.errors:
        document["errors"] = [
            {"field": item.field, "message": item.message, "code": item.code} for item in error.errors
        ]
    return _response(error.status, document | error.extra, error.headers)


def _response(status: int, document: dict[str, Any], headers: dict[str, str]) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps(document, default=str),
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **headers},
    )


def _from_http(error: web.HTTPException) -> web.Response:
    phrase = HTTPStatus(error.status).phrase
    code = phrase.lower().replace(" ", "_")
    document = {
        "type": PROBLEM_TYPE + code,
        "title": phrase,
        "status": error.status,
        "detail": error.text if error.status == 413 else phrase,
        "code": code,
        "request_id": trace.request_id(),
    }
    kept = {name: error.headers[name] for name in ("Allow", "Location") if name in error.headers}
    return _response(error.status, document, kept)


def _unreadable(request: web.Request) -> web.Response:
    response = render(Malformed("invalid_body", "The body cannot be read: it is not encoded as its headers say."))
    response.force_close()
    # Else the server would read on, and log what the client did as an error of its own.
    request.content.feed_eof()
    return response


def problem_of(request: web.Request, error: Exception) -> web.StreamResponse:
    """What a failure is answered with; only what nobody expected is logged as an error.

    Raises what is no failure, and what nobody is there to be told.
    """
    match error:
        case Unavailable():
            log.warning("unavailable", path=request.path, cause=str(error.__cause__ or error.detail))
            return render(error)
        case HomeroomError():
            return render(error)
        case web.RequestPayloadError():
            return _unreadable(request)
        case web.HTTPException() if error.status >= 400:
            return _from_http(error)
        case web.HTTPException() | ConnectionResetError():
            raise error
        case _:
            log.error("unexpected_error", method=request.method, path=request.path, exc_info=error)
            return render(HomeroomError("internal_error", "Something went wrong on our side."))


_answer_of_aiohttp = web.RequestHandler.handle_error


def _refused_by_the_parser(
    handler: web.RequestHandler,
    request: web.BaseRequest,
    status: int = 500,
    exc: BaseException | None = None,
    message: str | None = None,
) -> web.StreamResponse:
    """Else aiohttp, with no setting for it, repeats what it could not read, tokens too, in its answer and the log."""
    if not isinstance(exc, HttpProcessingError):
        return _answer_of_aiohttp(handler, request, status, exc, message)
    log.info("request_unreadable", reason=type(exc).__name__)
    response = render(Malformed("bad_request", "The request is ambiguous or cannot be read."))
    response.force_close()
    return response


web.RequestHandler.handle_error = _refused_by_the_parser  # type: ignore[method-assign,assignment]
