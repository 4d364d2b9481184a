"""The shapes of answers, and how typed text and numbers are read."""

import hashlib
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from classroom.quizzes.questions.models import QuestionKind

Value = Any
LONGEST_TEXT = 500
LONGEST_ESSAY = 50_000
_LONGEST_NUMBER = 60

SHAPES = {
    QuestionKind.SINGLE_CHOICE: "the id of a choice",
    QuestionKind.MULTIPLE_CHOICE: "a list of ids of choices, each once",
    QuestionKind.TRUE_FALSE: "true or false",
    QuestionKind.NUMERIC: 'an object like {"number": "9.81", "unit": "m"}; the unit may be left out',
    QuestionKind.SHORT_TEXT: f"a text of at most {LONGEST_TEXT} characters",
    QuestionKind.MATCHING: "an object of ids of rights by ids of lefts",
    QuestionKind.ORDERING: "the list of all ids of items",
    QuestionKind.ESSAY: f"a text of at most {LONGEST_ESSAY} characters",
}


def fits(kind: str, options: Mapping[str, frozenset[str]], value: Value) -> bool:
    """Whether `value` is an answer of this shape; `options` are the ids by what they are for. None clears an answer."""
    if value is None:
        return True
    match kind:
        case QuestionKind.SINGLE_CHOICE:
            return isinstance(value, str) and value in options["choices"]
        case QuestionKind.MULTIPLE_CHOICE:
            return _are_distinct(value) and options["choices"].issuperset(value)
        case QuestionKind.TRUE_FALSE:
            return isinstance(value, bool)
        case QuestionKind.NUMERIC:
            return _is_quantity(value)
        case QuestionKind.SHORT_TEXT:
            return _is_text(value, LONGEST_TEXT)
        case QuestionKind.MATCHING:
            return (
                isinstance(value, dict)
                and options["lefts"].issuperset(value)
                and all(isinstance(right, str) and right in options["rights"] for right in value.values())
            )
        case QuestionKind.ORDERING:
            return _are_distinct(value) and options["items"] == frozenset(value)
        case _:
            return _is_text(value, LONGEST_ESSAY)


def _is_text(value: Value, longest: int) -> bool:
    # U+0000 cannot be stored: one such answer would fail the whole group that it is committed with.
    return isinstance(value, str) and len(value) <= longest and "\0" not in value


def _are_distinct(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(it, str) for it in value) and len(set(value)) == len(value)


def _is_quantity(value: Value) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"number", "unit"}
        and _is_text(value.get("number"), _LONGEST_NUMBER)
        and (value.get("unit") is None or _is_text(value["unit"], _LONGEST_NUMBER))
    )


def is_blank(value: Value) -> bool:
    """Whether nothing was answered: blank text, no choice."""
    if isinstance(value, dict) and "number" in value:
        value = value["number"]
    return not value.strip() if isinstance(value, str) else value is None or value in ([], {})


def hash_of(value: Value) -> str:
    """SHA-256 of an answer's JSON with sorted keys and no spaces, in hexadecimal: what `saved` and receipts show."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def normal_text(text: str, case_sensitive: bool = False, ignore_accents: bool = False) -> str:
    """Text as it is compared: compatibility forms unified, spaces collapsed; small letters, no accents if wished."""
    if text.isascii():
        return " ".join((text if case_sensitive else text.lower()).split())
    text = unicodedata.normalize("NFKC", text)
    if not case_sensitive:
        text = unicodedata.normalize("NFKC", text.casefold())
    if ignore_accents:
        bare = (it for it in unicodedata.normalize("NFD", text) if unicodedata.category(it) != "Mn")
        text = unicodedata.normalize("NFKC", "".join(bare))
    return " ".join(text.split())


def read_number(text: str) -> Decimal | None:
    """The number somebody typed, with a decimal point or comma; None when it is none, or absurdly large or small."""
    text = "".join(unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").split())
    if "." not in text and text.count(",") == 1:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and (number == 0 or -60 <= number.adjusted() <= 60) else None
