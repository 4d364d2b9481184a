"""Errors a service answers with: each has a slug, and its status is fixed here alone.

This module knows nothing of HTTP libraries, so that domain code may raise these errors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused field: `field` is its path (`body.name`, `query.limit`), `message` says what to do."""

    field: str
    message: str
    code: str = "invalid"


class HomeroomError(Exception):
    """An expected failure, answered as a problem document (RFC 9457)."""

    status = 500
    title = "Internal error"

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class Malformed(HomeroomError):
    """The request cannot be read at all: broken JSON, wrong content type."""

    status = 400
    title = "Malformed request"


class Unauthenticated(HomeroomError):
    """No valid access token; `WWW-Authenticate` is added by the problem renderer."""

    status = 401
    title = "Sign in first"

    def __init__(self, code: str = "unauthenticated", detail: str = "A valid access token is needed.") -> None:
        super().__init__(code, detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(HomeroomError):
    """The caller is known but may not do this."""

    status = 403
    title = "Not allowed"

    def __init__(self, code: str = "forbidden", detail: str = "Your role may not do this.") -> None:
        super().__init__(code, detail)


class NotFound(HomeroomError):
    """Nothing there, or nothing the caller may know of: both answer alike."""

    status = 404
    title = "Not found"

    def __init__(self, what: str) -> None:
        super().__init__("not_found", f"There is no such {what}.")


class Conflict(HomeroomError):
    """The request contradicts the present state."""

    status = 409
    title = "Conflict"


class Gone(HomeroomError):
    """It was there once and will not come back."""

    status = 410
    title = "Gone"


class PreconditionFailed(HomeroomError):
    """`If-Match` names an older version; `current` is the value that stands now."""

    status = 412
    title = "Changed by someone else"

    def __init__(self, current: Any, yours: Any = None) -> None:
        super().__init__(
            "precondition_failed",
            "It was changed since you read it. Compare both values and send yours again.",
            extra={"current": current, "yours": yours},
        )


class TooLarge(HomeroomError):
    """The body is larger than this route takes."""

    status = 413
    title = "Too large"


class Invalid(HomeroomError):
    """One or more fields are wrong; `errors` names each."""

    status = 422
    title = "Invalid input"

    def __init__(self, field: str, message: str, code: str = "invalid") -> None:
        super().__init__(code, message, errors=[FieldError(field, message, code)])

    @classmethod
    def many(cls, errors: Sequence[FieldError], count: int | None = None) -> "Invalid":
        """Report several wrong fields at once, the first of `count`."""
        problem = cls(errors[0].field, errors[0].message)
        problem.detail = f"{count or len(errors)} field(s) are wrong."
        problem.errors = tuple(errors)
        return problem


class UpgradeRequired(HomeroomError):
    """The address is a WebSocket's."""

    status = 426
    title = "Upgrade required"

    def __init__(self) -> None:
        super().__init__(
            "upgrade_required", "Open a WebSocket here.", headers={"Upgrade": "websocket", "Connection": "upgrade"}
        )


class TooMany(HomeroomError):
    """A limit is used up; `retry_after` is in seconds."""

    status = 429
    title = "Too many requests"

    def __init__(self, retry_after: int, code: str = "too_many_requests", detail: str = "Try again later.") -> None:
        super().__init__(code, detail, headers={"Retry-After": str(retry_after)})


class Unavailable(HomeroomError):
    """A part that is needed is away for now; `retry_after` is in seconds."""

    status = 503
    title = "Temporarily unavailable"

    def __init__(
        self, detail: str = "Try again in a few seconds.", retry_after: int = 2, code: str = "unavailable"
    ) -> None:
        super().__init__(code, detail, headers={"Retry-After": str(retry_after)})


class Busy(HomeroomError):
    """More is asked of this process than it can do in time; told to the caller alone, since there are many of them."""

    status = 503
    title = "Too much at once"

    def __init__(self) -> None:
        super().__init__("busy", "Too much is asked at once. Try again in a second.", headers={"Retry-After": "1"})
