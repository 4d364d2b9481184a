"""Means in exact decimals."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from grading.domain import Spread, Tally, participation, rounded, tally, together, total
from grading.models import plain

PERCENTS = st.decimals(0, 150, places=12)


@given(st.lists(PERCENTS, min_size=1))
def test_the_mean_is_that_of_fractions(percents: list[Decimal]) -> None:
    exact = sum(map(Fraction, percents), Fraction(0)) / len(percents)
    mean = tally(percents).mean
    assert mean is not None
    assert abs(Fraction(mean) - exact) <= Fraction(1, 10**10)


def test_no_result_has_no_mean() -> None:
    assert tally([]).mean is None
    assert tally([None, None]) == Tally(0, Decimal(0))


def test_the_overall_mean_is_over_results_not_over_means() -> None:
    parts = [tally([Decimal(100)]), tally([Decimal(0), Decimal(0), Decimal(0)])]
    assert total(parts).mean == 25


def test_the_widest_scores_have_a_mean() -> None:
    assert tally([Decimal("9" * 38), Decimal("1")]).mean is not None
    assert rounded(Decimal("9" * 42)) == Decimal("9" * 42)


def test_participation() -> None:
    assert participation(3, 2, 2) == 75
    assert participation(0, 0, 5) is None


def test_decimals_are_written_plainly() -> None:
    assert [plain(Decimal(text)) for text in ("78.5000", "100", "0E-10", "1E+2", "0.0000001")] == [
        "78.5",
        "100",
        "0",
        "100",
        "0.0000001",
    ]


def test_quartiles_lie_between_neighbours() -> None:
    spread = together([Spread({Decimal(50): 1, Decimal(100): 1}), Spread({Decimal(50): 1, Decimal("87.5"): 1})])
    assert [spread.quantile(Decimal(n) / 4) for n in range(5)] == [50, 50, Decimal("68.75"), Decimal("90.625"), 100]
    assert spread.tally() == Tally(4, Decimal("287.5"))
    assert Spread({}).quantile(Decimal(0)) is None


def test_the_last_bin_takes_what_is_above() -> None:
    spread = Spread({Decimal(0): 1, Decimal("9.99"): 1, Decimal(10): 1, Decimal(100): 2, Decimal(250): 1})
    assert spread.histogram() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 3]
