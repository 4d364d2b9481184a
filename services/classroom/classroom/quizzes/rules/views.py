"""Reaching a quiz: through its assignment, and only by who may know of it."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity, Role
from classroom.access import may_manage
from classroom.assignments.models import Assignment
from classroom.assignments.views import managed_assignment, reach_assignment
from classroom.domain import Kind
from classroom.quizzes.rules.models import AnswersShow, GivenExtraTime, OwnStanding, Quiz


async def reach_quiz(db: Executor, identity: Identity, assignment_id: UUID) -> tuple[Row, Assignment, Row]:
    """Classroom, assignment and rules, as the caller may see them; raises NotFound."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    return classroom, assignment, await _rules(db, assignment, identity.school_id)


async def managed_quiz(
    db: Executor, identity: Identity, assignment_id: UUID, *, archived: bool = False
) -> tuple[Row, Assignment, Row]:
    """The same for the classroom's own teachers and admins."""
    classroom, assignment = await managed_assignment(db, identity, assignment_id, archived=archived)
    return classroom, assignment, await _rules(db, assignment, identity.school_id)


async def _rules(db: Executor, assignment: Assignment, school_id: UUID) -> Row:
    if assignment.kind is not Kind.QUIZ:
        raise NotFound("quiz")
    row = await db.row("find_quiz", id=assignment.id, school_id=school_id)
    if row is None:
        await db.execute("ensure_quiz", id=assignment.id, school_id=school_id)
        row = await db.row("find_quiz", id=assignment.id, school_id=school_id)
    if row is None:
        raise NotFound("quiz")
    return row


async def show_quiz(db: Executor, identity: Identity, classroom: Row, rules: Row) -> Quiz:
    """The quiz with what only the caller sees."""
    own = await own_standing(db, identity, rules) if identity.role is Role.STUDENT else None
    count = None
    if may_manage(identity, classroom):
        count = await db.value("count_attempts", id=rules["assignment_id"], school_id=identity.school_id)
    shown = {name: value for name, value in rules.items() if name != "progress"}
    return Quiz(**shown, own=own, attempt_count=count)


async def own_standing(db: Executor, identity: Identity, rules: Row) -> OwnStanding:
    """How far the student has come, and what of it may show by now."""
    row = await db.row(
        "own_standing", id=rules["assignment_id"], school_id=identity.school_id, student_id=identity.account_id
    )
    assert row is not None
    return OwnStanding(**row, answers_show_now=row["results_show_now"] and answers_may_show(rules))


def answers_may_show(rules: Row) -> bool:
    """Whether right answers show to those whose results are released. The job that tells them repeats this in SQL."""
    match rules["answers_show"]:
        case AnswersShow.WITH_RESULTS:
            return True
        case AnswersShow.AFTER_CLOSE:
            return rules["closes_at"] is None or bool(rules["closes_at"] <= rules["now"])
        case _:
            return False


async def list_extra_times(db: Executor, identity: Identity, assignment_id: UUID) -> list[GivenExtraTime]:
    """Everybody who has more time, by name."""
    rows = await db.rows("list_extra_times", id=assignment_id, school_id=identity.school_id)
    return [GivenExtraTime(**row) for row in rows]
