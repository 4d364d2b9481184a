"""A question in two documents: `body`, which students see, and `key`, which they do not."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.db import Row
from classroom.quizzes.questions.models import (
    QUESTION,
    Essay,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    Question,
    ShortText,
    SingleChoice,
    TrueFalse,
)

Document = dict[str, Any]


def split(question: Question) -> tuple[Document, Document]:
    """Body and key."""
    whole = question.model_dump(mode="json", exclude={"id", "kind", "title", "points"})
    shown = {"text": whole["text"], "file_ids": whole["file_ids"]} | _shown(question)
    return shown, {name: value for name, value in whole.items() if name not in ("text", "file_ids")}


def _shown(question: Question) -> Document:
    """What a student needs to answer. Options whose order is the key are sorted by their random ids."""
    match question:
        case SingleChoice() | MultipleChoice():
            return {"choices": [_option(it.id, it.text) for it in question.choices], "credit": question.credit}
        case TrueFalse():
            return {}
        case Numeric():
            return {"unit": None if question.unit_required else question.unit, "unit_required": question.unit_required}
        case Matching():
            rights = [_option(it.right_id, it.right) for it in question.pairs]
            rights += [_option(it.id, it.text) for it in question.distractors]
            return {"lefts": [_option(it.id, it.left) for it in question.pairs], "rights": sorted(rights, key=_id)}
        case Ordering():
            return {"items": sorted((_option(it.id, it.text) for it in question.items), key=_id)}
        case ShortText() | Essay():
            return {}


def _option(option_id: UUID, text: str) -> Document:
    return {"id": str(option_id), "text": text}


def _id(option: Mapping[str, str]) -> str:
    return option["id"]


def join(row: Row) -> Question:
    """The author's question again, from a row with `body` and `key`."""
    known = {"id": row["id"], "kind": row["kind"], "title": row["title"], "points": row["points"]}
    return QUESTION.validate_python(known | {name: row["body"][name] for name in ("text", "file_ids")} | row["key"])


def stored(question: Question) -> Document:
    """The columns that hold it."""
    body, key = split(question)
    return {
        "kind": question.kind,
        "title": question.title,
        "points": str(question.points),
        "body": body,
        "key": key,
    }
