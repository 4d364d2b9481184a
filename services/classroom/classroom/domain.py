"""The words of the service: statuses, kinds, and what a join code looks like."""

import secrets
import unicodedata
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

# No I, L, O, 0 or 1: a code is read from a board and typed by hand.
JOIN_CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
JOIN_CODE_LENGTH = 8


class ClassroomStatus(StrEnum):
    """A deleted classroom is kept, and shown to nobody."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Kind(StrEnum):
    """What an assignment is."""

    MATERIAL = "material"
    LECTURE = "lecture"
    CLASSWORK = "classwork"
    HOMEWORK = "homework"
    QUIZ = "quiz"
    GROUP = "group"


class AssignmentStatus(StrEnum):
    """A draft, scheduled or not, is known to its classroom's teachers alone."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


class Counts(StrEnum):
    """Which attempt of a quiz counts."""

    BEST = "best"
    LATEST = "latest"
    FIRST = "first"
    AVERAGE = "average"


def new_join_code() -> str:
    """A fresh join code: 8 of 31 characters, about 40 bits."""
    return "".join(secrets.choice(JOIN_CODE_ALPHABET) for _ in range(JOIN_CODE_LENGTH))


def normal_join_code(typed: str) -> str:
    """What was typed, without the spaces, dashes and small letters that people add."""
    return "".join(character for character in typed.upper() if character.isalnum())


def kept() -> Any:
    """The default of a patch's field: what stands stays. It is no value, so the documentation shows none."""
    return Field(default_factory=lambda: None)


def named_once(ids: list[UUID]) -> list[UUID]:
    """For lists whose order matters. Raises ValueError."""
    if len(set(ids)) < len(ids):
        raise ValueError("name each of them once")
    return ids


def _one_line(text: str) -> str:
    # Format characters stay: emoji and several scripts are written with joiners.
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("write one line, without control characters")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Colour = Annotated[str, StringConstraints(pattern="^#[0-9a-f]{6}$")]
Points = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=4)]
Score = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]
Moment = AwareDatetime
