"""How the text of a field becomes a value. A parser raises `ValueError` with a sentence for the report."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,10})?")
_YEAR = re.compile(r"[0-9]{4}")
_EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]{1,60}")
# The form of the HTML standard for <input type=email>.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_CACHED = 4096
# What the tables take that names and titles go into.
LONGEST_NAME = 500


class ToBeDeleted(ValueError):
    """The status of a row of a delta package."""


def identifier(text: str) -> str:
    """A sourcedId: 1 to 255 characters without blanks around it."""
    if len(text) > 255 or text != text.strip():
        raise ValueError("a sourcedId has at most 255 characters and no blanks around it")
    return text


def name(text: str) -> str:
    """What somebody or something is called, as written."""
    if len(text) > LONGEST_NAME:
        raise ValueError(f"a name or title has at most {LONGEST_NAME} characters")
    return text


def status(text: str) -> str:
    """The status of a row of a bulk package: empty or `active`."""
    if text == "tobedeleted":
        raise ToBeDeleted("status `tobedeleted` belongs into a delta package")
    if text != "active":
        raise ValueError("the status is empty or `active`")
    return text


def delta_status(text: str) -> str:
    """The status of a row of a delta package: `active` or `tobedeleted`."""
    if text not in ("active", "tobedeleted"):
        raise ValueError("the status of a changed row is `active` or `tobedeleted`")
    return text


@lru_cache(_CACHED)
def day(text: str) -> date:
    """An ISO 8601 date such as 2026-11-22."""
    if not _DATE.fullmatch(text):
        raise ValueError("a date looks like 2026-11-22")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day") from None


def _moment(text: str, of_day: time) -> datetime:
    if "T" not in text:
        return datetime.combine(day(text), of_day, UTC)
    if not _MOMENT.fullmatch(text):
        raise ValueError("a time looks like 2026-11-22T08:30:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None


@lru_cache(_CACHED)
def moment(text: str) -> datetime:
    """A time, or a date, which means its first second (UTC)."""
    return _moment(text, time(0, 0, 0))


@lru_cache(_CACHED)
def deadline(text: str) -> datetime:
    """A time, or a date, which means its last second (UTC)."""
    return _moment(text, time(23, 59, 59))


def boolean(text: str) -> bool:
    """`true` or `false`."""
    if text not in ("true", "false"):
        raise ValueError("a boolean is `true` or `false`")
    return text == "true"


@lru_cache(_CACHED)
def decimal(text: str) -> Decimal:
    """A plain decimal number: up to 12 digits before and 10 after the point."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("a number has up to 12 digits, a point and up to 10 more; no exponent")
    return Decimal(text)


@lru_cache(_CACHED)
def points(text: str) -> Decimal:
    """A number that is not negative."""
    number = decimal(text)
    if number < 0:
        raise ValueError("the number must not be negative")
    return number


@lru_cache(_CACHED)
def maximum(text: str) -> Decimal:
    """A number above zero: what percents are computed from."""
    number = decimal(text)
    if number <= 0:
        raise ValueError("the maximum must be above zero")
    return number


def year(text: str) -> int:
    """A year of four digits."""
    if not _YEAR.fullmatch(text):
        raise ValueError("a year has four digits")
    return int(text)


def email(text: str) -> str:
    """An e-mail address, as written; none that a mail program reads as another one (an encoded word, RFC 2047)."""
    if len(text) > 254 or "=?" in text or not _EMAIL.fullmatch(text):
        raise ValueError("this is no e-mail address")
    return text


def ids(text: str) -> tuple[str, ...]:
    """A list of sourcedIds separated by commas."""
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts):
        raise ValueError("the list has an empty entry")
    return parts


def one_of(*words: str, extensible: bool = False) -> Callable[[str], str]:
    """A word of a closed vocabulary; an extensible one also takes `ext:…`."""
    known = {word: word for word in words}

    def parse(text: str) -> str:
        word = known.get(text)
        if word is not None:
            return word
        if extensible and _EXTENSION.fullmatch(text):
            return text
        raise ValueError("allowed are " + ", ".join(words))

    return parse
