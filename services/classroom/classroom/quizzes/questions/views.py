"""Reading questions with their keys: for the quiz's teachers alone."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.identity import Identity
from classroom.quizzes.questions.content import join
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.models import Draw, Questions


async def show_questions(db: Executor, identity: Identity, rules: Row) -> Questions:
    """All questions and draws of a quiz."""
    where = {"id": rules["assignment_id"], "school_id": identity.school_id}
    rows = await db.rows("list_keyed_questions", **where)
    draws = await db.rows("list_draws", **where)
    return Questions(
        questions=[join(row) for row in rows if row["draw"] is None],
        draws=[_draw(draw, rows) for draw in draws],
        max_score=rules["max_score"],
        revision=rules["revision"],
    )


def _draw(draw: Row, rows: list[Row]) -> Draw:
    pool = [join(row) for row in rows if row["draw"] == draw["draw"]]
    return Draw(count=draw["count"], points=draw["points"], tags=draw["tags"], questions=pool)


async def markers(db: Executor, school_id: UUID, assignment_id: UUID) -> dict[UUID, Marker]:
    """What judges the answers of a quiz, by question."""
    rows = await db.rows("list_keyed_questions", id=assignment_id, school_id=school_id)
    return {row["id"]: Marker.of(row) for row in rows}
