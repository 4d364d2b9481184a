"""What travels: typed frames, encoded once to the very bytes that every transport gets."""

from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from chassis.errors import FieldError
from chassis.model import Body
from chassis.realtime.codes import Close
from chassis.realtime.parser import UnreadableError

PING = b"\x89\x00"
_FIN_TEXT, _FIN_CLOSE, _FIN_PONG = 0x81, 0x88, 0x8A
_NAMED_ERRORS = 5
_UNKNOWN = {"union_tag_invalid", "union_tag_not_found", "model_attributes_type", "dict_type", "model_type"}


class Refresh(Body):
    """Client → server: a newer access token of the same person, so that the socket outlives the first."""

    type: Literal["refresh"]
    token: str


class Refreshed(Body):
    """Server → client: the socket may now stay until `expires_at` (Unix seconds)."""

    type: Literal["refreshed"] = "refreshed"
    expires_at: int


class Moving(Body):
    """Server → client: this server stops; connect again after `after_ms` milliseconds."""

    type: Literal["moving"] = "moving"
    after_ms: int


class ErrorField(Body):
    """One refused field of a frame."""

    field: str
    message: str
    code: str


class Error(Body):
    """Server → client: a frame was refused and changed nothing. `ref` is its `client_id` (or `ref`), if it had one."""

    type: Literal["error"] = "error"
    code: str
    detail: str
    ref: str | None = None
    errors: tuple[ErrorField, ...] = ()
    retry_after_ms: int | None = None


class RefusedError(Exception):
    """A frame of a known type with wrong fields: answered, not punished."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.detail)
        self.error = error


def pack(frame: Body | bytes) -> bytes:
    """One whole unmasked text frame (RFC 6455, 5.2) of a model or of ready JSON."""
    payload = frame if isinstance(frame, bytes) else frame.model_dump_json().encode()
    size = len(payload)
    if size < 126:
        return bytes((_FIN_TEXT, size)) + payload
    if size < 65536:
        return bytes((_FIN_TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_FIN_TEXT, 127)) + size.to_bytes(8, "big") + payload


def close_frame(code: int | None, reason: str = "") -> bytes:
    """The last frame of a side; `reason` at most 123 bytes."""
    payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
    return bytes((_FIN_CLOSE, len(payload))) + payload


def pong(payload: bytes) -> bytes:
    """The answer to a ping, with what it carried."""
    return bytes((_FIN_PONG, len(payload))) + payload


def parse(incoming: TypeAdapter[Any], text: str) -> Any:
    """The frame of a closed vocabulary. Raises UnreadableError, RefusedError."""
    try:
        return incoming.validate_json(text)
    except ValidationError as error:
        raise _refusal(error, text) from None


def _refusal(error: ValidationError, text: str) -> Exception:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]["type"]
    if first == "json_invalid":
        return UnreadableError(Close.BAD_JSON)
    if first in _UNKNOWN and not _is_field(error):
        return UnreadableError(Close.UNKNOWN_TYPE)
    fields = tuple(_fields(error))
    return RefusedError(
        Error(
            code="invalid",
            detail="; ".join(f"{item.field}: {item.message}" for item in fields),
            ref=_reference(text),
            errors=tuple(ErrorField(field=item.field, message=item.message, code=item.code) for item in fields),
        )
    )


def _is_field(error: ValidationError) -> bool:
    return len(error.errors()[0]["loc"]) > 1


def _fields(error: ValidationError) -> list[FieldError]:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    # The first part of the path names the type of frame.
    return [
        FieldError(".".join(map(str, item["loc"][1:])), item["msg"], item["type"]) for item in details[:_NAMED_ERRORS]
    ]


_REFERENCES: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def _reference(text: str) -> str | None:
    document = _REFERENCES.validate_json(text)
    found = document.get("client_id") or document.get("ref")
    return found[:200] if isinstance(found, str) else None
