"""What an answer earns: exact fractions, rounded once to four places.

A class sends thousands of answers a second, so what a key says is read once, when its marker is made.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from chassis.db import Row
from classroom.quizzes.questions import values
from classroom.quizzes.questions.models import Credit, QuestionKind

_PLACES = Decimal("0.0001")
_ZERO = Decimal(0)
_OPTIONS = ("choices", "lefts", "rights", "items")
FULL, NOTHING = Fraction(1), Fraction(0)

# The part of the points, 0 to 1, that an answer earns which is not blank.
Judge = Callable[[Any], Fraction]


@dataclass(frozen=True, slots=True)
class Marker:
    """What it takes to judge answers to one question; made once and used for every answer."""

    question_id: UUID
    kind: QuestionKind
    points: Decimal
    options: Mapping[str, frozenset[str]]
    key: Mapping[str, Any]
    key_version: int
    judge: Judge | None

    @classmethod
    def of(cls, row: Row) -> "Marker":
        """From a row of `questions`, its key included."""
        kind, body, key = QuestionKind(row["kind"]), row["body"], row["key"]
        options = {name: frozenset(it["id"] for it in body[name]) for name in _OPTIONS if name in body}
        judge = _JUDGES[kind](key) if kind in _JUDGES else None
        return cls(row["id"], kind, Decimal(row["points"]), options, key, row["key_version"], judge)

    def fits(self, value: values.Value) -> bool:
        """Whether the value is an answer to this question."""
        return values.fits(self.kind, self.options, value)

    def mark(self, value: values.Value) -> Decimal | None:
        """Points earned; None when a person has to decide."""
        credit = self.credit(value)
        if credit is None:
            return None
        if not credit:
            return _ZERO
        return self.points if credit == FULL else _rounded(self.points * credit.numerator / credit.denominator)

    def credit(self, value: values.Value) -> Fraction | None:
        """The part of the points earned, 0 to 1; None when a person has to decide."""
        if self.key["void"]:
            return FULL
        if values.is_blank(value):
            return NOTHING
        return self.judge(value) if self.judge else None

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


def _bounded(credit: Fraction) -> Fraction:
    return min(max(credit, NOTHING), FULL)


def _single(key: Mapping[str, Any]) -> Judge:
    if key["credit"] == Credit.WEIGHTED:
        return {it["id"]: _bounded(_percent(it["weight"])) for it in key["choices"]}.__getitem__
    return {it["id"]: FULL if it["correct"] else NOTHING for it in key["choices"]}.__getitem__


def _multiple(key: Mapping[str, Any]) -> Judge:
    """`partial`: (right - wrong) / all right ones. `per_choice`: choices decided rightly / all choices."""
    count, weights = len(key["choices"]), {it["id"]: _percent(it["weight"]) for it in key["choices"]}
    correct = {it["id"] for it in key["choices"] if it["correct"]}
    match key["credit"]:
        case Credit.ALL_OR_NOTHING:
            return lambda value: FULL if set(value) == correct else NOTHING
        case Credit.PARTIAL:
            return lambda value: Fraction(max(2 * len(correct.intersection(value)) - len(value), 0), len(correct))
        case Credit.PER_CHOICE:
            return lambda value: Fraction(count - len(correct.symmetric_difference(value)), count)
        case _:
            return lambda value: _bounded(sum((weights[it] for it in value), NOTHING))


def _true_false(key: Mapping[str, Any]) -> Judge:
    answer = key["answer"]
    return lambda value: FULL if value == answer else NOTHING


def _numeric(key: Mapping[str, Any]) -> Judge:
    accepted = [_range(it) for it in key["accepted"]]
    unit = _unit(key["unit"]) if key["unit_required"] else None

    def judge(value: Mapping[str, Any]) -> Fraction:
        number = values.read_number(value["number"])
        if number is None or (unit is not None and _unit(value.get("unit")) != unit):
            return NOTHING
        exact = Fraction(number)
        return max((credit for low, high, credit in accepted if low <= exact <= high), default=NOTHING)

    return judge


def _unit(text: str | None) -> str:
    # Small and capital letters differ: mW is no MW.
    return values.normal_text(text or "", True).replace(" ", "")


def _range(accepted: Mapping[str, Any]) -> tuple[Fraction, Fraction, Fraction]:
    """The least and the greatest number, and what they earn."""
    expected, tolerance = Fraction(accepted["value"]), Fraction(accepted["tolerance"])
    if accepted["tolerance_in_percent"]:
        tolerance = abs(expected) * tolerance / 100
    return expected - tolerance, expected + tolerance, _percent(accepted["credit"])


def _short_text(key: Mapping[str, Any]) -> Judge:
    how = key["case_sensitive"], key["ignore_accents"]
    earned: dict[str, Fraction] = {}
    for it in key["accepted"]:
        text = values.normal_text(it["text"], *how)
        earned[text] = max(earned.get(text, NOTHING), _percent(it["credit"]))
    return lambda value: earned.get(values.normal_text(value, *how), NOTHING)


def _matching(key: Mapping[str, Any]) -> Judge:
    # Two rights that read alike are the same answer.
    texts = {it["right_id"]: it["right"] for it in key["pairs"]} | {it["id"]: it["text"] for it in key["distractors"]}
    expected, counted = {it["id"]: it["right"] for it in key["pairs"]}, _counted(key, len(key["pairs"]))
    return lambda value: counted[sum(texts.get(value.get(it, "")) == right for it, right in expected.items())]


def _ordering(key: Mapping[str, Any]) -> Judge:
    """`partial`: items in their own place / all items."""
    order, counted = [it["id"] for it in key["items"]], _counted(key, len(key["items"]))
    return lambda value: counted[sum(map(operator.eq, value, order))]


def _counted(key: Mapping[str, Any], count: int) -> list[Fraction]:
    """What so many right parts of `count` earn."""
    if key["credit"] == Credit.PARTIAL:
        return [Fraction(right, count) for right in range(count + 1)]
    return [NOTHING] * count + [FULL]


_JUDGES: Mapping[QuestionKind, Callable[[Mapping[str, Any]], Judge]] = {
    QuestionKind.SINGLE_CHOICE: _single,
    QuestionKind.MULTIPLE_CHOICE: _multiple,
    QuestionKind.TRUE_FALSE: _true_false,
    QuestionKind.NUMERIC: _numeric,
    QuestionKind.SHORT_TEXT: _short_text,
    QuestionKind.MATCHING: _matching,
    QuestionKind.ORDERING: _ordering,
}
