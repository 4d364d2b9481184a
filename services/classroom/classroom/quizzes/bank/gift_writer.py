"""Questions as a GIFT file."""

from collections.abc import Iterable
from decimal import Decimal

from classroom.quizzes.bank.gift import escape
from classroom.quizzes.bank.models import ExportReport, SkippedItem
from classroom.quizzes.questions.models import (
    AcceptedNumber,
    Choice,
    Credit,
    Essay,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortText,
    SingleChoice,
    TrueFalse,
)

_WEIGHT_PLACES = Decimal("0.00001")


def write_gift(questions: Iterable[Question]) -> ExportReport:
    """The file, and what of it GIFT cannot say; a `line` of the report is the one where the question starts."""
    blocks: list[str] = []
    skipped: list[SkippedItem] = []
    for question in questions:
        line = sum(block.count("\n") + 2 for block in blocks) + 1
        answers = _answers(question)
        lost = _lost(question) if answers is not None else ["GIFT has no ordering; the question is left out."]
        skipped += [SkippedItem(line=line, title=question.title, message=message) for message in lost]
        if answers is not None:
            explanation = f"\n####{escape(question.explanation)}" if question.explanation.strip() else ""
            blocks.append(f"::{escape(question.title)}::{escape(question.text)} {{{answers}{explanation}}}")
    return ExportReport(text="".join(block + "\n\n" for block in blocks), skipped=skipped)


def _lost(question: Question) -> list[str]:
    lost = ["Its pictures are left out."] if question.file_ids else []
    match question:
        case Numeric(unit=str()):
            lost.append("Its unit is left out.")
        case MultipleChoice(credit=Credit.ALL_OR_NOTHING | Credit.PER_CHOICE):
            lost.append("Its rule of credit becomes weights.")
        case ShortText(case_sensitive=True) | ShortText(ignore_accents=True):
            lost.append("How its texts are compared is left out.")
    return lost


def _answers(question: Question) -> str | None:
    match question:
        case SingleChoice():
            return "".join(_choice("=" if it.correct else "~", it, _weight(question, it)) for it in question.choices)
        case MultipleChoice():
            return "".join(_choice("~", it, _share(question, it)) for it in question.choices)
        case TrueFalse():
            return "TRUE" if question.answer else "FALSE"
        case Numeric():
            return "#" + "".join(f"\n\t={_credit(it.credit)}{_range(it)}" for it in question.accepted)
        case ShortText():
            return "".join(f"\n\t={_credit(it.credit)}{escape(it.text)}" for it in question.accepted)
        case Matching():
            pairs = [(it.left, it.right) for it in question.pairs] + [("", it.text) for it in question.distractors]
            return "".join(f"\n\t={escape(left)} -> {escape(right)}" for left, right in pairs)
        case Essay():
            return ""
        case _:
            return None


def _choice(sign: str, choice: Choice, weight: Decimal | None) -> str:
    percent = "" if weight is None else f"%{weight.normalize():f}%"
    feedback = f"#{escape(choice.feedback)}" if choice.feedback.strip() else ""
    return f"\n\t{sign}{percent}{escape(choice.text)}{feedback}"


def _weight(question: SingleChoice, choice: Choice) -> Decimal | None:
    return choice.weight if question.credit is Credit.WEIGHTED else None


def _share(question: MultipleChoice, choice: Choice) -> Decimal:
    if question.credit is Credit.WEIGHTED:
        return choice.weight
    correct = sum(it.correct for it in question.choices)
    return (Decimal(100 if choice.correct else -100) / correct).quantize(_WEIGHT_PLACES)


def _credit(credit: Decimal) -> str:
    return "" if credit == 100 else f"%{credit.normalize():f}%"


def _range(accepted: AcceptedNumber) -> str:
    tolerance = accepted.tolerance
    if accepted.tolerance_in_percent:
        tolerance = abs(accepted.value) * tolerance / 100
    return f"{accepted.value:f}" + (f":{tolerance:f}" if tolerance else "")
