"""Keeping a question bank."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Executor, json_rows
from chassis.identity import Identity
from classroom.quizzes.bank.models import NewBankQuestion
from classroom.quizzes.ids import new_id
from classroom.quizzes.questions.content import stored


async def add_questions(db: Executor, identity: Identity, bodies: Sequence[NewBankQuestion]) -> list[UUID]:
    """Add copies of the questions; returns their ids."""
    rows: list[dict[str, Any]] = [stored(body.question) | {"id": new_id(), "tags": list(body.tags)} for body in bodies]
    await db.execute("add_bank_questions", **_owner(identity), rows=json_rows(rows))
    return [row["id"] for row in rows]


def _owner(identity: Identity) -> dict[str, UUID]:
    return {"school_id": identity.school_id, "owner_id": identity.account_id}


async def change_question(
    db: Executor, identity: Identity, question_id: UUID, body: NewBankQuestion, expected: int | None
) -> bool:
    """False when it is at another revision. Quizzes keep the copies they took."""
    values = stored(body.question) | {"tags": list(body.tags)}
    return bool(await db.value("change_bank_question", id=question_id, expected=expected, **_owner(identity), **values))


async def delete_question(db: Executor, identity: Identity, question_id: UUID, expected: int | None) -> bool:
    """False when it is at another revision."""
    return bool(await db.value("delete_bank_question", id=question_id, expected=expected, **_owner(identity)))
