"""`ETag` and `If-Match`: the number of an edition, so that nobody overwrites what they have not seen."""

import re

from aiohttp import hdrs, web

from chassis.errors import Invalid

# The gateway marks the ETags of what it compresses as weak.
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')


def etag(edition: int) -> dict[str, str]:
    """The header that names an edition."""
    return {hdrs.ETAG: f'"{edition}"'}


def expected(request: web.Request) -> int | None:
    """The edition a change is meant for; None when the caller does not say. Raises Invalid."""
    return edition(request.headers.get(hdrs.IF_MATCH))


def edition(if_match: str | None) -> int | None:
    """The edition that an `If-Match` header names; None for `*` or no header. Raises Invalid."""
    given = "*" if if_match is None else if_match.strip()
    if given == "*":
        return None
    if (match := _ETAG.fullmatch(given)) is None:
        raise Invalid(f"header.{hdrs.IF_MATCH}", "Send the ETag of what you read, unchanged.")
    return int(match[1])
