"""Item analysis against numpy, and where there is nothing to divide by."""

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grading.items.analysis import Analysis, analyse

Numbers = NDArray[np.float64]
MARKS = st.decimals(0, 5, places=2)
OULAD = Path(__file__).resolve().parents[5] / "shared" / "data" / "oulad-oneroster.zip"


def questions(count: int, max_mark: str = "5") -> list[dict[str, Any]]:
    return [{"question_id": f"q{n}", "max_mark": max_mark, "choices": []} for n in range(count)]


def attempts(marks: Sequence[Sequence[Decimal]]) -> list[list[dict[str, Any]]]:
    return [[{"question_id": f"q{n}", "mark": str(mark), "choices": []} for n, mark in enumerate(row)] for row in marks]


@st.composite
def tables(draw: st.DrawFn) -> list[list[Decimal]]:
    items = draw(st.integers(1, 6))
    return draw(st.lists(st.lists(MARKS, min_size=items, max_size=items), min_size=5, max_size=30))


def near(found: Decimal | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    return abs(float(found) - wanted) <= 1e-9 * max(1.0, abs(wanted))


def covariance(left: Numbers, right: Numbers) -> float:
    return float(np.cov(left, right, ddof=1)[0, 1])


def check_item(analysis: Analysis, n: int, x: Numbers, total: Numbers, most: float = 5) -> None:
    item, rest = analysis.items[f"q{n}"], total - x
    varies = np.ptp(x) > 0 and np.ptp(np.round(rest, 6)) > 0
    assert near(item.facility, float(x.mean() / most))
    assert near(item.standard_deviation, float(x.std(ddof=1)))
    index = 100 * covariance(x, rest) / np.sqrt(x.var(ddof=1) * rest.var(ddof=1)) if varies else None
    assert near(item.discrimination_index, index)
    efficiency = 100 * covariance(x, rest) / covariance(np.sort(x), np.sort(rest)) if varies else None
    assert near(item.discriminative_efficiency, efficiency)


def check_whole(analysis: Analysis, marks: Numbers) -> None:
    whole, total, n = analysis.whole, marks.sum(axis=1), len(marks)
    assert whole is not None
    assert near(whole.mean, float(total.mean()))
    assert near(whole.median, float(np.median(total)))
    assert near(whole.standard_deviation, float(total.std(ddof=1)))
    if np.ptp(np.round(total, 6)) == 0:
        assert (whole.skewness, whole.kurtosis, whole.internal_consistency) == (None, None, None)
        return
    centred = total - total.mean()
    m2, m3, m4 = (float((centred**power).mean()) for power in (2, 3, 4))
    k2 = n / (n - 1) * m2
    k3 = n**2 / ((n - 1) * (n - 2)) * m3
    k4 = n**2 * ((n + 1) * m4 - 3 * (n - 1) * m2**2) / ((n - 1) * (n - 2) * (n - 3))
    assert near(whole.skewness, k3 / k2**1.5)
    assert near(whole.kurtosis, k4 / k2**2)
    p = marks.shape[1]
    alpha = 100 * p / (p - 1) * (1 - marks.var(axis=0, ddof=1).sum() / total.var(ddof=1)) if p > 1 else None
    assert near(whole.internal_consistency, alpha)
    if alpha is not None:
        error = np.sqrt(max(0.0, 1 - alpha / 100)) * total.std(ddof=1)
        assert whole.standard_error is not None
        assert abs(float(whole.standard_error) ** 2 - error**2) <= 1e-9 * max(1.0, error**2)


@given(tables())
def test_figures_are_those_of_numpy(marks: list[list[Decimal]]) -> None:
    analysis = analyse(questions(len(marks[0])), attempts(marks))
    as_floats = np.array(marks, dtype=np.float64)
    check_whole(analysis, as_floats)
    for n in range(as_floats.shape[1]):
        check_item(analysis, n, as_floats[:, n], as_floats.sum(axis=1))


def test_a_thousand_students_of_different_ability() -> None:
    chance = np.random.default_rng(7)
    ability = chance.normal(size=(1000, 1))
    marks = np.clip(np.round(2.5 + ability + chance.normal(size=(1000, 20)), 2), 0, 5)
    rows = [[Decimal(str(mark)) for mark in row] for row in marks.tolist()]
    analysis = analyse(questions(20), attempts(rows))
    check_whole(analysis, marks)
    for n in range(20):
        check_item(analysis, n, marks[:, n], marks.sum(axis=1))
        assert (analysis.items[f"q{n}"].discrimination_index or 0) > 40


@pytest.mark.skipif(not OULAD.exists(), reason="the package of the Open University is not here")
def test_a_real_course() -> None:
    """The works of one course as items, its students who did them all as attempts."""
    rows = [list(own.values()) for own in real_marks("class-FFF-2013J").values()]
    most = max(map(len, rows))
    whole = [row for row in rows if len(row) == most]
    analysis = analyse(questions(most, "100"), attempts(whole))
    marks = np.array(whole, dtype=np.float64)
    assert analysis.n == len(whole) > 900
    check_whole(analysis, marks)
    for n in range(most):
        check_item(analysis, n, marks[:, n], marks.sum(axis=1), 100)


def real_marks(classroom: str) -> dict[str, dict[str, Decimal]]:
    """Of each student the score of each work of a classroom, the works in one order."""
    found: dict[str, dict[str, Decimal]] = {}
    with ZipFile(OULAD) as package, package.open("results.csv") as raw:
        for row in csv.DictReader(TextIOWrapper(raw, "utf-8")):
            if row["classSourcedId"] == classroom and row["score"]:
                found.setdefault(row["studentSourcedId"], {})[row["lineItemSourcedId"]] = Decimal(row["score"])
    return {student: dict(sorted(own.items())) for student, own in found.items()}


@pytest.mark.parametrize("n", [0, 4])
def test_too_few_attempts_have_no_figures(n: int) -> None:
    assert analyse(questions(2), attempts([[Decimal(1), Decimal(2)]] * n)) == Analysis(n)


def test_what_does_not_vary_divides_nothing() -> None:
    analysis = analyse(questions(2), attempts([[Decimal("0.1"), Decimal("0.2")]] * 7))
    item = analysis.items["q0"]
    assert item.standard_deviation == 0
    assert (item.discrimination_index, item.discriminative_efficiency) == (None, None)
    assert analysis.whole is not None
    assert analysis.whole.internal_consistency is None


def test_an_unmarked_item_is_worth_nothing_and_an_item_few_had_is_hidden() -> None:
    rows = attempts([[Decimal(n), Decimal(1)] for n in range(6)])
    rows[0][0]["mark"] = None
    for row in rows[:2]:
        del row[1]
    analysis = analyse(questions(2), rows)
    assert list(analysis.items) == ["q0"]
    assert analysis.items["q0"].mean == Decimal("2.5")


def test_distractors() -> None:
    choices = [
        {"choice_id": name, "text": name.upper(), "correct": name == "right"} for name in ("right", "wrong", "odd")
    ]
    rows: list[list[dict[str, Any]]] = []
    for n in range(9):
        took = "wrong" if n >= 6 else "right"
        items = [{"question_id": "q0", "mark": "0" if took == "wrong" else "1", "choices": [took]}]
        rows.append([*items, {"question_id": "rest", "mark": str(n), "choices": []}])
    analysis = analyse([{"question_id": "q0", "max_mark": "1", "choices": choices}], rows)
    item = analysis.items["q0"]
    assert [(one.text, one.chosen, one.top, one.bottom) for one in item.choices] == [
        ("RIGHT", 6, 0, 3),
        ("WRONG", 3, 3, 0),
        ("ODD", 0, 0, 0),
    ]
    assert set(item.findings) == {"negative_discrimination", "best_prefer_a_wrong_choice", "never_chosen"}
