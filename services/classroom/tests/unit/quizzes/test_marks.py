"""What answers earn: tables for the rules, properties for what holds for every answer."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.quizzes.questions.content import join, split
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.models import QUESTION, Question
from classroom.quizzes.questions.order import arranged, drawn, shuffled
from classroom.quizzes.questions.values import hash_of, normal_text, read_number
from classroom.quizzes.testing import CANARY, questions
from classroom.quizzes.testing_answers import right_answer

A, B, C, D, E = (str(uuid4()) for _ in range(5))
EVERY_KIND = questions()


def row_of(question: Question) -> dict[str, Any]:
    body, key = split(question)
    known = {"id": uuid4(), "kind": question.kind, "title": question.title, "points": question.points}
    return known | {"body": body, "key": key, "key_version": 1}


def marker(**document: Any) -> Marker:
    return Marker.of(row_of(QUESTION.validate_python({"title": "Q", "points": "3", **document})))


def choices(*correct: str, weights: dict[str, int] | None = None) -> list[dict[str, Any]]:
    weighed = weights or {}
    return [{"id": it, "text": it, "correct": it in correct, "weight": weighed.get(it, 0)} for it in (A, B, C, D)]


MULTIPLE = {"kind": "multiple_choice", "choices": choices(A, B)}
NUMBER = {"kind": "numeric", "accepted": [{"value": "9.81", "tolerance": "0.05"}, {"value": "10", "credit": 50}]}
PERCENT = {"kind": "numeric", "accepted": [{"value": "-200", "tolerance": "10", "tolerance_in_percent": True}]}
UNIT = {"kind": "numeric", "accepted": [{"value": "5"}], "unit": "m / s", "unit_required": True}
TEXT = {"kind": "short_text", "accepted": [{"text": "Ångström"}, {"text": "A", "credit": 25}]}
PAIRS = [{"id": A, "left": "l", "right_id": D, "right": "x"}, {"id": B, "left": "m", "right_id": E, "right": "y"}]
MATCH = {"kind": "matching", "pairs": PAIRS, "distractors": [{"id": C, "text": "x"}]}
ORDER = {"kind": "ordering", "items": [{"id": it, "text": it} for it in (A, B, C)]}
WEIGHTS = choices(A, weights={A: 100, B: 50, C: -50})


@pytest.mark.parametrize(
    ("document", "value", "mark"),
    [
        ({"kind": "single_choice", "choices": choices(A)}, A, "3"),
        ({"kind": "single_choice", "choices": choices(A)}, B, "0"),
        ({"kind": "single_choice", "choices": WEIGHTS, "credit": "weighted"}, B, "1.5"),
        ({"kind": "single_choice", "choices": WEIGHTS, "credit": "weighted"}, C, "0"),
        (MULTIPLE, [A, B], "3"),
        (MULTIPLE, [A], "1.5"),
        (MULTIPLE, [A, C], "0"),
        (MULTIPLE, [A, B, C], "1.5"),
        (MULTIPLE | {"credit": "per_choice"}, [A, C], "1.5"),
        (MULTIPLE | {"credit": "all_or_nothing"}, [B], "0"),
        (MULTIPLE | {"choices": choices(A, B, C)}, [A], "1"),
        (MULTIPLE | {"choices": choices(A, B, C), "points": "1"}, [A], "0.3333"),
        ({"kind": "true_false", "answer": False}, False, "3"),
        ({"kind": "true_false", "answer": False}, True, "0"),
        (NUMBER, {"number": "9,86"}, "3"),
        (NUMBER, {"number": "9.861"}, "0"),
        (NUMBER, {"number": " 1e1 "}, "1.5"),
        (NUMBER, {"number": "nan"}, "0"),
        (NUMBER, {"number": "1e999999"}, "0"),
        (PERCENT, {"number": "\N{MINUS SIGN}180"}, "3"),
        (PERCENT, {"number": "-179.9"}, "0"),
        (UNIT, {"number": "5", "unit": "m/s"}, "3"),
        (UNIT, {"number": "5", "unit": "M/s"}, "0"),
        (UNIT, {"number": "5"}, "0"),
        (TEXT, "  ÅNGSTRÖM ", "3"),
        (TEXT, "A\N{COMBINING RING ABOVE}ngstro\N{COMBINING DIAERESIS}m", "3"),
        (TEXT, "angstrom", "0"),
        (TEXT | {"ignore_accents": True}, "angstrom", "3"),
        (TEXT | {"case_sensitive": True}, "ångström", "0"),
        (TEXT, "a", "0.75"),
        (MATCH, {A: D, B: E}, "3"),
        (MATCH, {A: C}, "1.5"),
        (MATCH, {A: E, B: D}, "0"),
        (MATCH | {"credit": "all_or_nothing"}, {A: D}, "0"),
        (ORDER, [A, B, C], "3"),
        (ORDER, [A, C, B], "1"),
        (ORDER | {"credit": "all_or_nothing"}, [A, C, B], "0"),
        ({"kind": "essay"}, "Words", None),
        ({"kind": "essay"}, "  ", "0"),
        ({"kind": "essay", "void": True}, None, "3"),
        (MULTIPLE, None, "0"),
    ],
)
def test_marks(document: dict[str, Any], value: Any, mark: str | None) -> None:
    judge = marker(**document)
    assert judge.fits(value)
    assert judge.mark(value) == (None if mark is None else Decimal(mark))


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (TEXT, "a\0"),
        ({"kind": "essay"}, "\0"),
        (NUMBER, {"number": "1\0"}),
        (UNIT, {"number": "1", "unit": "\0"}),
        (UNIT, {"number": "1", "unit": 5}),
        (NUMBER, {"unit": "m"}),
        (TEXT, "x" * 501),
    ],
)
def test_what_cannot_be_stored_fits_no_question(document: dict[str, Any], value: Any) -> None:
    assert not marker(**document).fits(value)


@pytest.mark.parametrize("document", EVERY_KIND, ids=lambda it: str(it["kind"]))
def test_a_question_survives_its_two_documents(document: dict[str, Any]) -> None:
    """Nothing of the key stands in what is shown, and the right answer earns all points."""
    question = QUESTION.validate_python(document)
    row = row_of(question)
    assert CANARY not in str(row["body"])
    assert join(row).model_dump(exclude={"id"}) == question.model_dump(exclude={"id"})
    value = right_answer(question.model_dump(mode="json"))
    assert Marker.of(row).mark(value) in (question.points, None)
    assert not Marker.of(row).fits({"what": "else"})
    assert not Marker.of(row).fits([1])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([A, B, C, D]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["number", "unit", A, B]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES, st.sampled_from([MULTIPLE, NUMBER, UNIT, TEXT, MATCH, ORDER, {"kind": "true_false", "answer": True}]))
def test_whatever_fits_earns_between_nothing_and_all(value: Any, document: dict[str, Any]) -> None:
    judge = marker(**document)
    if judge.fits(value):
        mark = judge.mark(value)
        assert mark is not None
        assert 0 <= mark <= 3
        assert len(hash_of(value)) == 64


@given(st.text())
def test_text_is_compared_in_one_form(text: str) -> None:
    for how in ({}, {"case_sensitive": True}, {"ignore_accents": True}):
        once = normal_text(text, **how)
        assert normal_text(f"  {once} ", **how) == once


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_numbers_are_read_as_typed(number: Decimal) -> None:
    assert read_number(f"{number:f}") == number
    assert read_number(f"{number:f}".replace(".", ",")) == number


def test_orders_follow_from_the_seed_alone() -> None:
    """Stored seeds must give the same order for ever: this one was seen once."""
    assert "".join(shuffled(7, "abcdef", str)) == "ceafdb"
    rows = [{"id": UUID(int=n), "draw": None if n < 3 else 0, "position": n} for n in range(10)]
    plain = drawn(7, rows, [{"draw": 0, "count": 2}], shuffle=False)
    assert ([it.int for it in plain[:3]], len(plain), len(set(plain))) == ([0, 1, 2], 5, 5)
    assert sorted(map(str, drawn(7, rows, [{"draw": 0, "count": 2}], shuffle=True))) == sorted(map(str, plain))
    seen = {tuple(drawn(seed, rows, [{"draw": 0, "count": 2}], shuffle=False)[3:]) for seed in range(200)}
    assert len(seen) > 20


def test_what_is_shown_tells_nothing_of_the_order() -> None:
    """Items and rights are sorted by random ids, then by the seed: their authored order is nowhere."""
    items = [{"id": str(uuid4()), "text": str(n)} for n in range(6)]
    body, _ = split(QUESTION.validate_python({"kind": "ordering", "title": "O", "items": items}))
    assert [it["id"] for it in body["items"]] == sorted(it["id"] for it in items)
    orders = {tuple(it["id"] for it in arranged(seed, body, shuffle_choices=False)["items"]) for seed in range(50)}
    assert len(orders) > 30
