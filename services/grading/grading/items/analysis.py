"""Item analysis by classical test theory, with the formulas of Moodle's quiz statistics report.

x is the mark of an item, T an attempt's total, R = T − x; moments are sample moments (n − 1). Marks are whole numbers
of a common fraction of a point, so that every sum is exact and only the last step, a root or a quotient, is rounded:
a variance is 0 exactly when nothing varies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from grading.domain import SMALLEST_CLASS, rounded

_WIDE = Context(prec=50)
_HARD, _EASY = Fraction(1, 5), Fraction(19, 20)


@dataclass(frozen=True)
class Item:
    """A question's figures; null where there is nothing to divide by."""

    n: int
    mean: Decimal
    facility: Decimal | None
    standard_deviation: Decimal
    discrimination_index: Decimal | None
    discriminative_efficiency: Decimal | None
    choices: Sequence["Choice"]
    findings: Sequence[str]


@dataclass(frozen=True)
class Choice:
    """How many chose it: of all, of the third with the highest totals, of the third with the lowest."""

    choice_id: str
    text: str
    correct: bool
    chosen: int
    percent: Decimal
    top: int
    bottom: int


@dataclass(frozen=True)
class Whole:
    """The figures of the whole quiz, in marks; those in percent say so."""

    mean: Decimal
    median: Decimal
    lowest: Decimal
    highest: Decimal
    standard_deviation: Decimal
    skewness: Decimal | None
    kurtosis: Decimal | None
    internal_consistency: Decimal | None
    error_ratio: Decimal | None
    standard_error: Decimal | None


@dataclass(frozen=True)
class Analysis:
    """Of `n` attempts, one a student; without figures when they are too few."""

    n: int
    whole: Whole | None = None
    items: dict[str, Item] = field(default_factory=dict)


@dataclass(frozen=True)
class _Answers:
    """One item: the marks and totals of the attempts it was in, and what they chose."""

    marks: list[int]
    totals: list[int]
    chosen: list[frozenset[str]]


def analyse(questions: Sequence[dict[str, Any]], attempts: Sequence[Sequence[dict[str, Any]]]) -> Analysis:
    """The analysis of attempts, each a list of items {question_id, mark, choices}; an unmarked item is worth 0."""
    if len(attempts) < SMALLEST_CLASS:
        return Analysis(len(attempts))
    scale = _scale(attempts)
    own = [{item["question_id"]: item for item in items} for items in attempts]
    totals = [sum(_whole_mark(item, scale) for item in items.values()) for items in own]
    answers = {id_: _answers(id_, own, totals, scale) for id_ in (question["question_id"] for question in questions)}
    items = {
        question["question_id"]: _item(question, found, scale)
        for question in questions
        if len((found := answers[question["question_id"]]).marks) >= SMALLEST_CLASS
    }
    variances = [_variance(found.marks) for found in answers.values() if len(found.marks) > 1]
    return Analysis(len(attempts), _whole(totals, variances, scale), items)


def _scale(attempts: Sequence[Sequence[dict[str, Any]]]) -> int:
    """The power of ten that makes every mark whole."""
    exponents = (Decimal(item["mark"]).as_tuple().exponent for items in attempts for item in items if item["mark"])
    return int(10 ** max(0, *(-int(exponent) for exponent in exponents), 0))


def _whole_mark(item: dict[str, Any], scale: int) -> int:
    return int(Decimal(item["mark"] or 0) * scale)


def _answers(
    question_id: str, attempts: Sequence[dict[str, dict[str, Any]]], totals: Sequence[int], scale: int
) -> _Answers:
    having = [(own[question_id], total) for own, total in zip(attempts, totals, strict=True) if question_id in own]
    return _Answers(
        [_whole_mark(item, scale) for item, _ in having],
        [total for _, total in having],
        [frozenset(item["choices"]) for item, _ in having],
    )


# --- Moments, exact ------------------------------------------------------------------------------------


def _deviations(values: Sequence[int]) -> list[int]:
    """n·(x − mean), which is whole."""
    total = sum(values)
    return [len(values) * value - total for value in values]


