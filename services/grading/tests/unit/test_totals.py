"""Totals: drop rules against trying every set, the two promises of monotony, and totals that recompute."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from grading.domain import rounded
from grading.gradebook.totals import Item, _group_total, current_total, final_total, letter_of
from grading.gradebook.works import Cell, State, Work, after_deduction, cell_of
from grading.policies.models import Combine, Group, Interval, Late, Letter, Policy, Weighting
from grading.testing import new_id

PERCENTS = st.decimals(0, 110, places=2)
POINTS = st.sampled_from([Decimal(1), Decimal(5), Decimal("7.5"), Decimal(100)])
ITEMS = st.lists(st.tuples(PERCENTS, POINTS), min_size=1, max_size=6)
DROPS = st.integers(0, 3)
LATES = st.none() | st.builds(
    Late, deduction=st.decimals(0, 60, places=1), interval=st.sampled_from(Interval), floor=st.decimals(0, 60, places=1)
)
SECONDS = st.sampled_from([0, 0, 1, 3600, 86_400, 86_401, 500_000])
KINDS = ["quiz", "homework", "group"]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def mean(items: list[tuple[Decimal, Decimal]]) -> Fraction:
    weight = sum(Fraction(points) for _, points in items)
    return sum((Fraction(percent) * Fraction(points) for percent, points in items), Fraction(0)) / weight


def by_every_set(items: list[tuple[Decimal, Decimal]], lowest: int, highest: int) -> Fraction:
    """The definition: the maximum over the low sets of the minimum over the high sets."""
    lowest = min(lowest, len(items) - 1)
    highest = min(highest, len(items) - 1 - lowest)
    everything = set(range(len(items)))
    return max(
        min(mean([items[n] for n in rest - set(high)]) for high in combinations(sorted(rest), highest))
        for low in combinations(sorted(everything), lowest)
        for rest in [everything - set(low)]
    )


@given(ITEMS, DROPS, DROPS)
def test_drop_rules_are_their_definition(items: list[tuple[Decimal, Decimal]], lowest: int, highest: int) -> None:
    group = Group(key="quiz", drop_lowest=lowest, drop_highest=highest)
    found = _group_total(group, [Item(n, percent, points) for n, (percent, points) in enumerate(items)])
    assert found.percent is not None
    assert abs(Fraction(found.percent) - by_every_set(items, lowest, highest)) <= Fraction(1, 10**10)
    kept = [(item.percent, item.points) for item in found.items if item.dropped is None]
    assert found.percent == rounded(Decimal(mean(kept).numerator) / mean(kept).denominator)


def work(kind: str = "homework", counts: str | None = None) -> Work:
    id_ = new_id()
    return Work(id_, "Work", kind, None, NOW, Decimal(10), counts, None, str(id_), kind)


def policies(late: Any = LATES) -> st.SearchStrategy[Policy]:
    groups = st.tuples(
        *(
            st.builds(
                Group, key=st.just(kind), weight=st.integers(1, 50).map(Decimal), drop_lowest=DROPS, drop_highest=DROPS
            )
            for kind in KINDS
        )
    )
    return st.builds(
        Policy,
        weighting=st.just(Weighting.KINDS),
        groups=groups,
        combine=st.sampled_from(Combine),
        late=late,
        missing=st.none() | st.just(Decimal(0)) | st.just(Decimal(40)),
    )


@st.composite
def facts(draw: st.DrawFn) -> list[Any]:
    submissions = [
        {"number": number, "score": str(draw(PERCENTS)), "max_score": "100", "late_seconds": draw(SECONDS)}
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    return [submissions[-1]["score"], "100", False, submissions[-1]["late_seconds"], False, submissions]


@st.composite
def books(draw: st.DrawFn) -> tuple[list[Work], list[list[Any] | None], Policy]:
    works = [
        work(draw(st.sampled_from(KINDS)), draw(st.sampled_from([None, "best", "latest", "first", "average"])))
        for _ in range(draw(st.integers(1, 7)))
    ]
    return works, [draw(st.none() | facts()) for _ in works], draw(policies())


def totals(works: list[Work], given_facts: list[list[Any] | None], policy: Policy) -> list[Decimal | None]:
    student = str(new_id())
    cells = [cell_of(one, student, fact, False, policy, NOW) for one, fact in zip(works, given_facts, strict=True)]
    return [total(works, cells, policy).percent for total in (current_total, final_total)]


def not_lower(before: list[Decimal | None], after: list[Decimal | None]) -> bool:
    return all(old is None or (new is not None and new >= old) for old, new in zip(before, after, strict=True))


@given(books(), st.data())
def test_raising_a_score_never_lowers_a_total(
    book: tuple[list[Work], list[list[Any] | None], Policy], data: st.DataObject
) -> None:
    works, before, policy = book
    place = data.draw(st.integers(0, len(works) - 1))
    fact = before[place]
    if fact is None:
        return
    raised = [dict(one) for one in fact[5]]
    one = data.draw(st.sampled_from(raised))
    one["score"] = str(Decimal(one["score"]) + data.draw(PERCENTS))
    after = [*before[:place], [*fact[:5], raised], *before[place + 1 :]]
    assert not_lower(totals(works, before, policy), totals(works, after, policy))


@given(books(), st.data())
def test_handing_in_again_never_lowers_what_is_kept(
    book: tuple[list[Work], list[list[Any] | None], Policy], data: st.DataObject
) -> None:
    works, before, policy = book
    works = [replace(one, counts=None) for one in works]
    place = data.draw(st.integers(0, len(works) - 1))
    fact = before[place]
    if fact is None:
        return
    again = {"number": 9, "score": str(data.draw(PERCENTS)), "max_score": "100", "late_seconds": data.draw(SECONDS)}
    after = [*before[:place], [*fact[:5], [*fact[5], again]], *before[place + 1 :]]
    assert not_lower(totals(works, before, policy), totals(works, after, policy))


def test_a_deduction_after_the_choice_would_lower_what_is_kept() -> None:
    """The control: with the best chosen by its raw score, a late better one takes away what was kept."""
    late = Late(deduction=Decimal(50), interval=Interval.DAY)
    first, again = (Decimal(80), 0), (Decimal(90), 1)
    wrong = after_deduction(late, *max(first, again))
    assert wrong < after_deduction(late, *first)
    assert max(after_deduction(late, *one) for one in (first, again)) == 80


@given(PERCENTS, SECONDS, LATES)
def test_lateness_costs_what_it_says(percent: Decimal, seconds: int, late: Late | None) -> None:
    left = after_deduction(late, percent, seconds)
    assert left <= percent
    if late is None or seconds == 0:
        assert left == percent
    else:
        assert left >= min(percent, late.floor)


def test_each_started_interval_counts() -> None:
    late = Late(deduction=Decimal(10), interval=Interval.DAY, floor=Decimal(55))
    found = [after_deduction(late, Decimal(90), seconds) for seconds in (0, 1, 86_400, 86_401, 10**7)]
    assert found == [90, 80, 80, 70, 55]
    assert after_deduction(late, Decimal(30), 10**7) == 30, "the floor raises nothing"


def test_states_of_a_cell() -> None:
    student, policy = str(new_id()), Policy()
    mine = replace(work(), assigned_to=frozenset([student]))
    cases: list[tuple[Work, list[Any] | None, bool, State]] = [
        (mine, ["5", "10", False, 0, False, None], False, State.GRADED),
        (mine, [None, "10", False, None, True, None], False, State.EXCUSED),
        (mine, None, True, State.HANDED_IN),
        (replace(mine, due_at=datetime(2026, 10, 1, tzinfo=UTC)), None, False, State.MISSING),
        (replace(mine, due_at=None), None, False, State.OPEN),
        (replace(mine, assigned_to=frozenset([str(new_id())])), None, False, State.NOT_ASSIGNED),
    ]
    found = [cell_of(one, student, fact, handed_in, policy, NOW).state for one, fact, handed_in, _ in cases]
    assert found == [state for *_, state in cases]
    late = cell_of(mine, student, ["5", "10", True, None, False, None], False, policy, NOW)
    assert late.late
    assert late.counted == 50


def test_missing_work_and_what_is_still_open() -> None:
    works = [work(), work(), work()]
    cells = [Cell(State.GRADED, Decimal(8), Decimal(10), Decimal(80), counted=Decimal(80)), Cell(State.MISSING)]
    cells.append(Cell(State.OPEN))
    policy = Policy()
    works = [replace(one, group="all") for one in works]
    assert current_total(works, cells, policy).percent == 80
    assert final_total(works, cells, policy).percent == rounded(Decimal(80) / 3)
    strict = Policy(missing=Decimal(10))
    assert current_total(works, cells, strict).percent == 45
    assert final_total(works, cells, strict).percent == rounded(Decimal(100) / 3)


def test_letters() -> None:
    policy = Policy(letters=[Letter(letter="A", at_least=Decimal(90)), Letter(letter="B", at_least=Decimal(80))])
    percents = (Decimal(101), Decimal(90), Decimal("89.9999999999"), Decimal(79), None)
    assert [letter_of(policy, percent) for percent in percents] == ["A", "A", "B", None, None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": [{"key": "quiz"}]},
        {"weighting": "kinds", "groups": [{"key": "quiz", "weight": "0"}]},
        {"weighting": "kinds", "groups": [{"key": "quiz"}, {"key": "quiz"}]},
        {"letters": [{"letter": "B", "at_least": "80"}, {"letter": "A", "at_least": "90"}]},
        {"missing": "-1"},
        {"late": {"deduction": "10", "interval": "week"}},
        {"colour": "red"},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)
