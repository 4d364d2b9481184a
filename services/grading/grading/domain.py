"""Means and spreads of percents, in exact decimals."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from itertools import accumulate

SMALLEST_CLASS = 5
"""What fewer students have for an assignment is in no average that a student sees: it could tell of one of them."""

_TEN_DIGITS = Decimal("1E-10")
_TWELVE_DIGITS = Decimal("1E-12")
_WIDE = Context(prec=120)
"""Wide enough for the quotient of any two scores an event may carry."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many results there are, and the sum of their percents."""

    results: int = 0
    percent_sum: Decimal = Decimal(0)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.results + other.results, self.percent_sum + other.percent_sum)

    @property
    def mean(self) -> Decimal | None:
        """The mean percent, to ten digits; None when there is no result."""
        return rounded(_WIDE.divide(self.percent_sum, Decimal(self.results))) if self.results else None


def tally(percents: Iterable[Decimal | None]) -> Tally:
    """The tally of those percents that are there."""
    present = [percent for percent in percents if percent is not None]
    return Tally(len(present), sum(present, Decimal(0)))


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    return sum(tallies, Tally())


class Spread:
    """How often each percent occurs among some results; what it tells of no results is None."""

    def __init__(self, counts: Mapping[Decimal, int]) -> None:
        self.counts = counts
        self._percents = sorted(counts)
        self._ends = list(accumulate(counts[percent] for percent in self._percents))

    def tally(self) -> Tally:
        """All of them together."""
        return Tally(sum(self.counts.values()), sum((p * count for p, count in self.counts.items()), Decimal(0)))

    def quantile(self, fraction: Decimal) -> Decimal | None:
        """The value at `fraction` of the ascending results, between two neighbours by distance."""
        if not self._ends:
            return None
        whole, part = divmod(fraction * (self._ends[-1] - 1), 1)
        low = self._at(int(whole))
        return rounded(low + part * (self._at(int(whole) + 1) - low)) if part else low

    def _at(self, place: int) -> Decimal:
        return self._percents[bisect_right(self._ends, place)]

    def histogram(self) -> list[int]:
        """Results by bins of ten percent; the last takes 100 and above."""
        bins = [0] * 10
        for percent, count in self.counts.items():
            bins[max(0, min(int(percent // 10), 9))] += count
        return bins


def together(spreads: Iterable[Spread]) -> Spread:
    """All of them in one."""
    counts = Counter[Decimal]()
    for spread in spreads:
        counts.update(spread.counts)
    return Spread(counts)


def rounded(value: Decimal) -> Decimal:
    """To ten digits after the point."""
    return value.quantize(_TEN_DIGITS, context=_WIDE)


@lru_cache(maxsize=10_000)
def percent_of(score: Decimal, max_score: Decimal) -> Decimal:
    """100·score/max, to the twelve digits that the facts keep; `max_score` must not be 0.

    Remembered: a class has few different scores, and the division is the dearest step of a gradebook's cell.
    """
    return _WIDE.divide(_WIDE.multiply(Decimal(100), score), max_score).quantize(
        _TWELVE_DIGITS, ROUND_HALF_UP, context=_WIDE
    )


def participation(results: int, students: int, quizzes: int) -> Decimal | None:
    """The percent of the results there could be that there are; None when there could be none."""
    possible = students * quizzes
    return rounded(Decimal(100 * results) / possible) if possible else None
