"""Means of percents, in exact decimals."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

SMALLEST_CLASS = 5
"""An average of fewer students is never shown to a student: it could tell of one of them."""

_TEN_DIGITS = Decimal("1E-10")
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


def rounded(value: Decimal) -> Decimal:
    """To ten digits after the point."""
    return value.quantize(_TEN_DIGITS, context=_WIDE)


def participation(results: int, students: int, quizzes: int) -> Decimal | None:
    """The percent of the results there could be that there are; None when there could be none."""
    possible = students * quizzes
    return rounded(Decimal(100 * results) / possible) if possible else None
