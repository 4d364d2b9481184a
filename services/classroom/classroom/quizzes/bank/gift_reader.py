"""Questions from a GIFT file: what is not understood is reported by line and skipped, and never stops the rest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from classroom.quizzes.bank.gift import PRIVATE, hide, show
from classroom.quizzes.bank.models import SkippedItem
from classroom.quizzes.questions.models import QUESTION, Credit, Question, QuestionKind

MOST_ITEMS = 2000
_FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_ANSWER = re.compile(r"([=~])\s*(?:%(-?[0-9.]+)%)?([^=~]*)")
_TITLE = re.compile(r"^\s*::(.*?)::", re.DOTALL)
_TRUTH = re.compile(r"^(true|t|false|f)\s*(?:#.*)?$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A question of the file and the categories it stood under."""

    question: Question
    tags: tuple[str, ...]


class _UnreadableError(Exception):
    """Why an item is not taken."""


@dataclass(frozen=True, slots=True)
class _Answer:
    right: bool
    weight: Decimal | None
    text: str
    feedback: str


def read_gift(document: str) -> tuple[list[Found], list[SkippedItem]]:
    """Everything that can be taken, and what cannot."""
    found: list[Found] = []
    skipped: list[SkippedItem] = []
    tags: tuple[str, ...] = ()
    for number, (line, block) in enumerate(_blocks(document)):
        if block.startswith("$CATEGORY:"):
            tags = _category(block)
            continue
        title, rest = _title(block)
        try:
            if number >= MOST_ITEMS:
                raise _UnreadableError(f"More than {MOST_ITEMS} items; send the rest in another file.")
            found.append(Found(_question(title, rest), tags))
        except _UnreadableError as error:
            skipped.append(SkippedItem(line=line, title=show(title)[:200], message=str(error)))
        if number >= MOST_ITEMS:
            break
    return found, skipped


def _blocks(document: str) -> Iterator[tuple[int, str]]:
    """Items, parted by blank lines, with the line they start on; comments dropped."""
    clean = "".join(it for it in document.removeprefix("\ufeff") if it not in PRIVATE)
    lines: list[str] = []
    start = 0
    for number, line in enumerate([*clean.splitlines(), ""], 1):
        bare = line.strip()
        if bare.startswith("//"):
            continue
        if bare.startswith("$CATEGORY:"):
            yield number, bare
        elif bare:
            start = start if lines else number
            lines.append(line)
        elif lines:
            yield start, hide("\n".join(lines))
            lines = []


def _category(block: str) -> tuple[str, ...]:
    """The last part of the category's path, as a tag."""
    last = block.removeprefix("$CATEGORY:").strip().rpartition("/")[2].strip()
    return (last[:60],) if last and not last.startswith("$") else ()


def _title(block: str) -> tuple[str, str]:
    match = _TITLE.match(block)
    return (match[1], block[match.end() :]) if match else ("", block)


def _question(title: str, rest: str) -> Question:
    rest = _FORMAT.sub("", rest)
    opened, closed = rest.find("{"), rest.rfind("}")
    if opened < 0 or closed < opened:
        raise _UnreadableError("It has no answers in braces: a description is no question.")
    inner, after = rest[opened + 1 : closed], rest[closed + 1 :].strip()
    if "{" in inner or "}" in inner:
        raise _UnreadableError("It has more than one pair of braces; make each gap a question.")
    text = show(rest[:opened]) + (f" _____ {show(after)}" if after else "")
    answers, _, explanation = inner.partition("####")
    kind, content = _content(answers.strip())
    named = {"title": _one_line(show(title) or text), "text": text, "explanation": show(explanation)}
    try:
        return QUESTION.validate_python(named | {"kind": kind} | content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"][1:]))
        raise _UnreadableError(f"{where + ': ' if where else ''}{first['msg']}") from None


def _one_line(text: str) -> str:
    printable = "".join(it if it.isprintable() else " " for it in text)
    return " ".join(printable.split())[:120] or "Question"


def _content(answers: str) -> tuple[QuestionKind, dict[str, Any]]:
    if not answers:
        return QuestionKind.ESSAY, {}
    if match := _TRUTH.match(answers):
        return QuestionKind.TRUE_FALSE, {"answer": match[1][0] in "tT"}
    if answers.startswith("#"):
        return QuestionKind.NUMERIC, {"accepted": _numbers(answers[1:].strip())}
    parts = [_answer(*it.groups()) for it in _ANSWER.finditer(answers)]
    if not parts or answers[0] not in "=~":
        raise _UnreadableError("Its answers do not start with = or ~.")
    if all(it.right and "->" in it.text for it in parts):
        return QuestionKind.MATCHING, _pairs(parts)
    if all(it.right for it in parts):
        return QuestionKind.SHORT_TEXT, {"accepted": [_credited(it, {"text": show(it.text)}) for it in parts]}
    return _choices(parts)


def _answer(sign: str, weight: str | None, text: str) -> _Answer:
    text, _, feedback = text.partition("#")
    return _Answer(sign == "=", None if weight is None else _decimal(weight), text, show(feedback))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise _UnreadableError(f"{show(text)[:40]!r} is no number.") from None
    if not number.is_finite() or abs(number) > 10**30:
        raise _UnreadableError(f"{show(text)[:40]!r} is no usable number.")
    return number


def _credited(answer: _Answer, content: dict[str, Any]) -> dict[str, Any]:
    return content if answer.weight is None else content | {"credit": answer.weight}


def _numbers(text: str) -> list[dict[str, Any]]:
    if "=" not in text:
        return [_number(text.partition("#")[0])]
    parts = [_answer(*it.groups()) for it in _ANSWER.finditer(text)]
    return [_credited(it, _number(it.text)) for it in parts if it.right]


def _number(text: str) -> dict[str, Any]:
    """`1.5`, `1.5:0.1` (tolerance) or `1..2` (from, to)."""
    if ".." in text:
        low, high = (_decimal(it) for it in text.split("..", 1))
        return {"value": (low + high) / 2, "tolerance": (high - low) / 2}
    value, _, tolerance = text.partition(":")
    return {"value": _decimal(value), "tolerance": _decimal(tolerance) if tolerance.strip() else Decimal(0)}


def _pairs(parts: list[_Answer]) -> dict[str, Any]:
    sides = [[show(it) for it in part.text.split("->", 1)] for part in parts]
    return {
        "pairs": [{"left": left, "right": right} for left, right in sides if left],
        "distractors": [{"text": right} for left, right in sides if not left],
    }


def _choices(parts: list[_Answer]) -> tuple[QuestionKind, dict[str, Any]]:
    if any(it.right for it in parts):
        weighted = any(it.weight is not None for it in parts) or sum(it.right for it in parts) > 1
        first = next(number for number, it in enumerate(parts) if it.right)
        choices = [_choice(it, correct=number == first) for number, it in enumerate(parts)]
        credit = Credit.WEIGHTED if weighted else Credit.ALL_OR_NOTHING
        return QuestionKind.SINGLE_CHOICE, {"choices": choices, "credit": credit}
    choices = [_choice(it, correct=(it.weight or 0) > 0) for it in parts]
    return QuestionKind.MULTIPLE_CHOICE, {"choices": choices, "credit": Credit.WEIGHTED}


def _choice(answer: _Answer, *, correct: bool) -> dict[str, Any]:
    weight = Decimal(100 if answer.right else 0) if answer.weight is None else answer.weight
    return {"text": show(answer.text), "correct": correct, "weight": weight, "feedback": answer.feedback}
