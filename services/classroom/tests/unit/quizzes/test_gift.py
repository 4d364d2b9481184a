"""GIFT files: read, written, read again; what is not understood is reported by line and stops nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.quizzes.bank.gift_reader import read_gift
from classroom.quizzes.bank.gift_writer import write_gift
from classroom.quizzes.questions.models import QUESTION

FILE = """// A comment
$CATEGORY: $course$/top/Algebra

::Sum:: [markdown]Two plus \\{two\\}? {=4#yes ~3#no ~%50%almost}

::Pick::Pick two{~%50%a ~%50%b ~%-100%c####Because.}

Grant is {T#indeed} dead.

::Pi::[html]Pi? {#3.14:0.01}

::Range::Some number {#1..5}

::Several::{#=1822:0#right =%50%1822:2}

::Word::Who? {=Grant =%50%Ulysses}

::Match::{=Canada -> Ottawa =Italy -> Rome = -> Paris}

::Essay::Write: {}

Just a description.

::Broken::{#abc}

::Two gaps::One {=a} and {=b}

::Nobody is right::{~a ~b}
"""


def test_a_file_of_every_kind() -> None:
    found, skipped = read_gift(FILE)
    kinds = [str(it.question.kind) for it in found]
    assert kinds == [
        "single_choice", "multiple_choice", "true_false", "numeric", "numeric", "numeric", "short_text", "matching",
        "essay",
    ]  # fmt: skip
    assert {it.tags for it in found} == {("Algebra",)}
    first = found[0].question.model_dump(mode="json")
    assert (first["text"], first["credit"]) == ("Two plus {two}?", "weighted")
    assert [(it["text"], it["weight"], it["feedback"]) for it in first["choices"]] == [
        ("4", "100", "yes"), ("3", "0", "no"), ("almost", "50", ""),
    ]  # fmt: skip
    assert found[2].question.text == "Grant is _____ dead."
    ranged = found[4].question.model_dump(mode="json")["accepted"][0]
    assert (ranged["value"], ranged["tolerance"]) == ("3", "2")
    assert [(it.line, it.title) for it in skipped] == [
        (22, ""),
        (24, "Broken"),
        (26, "Two gaps"),
        (28, "Nobody is right"),
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "}", "::x", "{=}", "{~}", "{#}", "\\", "{=a -> }", "\ufeff{T}", "{%x%=a}", "{=%1.2.3%a}"]
)
def test_no_text_breaks_the_reader(text: str) -> None:
    read_gift(text)


@given(st.text(alphabet="{}=~#%:\\->ab1. \n/$TF", max_size=60))
def test_no_mixture_of_control_characters_breaks_the_reader(text: str) -> None:
    found, skipped = read_gift(text)
    assert len(found) + len(skipped) <= text.count("\n") + 1


WORDS = st.text(alphabet="abc{}=~#:\\%-> é", min_size=1, max_size=12).map(lambda it: "x" + " ".join(it.split()) + "x")
NUMBERS = st.decimals(min_value=-1000, max_value=1000, places=3).map(str)


def _questions() -> st.SearchStrategy[dict[str, Any]]:
    texts = st.lists(WORDS, min_size=2, max_size=4, unique=True)

    def single(words: list[str]) -> dict[str, Any]:
        return {"kind": "single_choice", "choices": [{"text": it, "correct": it == words[0]} for it in words]}

    def multiple(words: list[str]) -> dict[str, Any]:
        chosen = [{"text": it, "correct": n == 0, "weight": 100 if n == 0 else -50} for n, it in enumerate(words)]
        return {"kind": "multiple_choice", "choices": chosen, "credit": "weighted"}

    def matching(words: list[str]) -> dict[str, Any]:
        arrowless = [it.replace("->", "") + "x" for it in words]
        return {"kind": "matching", "pairs": [{"left": it, "right": f"{it}y"} for it in arrowless]}

    return st.one_of(
        texts.map(single),
        texts.map(multiple),
        texts.map(matching),
        st.booleans().map(lambda it: {"kind": "true_false", "answer": it}),
        NUMBERS.map(lambda it: {"kind": "numeric", "accepted": [{"value": it, "tolerance": "0.5"}]}),
        texts.map(lambda it: {"kind": "short_text", "accepted": [{"text": word.replace("->", "")} for word in it]}),
        st.just({"kind": "essay"}),
    )


def _content(question: Any) -> Any:
    """Without ids, which a file does not hold, and with the weights that a file gives everybody."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: bare(it) for name, it in value.items() if name not in ("id", "right_id", "true_id", "false_id")
            }
        return [bare(it) for it in value] if isinstance(value, list) else value

    document = bare(question.model_dump(mode="json"))
    if document["kind"] == "single_choice":
        document["choices"] = [it | {"weight": None} for it in document["choices"]]
    for accepted in document.get("accepted", ()):
        accepted |= {name: f"{float(it):.4f}" for name, it in accepted.items() if name in ("value", "tolerance")}
    return document


@given(st.lists(st.tuples(_questions(), WORDS, WORDS), max_size=4))
def test_what_is_written_is_read_again(written: list[tuple[dict[str, Any], str, str]]) -> None:
    documents = [body | {"title": title, "text": text, "explanation": text} for body, title, text in written]
    questions = [QUESTION.validate_python(it) for it in documents]
    report = write_gift(questions)
    found, skipped = read_gift(report.text)
    assert (report.skipped, skipped) == ([], [])
    assert [_content(it.question) for it in found] == [_content(it) for it in questions]


def test_what_gift_cannot_say_is_reported() -> None:
    items = [{"text": "a"}, {"text": "b"}]
    ordering = QUESTION.validate_python({"kind": "ordering", "title": "O", "items": items})
    report = write_gift([ordering])
    assert (report.text, [it.title for it in report.skipped]) == ("", ["O"])
