"""Cursor paging: `?limit=&cursor=` in, `items` and `next_cursor` out."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import orjson
from pydantic import Field

from chassis.db import Row
from chassis.errors import Invalid
from chassis.model import Body

T = TypeVar("T")
_LARGEST = 2**63
# A cursor may hold a name or title: 500 characters at most, of which JSON makes up to six bytes each, and Base64 eight.
_LONGEST = 4500


class PageQuery(Body):
    """What a list is asked with."""

    limit: int = Field(50, ge=1, le=200, description="How many items at most")
    cursor: str | None = Field(None, max_length=_LONGEST, description="`next_cursor` of the page before")


class Page(Body, Generic[T]):
    """One page of a list; `next_cursor` is null on the last."""

    items: Sequence[T]
    next_cursor: str | None = None


def encode_cursor(*position: Any) -> str:
    """An opaque cursor from the sort values of the last item shown."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).decode().rstrip("=")


def page_of(rows: list[Row], limit: int, *key: str) -> tuple[list[Row], str | None]:
    """Of rows read one past `limit`, those to show, and the next page's cursor from the last one's columns `key`."""
    shown = rows[:limit]
    return shown, encode_cursor(*(shown[-1][column] for column in key)) if len(rows) > limit else None


def decode_cursor(cursor: str | None, *parsers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The position a cursor holds, each value through its parser; raises Invalid when it is not ours."""
    if cursor is None:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = tuple(parse(str(value)) for parse, value in zip(parsers, values, strict=True))
        if "\x00" in "".join(map(str, position)):
            raise ValueError("U+0000")
    except (ValueError, TypeError, ArithmeticError, binascii.Error):
        raise Invalid("query.cursor", "Use the next_cursor of the page before, unchanged.") from None
    return position


def whole(text: str) -> int:
    """The parser of a number that is a bigint in the database."""
    number = int(text)
    if not -_LARGEST <= number < _LARGEST:
        raise ValueError("not a bigint")
    return number