def _products(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(one * other for one, other in zip(left, right, strict=True))


def _variance(values: Sequence[int]) -> Fraction:
    n, deviations = len(values), _deviations(values)
    return Fraction(_products(deviations, deviations), n * n * (n - 1))


def _decimal(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _root(value: Fraction) -> Decimal:
    return _WIDE.sqrt(_decimal(value))


# --- A question ----------------------------------------------------------------------------------------


def _item(question: dict[str, Any], answers: _Answers, scale: int) -> Item:
    n, most = len(answers.marks), Fraction(Decimal(question["max_mark"]))
    mean = Fraction(sum(answers.marks), n * scale)
    facility = mean / most if most else None
    index, efficiency = _discrimination(answers)
    choices = [_choice(choice, answers) for choice in question["choices"]]
    return Item(
        n=n,
        mean=rounded(_decimal(mean)),
        facility=None if facility is None else rounded(_decimal(facility)),
        standard_deviation=rounded(_root(_variance(answers.marks)) / scale),
        discrimination_index=index,
        discriminative_efficiency=efficiency,
        choices=choices,
        findings=list(_findings(facility, index, choices)),
    )


def _discrimination(answers: _Answers) -> tuple[Decimal | None, Decimal | None]:
    """100·cov(x,R)/√(var x · var R), and 100·cov(x,R) over the covariance of sorted x with sorted R."""
    rest = [total - mark for mark, total in zip(answers.marks, answers.totals, strict=True)]
    x, r = _deviations(answers.marks), _deviations(rest)
    covariance, spread = _products(x, r), _products(x, x) * _products(r, r)
    possible = _products(sorted(x), sorted(r))
    index = rounded(_WIDE.divide(Decimal(100 * covariance), _root(Fraction(spread)))) if spread else None
    return index, rounded(_decimal(Fraction(100 * covariance, possible))) if possible else None


def _choice(choice: dict[str, Any], answers: _Answers) -> Choice:
    n = len(answers.chosen)
    order = sorted(range(n), key=lambda place: (answers.totals[place], place))
    took = [choice["choice_id"] in chosen for chosen in answers.chosen]
    return Choice(
        choice_id=choice["choice_id"],
        text=choice["text"],
        correct=choice["correct"],
        chosen=sum(took),
        percent=rounded(Decimal(100 * sum(took)) / n),
        top=sum(took[place] for place in order[n - n // 3 :]),
        bottom=sum(took[place] for place in order[: n // 3]),
    )


def _findings(facility: Fraction | None, index: Decimal | None, choices: Sequence[Choice]) -> Sequence[str]:
    """What a teacher should look at."""
    right = [choice.top for choice in choices if choice.correct]
    wrong = [choice.top for choice in choices if not choice.correct]
    found = {
        "too_hard": facility is not None and facility < _HARD,
        "too_easy": facility is not None and facility > _EASY,
        "negative_discrimination": index is not None and index < 0,
        "best_prefer_a_wrong_choice": bool(right and wrong) and max(wrong) > max(right),
        "never_chosen": any(choice.chosen == 0 for choice in choices),
    }
    return [name for name, is_so in found.items() if is_so]


# --- The quiz ------------------------------------------------------------------------------------------


def _whole(totals: Sequence[int], item_variances: Sequence[Fraction], scale: int) -> Whole:
    n, ordered = len(totals), sorted(totals)
    variance = _variance(totals)
    deviation = _root(variance) / scale
    consistency = _consistency(variance, item_variances)
    ratio = None if consistency is None or consistency > 100 else _root(1 - consistency / 100)
    skewness, kurtosis = _shape(totals)
    return Whole(
        mean=rounded(_decimal(Fraction(sum(totals), n * scale))),
        median=rounded(_decimal(Fraction(ordered[(n - 1) // 2] + ordered[n // 2], 2 * scale))),
        lowest=rounded(_decimal(Fraction(ordered[0], scale))),
        highest=rounded(_decimal(Fraction(ordered[-1], scale))),
        standard_deviation=rounded(deviation),
        skewness=skewness,
        kurtosis=kurtosis,
        internal_consistency=None if consistency is None else rounded(_decimal(consistency)),
        error_ratio=None if ratio is None else rounded(100 * ratio),
        standard_error=None if ratio is None else rounded(ratio * deviation),
    )


def _consistency(variance: Fraction, item_variances: Sequence[Fraction]) -> Fraction | None:
    """100·p/(p − 1)·(1 − Σvar(x)/var(T)) for p items (Cronbach's alpha in percent)."""
    p = len(item_variances)
    return 100 * Fraction(p, p - 1) * (1 - sum(item_variances) / variance) if p > 1 and variance else None


def _shape(totals: Sequence[int]) -> tuple[Decimal | None, Decimal | None]:
    """Skewness k3/k2^(3/2) and kurtosis k4/k2², of Fisher's k statistics."""
    n, deviations = len(totals), _deviations(totals)
    m2, m3, m4 = (Fraction(sum(one**power for one in deviations), n ** (power + 1)) for power in (2, 3, 4))
    if not m2:
        return None, None
    k2 = n * m2 / (n - 1)
    k3 = n * n * m3 / ((n - 1) * (n - 2))
    k4 = n * n * ((n + 1) * m4 - 3 * (n - 1) * m2 * m2) / ((n - 1) * (n - 2) * (n - 3))
    return rounded(_WIDE.divide(_decimal(k3 / k2), _root(k2))), rounded(_decimal(k4 / (k2 * k2)))
