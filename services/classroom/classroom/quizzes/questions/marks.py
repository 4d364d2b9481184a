"""What an answer earns: exact fractions, rounded once to four places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from chassis.db import Row
from classroom.quizzes.questions import values
from classroom.quizzes.questions.models import Credit, QuestionKind

_PLACES = Decimal("0.0001")
_ZERO = Decimal(0)
_OPTIONS = ("choices", "lefts", "rights", "items")
FULL, NOTHING = Fraction(1), Fraction(0)


@dataclass(frozen=True, slots=True)
class Marker:
    """What it takes to judge answers to one question; made once and used for every answer."""

    question_id: UUID
    kind: QuestionKind
    points: Decimal
    options: Mapping[str, frozenset[str]]
    key: Mapping[str, Any]
    key_version: int

    @classmethod
    def of(cls, row: Row) -> "Marker":
        """From a row of `questions`, its key included."""
        body = row["body"]
        options = {name: frozenset(it["id"] for it in body[name]) for name in _OPTIONS if name in body}
        return cls(
            row["id"], QuestionKind(row["kind"]), Decimal(row["points"]), options, row["key"], row["key_version"]
        )

    def fits(self, value: values.Value) -> bool:
        """Whether the value is an answer to this question."""
        return values.fits(self.kind, self.options, value)

    def mark(self, value: values.Value) -> Decimal | None:
        """Points earned; None when a person has to decide."""
        credit = self.credit(value)
        if credit is None:
            return None
        # Most answers are right or wrong, and a class sends thousands a second.
        if credit == 0 or credit == 1:
            return self.points if credit else _ZERO
        return _rounded(self.points * credit.numerator / credit.denominator)

    def credit(self, value: values.Value) -> Fraction | None:
        """The part of the points earned, 0 to 1; None when a person has to decide."""
        if self.key["void"]:
            return FULL
        if values.is_blank(value):
            return NOTHING
        if self.kind == QuestionKind.ESSAY:
            return None
        return min(max(_JUDGES[self.kind](self.key, value), NOTHING), FULL)

    def chosen(self, value: values.Value) -> list[str]:
        """The ids of the choices an answer picked, for statistics."""
        if self.kind == QuestionKind.TRUE_FALSE and isinstance(value, bool):
            return [self.key["true_id" if value else "false_id"]]
        if self.kind == QuestionKind.SINGLE_CHOICE and isinstance(value, str):
            return [value]
        return list(value) if self.kind == QuestionKind.MULTIPLE_CHOICE and isinstance(value, list) else []


def _rounded(points: Decimal) -> Decimal:
    return points.quantize(_PLACES, ROUND_HALF_UP).normalize() + 0


def _percent(value: str) -> Fraction:
    return Fraction(value) / 100


def _single(key: Mapping[str, Any], value: str) -> Fraction:
    chosen = next(it for it in key["choices"] if it["id"] == value)
    return _percent(chosen["weight"]) if key["credit"] == Credit.WEIGHTED else Fraction(chosen["correct"])


def _multiple(key: Mapping[str, Any], value: Sequence[str]) -> Fraction:
    """`partial`: (right - wrong) / all right ones. `per_choice`: choices decided rightly / all choices."""
    chosen, choices = set(value), key["choices"]
    correct = {it["id"] for it in choices if it["correct"]}
    match key["credit"]:
        case Credit.ALL_OR_NOTHING:
            return Fraction(chosen == correct)
        case Credit.PARTIAL:
            return Fraction(len(chosen & correct) - len(chosen - correct), len(correct))
        case Credit.PER_CHOICE:
            return Fraction(len(choices) - len(chosen ^ correct), len(choices))
        case _:
            return sum((_percent(it["weight"]) for it in choices if it["id"] in chosen), NOTHING)


def _true_false(key: Mapping[str, Any], value: bool) -> Fraction:
    return Fraction(value == key["answer"])


def _numeric(key: Mapping[str, Any], value: Mapping[str, Any]) -> Fraction:
    number = values.read_number(value["number"])
    if number is None or (key["unit_required"] and _unit(value.get("unit")) != _unit(key["unit"])):
        return NOTHING
    return max((_percent(it["credit"]) for it in key["accepted"] if _is_near(it, Fraction(number))), default=NOTHING)


def _unit(text: str | None) -> str:
    # Small and capital letters differ: mW is no MW.
    return values.normal_text(text or "", True).replace(" ", "")


def _is_near(accepted: Mapping[str, Any], number: Fraction) -> bool:
    expected, tolerance = Fraction(accepted["value"]), Fraction(accepted["tolerance"])
    if accepted["tolerance_in_percent"]:
        tolerance = abs(expected) * tolerance / 100
    return abs(number - expected) <= tolerance


def _short_text(key: Mapping[str, Any], value: str) -> Fraction:
    how = key["case_sensitive"], key["ignore_accents"]
    given = values.normal_text(value, *how)
    earned = [_percent(it["credit"]) for it in key["accepted"] if _accepted_text(it["text"], *how) == given]
    return max(earned, default=NOTHING)


@lru_cache(maxsize=10_000)
def _accepted_text(text: str, case_sensitive: bool, ignore_accents: bool) -> str:
    return values.normal_text(text, case_sensitive, ignore_accents)


def _matching(key: Mapping[str, Any], value: Mapping[str, str]) -> Fraction:
    # Two rights that read alike are the same answer.
    texts = {it["right_id"]: it["right"] for it in key["pairs"]} | {it["id"]: it["text"] for it in key["distractors"]}
    right = sum(texts.get(value.get(it["id"], "")) == it["right"] for it in key["pairs"])
    return _counted(key, right, len(key["pairs"]))


def _ordering(key: Mapping[str, Any], value: Sequence[str]) -> Fraction:
    """`partial`: items in their own place / all items."""
    right = sum(given == it["id"] for given, it in zip(value, key["items"], strict=True))
    return _counted(key, right, len(key["items"]))


def _counted(key: Mapping[str, Any], right: int, count: int) -> Fraction:
    return Fraction(right, count) if key["credit"] == Credit.PARTIAL else Fraction(right == count)


_JUDGES: Mapping[QuestionKind, Callable[[Mapping[str, Any], Any], Fraction]] = {
    QuestionKind.SINGLE_CHOICE: _single,
    QuestionKind.MULTIPLE_CHOICE: _multiple,
    QuestionKind.TRUE_FALSE: _true_false,
    QuestionKind.NUMERIC: _numeric,
    QuestionKind.SHORT_TEXT: _short_text,
    QuestionKind.MATCHING: _matching,
    QuestionKind.ORDERING: _ordering,
}
