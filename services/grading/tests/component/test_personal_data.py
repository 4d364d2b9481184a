"""What grading gives of a person, and that nothing of them is left, in the figures neither."""

from decimal import Decimal
from uuid import UUID

from chassis.db import Database
from chassis.identity import Identity, Role
from chassis.inbox import apply
from chassis.testing import erased, exported, traces
from grading.attention.jobs import judge_all
from grading.consumers import HANDLERS
from grading.overrides.commands import put_override
from grading.overrides.models import NewOverride
from grading.recompute import recompute
from grading.testing import Given, School, Tried, new_id


async def test_a_student_is_exported_and_erased(database: Database, database_url: str, school: School) -> None:
    classroom_id, assignment_id, sam, sue = new_id(), new_id(), new_id(), new_id()
    await apply(
        database,
        HANDLERS,
        [
            school.account(sam, "Sam Hill", "student"),
            school.classroom(classroom_id),
            school.assignment(assignment_id, classroom_id),
            *(school.enrolment(new_id(), classroom_id, student) for student in (sam, sue)),
            school.grades(assignment_id, classroom_id, [Given(sam, "45"), Given(sue, "60")]),
        ],
    )
    quiz = school.questions(assignment_id, classroom_id, [new_id()])
    question_id = UUID(quiz.data["questions"][0]["question_id"])
    tried = [Tried(sam, {question_id: 2}), *(Tried(new_id(), {question_id: 1}) for _ in range(5))]
    await apply(database, HANDLERS, [quiz, school.attempts(assignment_id, classroom_id, tried)])
    teacher = Identity(new_id(), school.school_id, new_id(), Role.TEACHER, 0)
    override = NewOverride(percent=Decimal(95), reason="Sam Hill was ill")
    await put_override(database, teacher, classroom_id, sam, override, 0)
    await judge_all(database)
    given = await exported(database, "grading", school.school_id, sam)
    assert [total["reason"] for total in given["totals_set_by_hand"]] == ["Sam Hill was ill"]
    assert [attempt["items"][0]["mark"] for attempt in given["quiz_attempts"]] == ["2"]
    assert [(result["score"], result["max_score"]) for result in given["results"]] == [("45", "100")]
    assert [one["reasons"] for one in given["at_risk"]] == [["low_average"]]
    await erased(database, "grading", school.school_id, sam)
    assert traces(database_url, "Sam Hill") == {}
    assert set(await exported(database, "grading", school.school_id, sam)) == {"account"}
    assert len((await exported(database, "grading", school.school_id, sue))["results"]) == 1
    assert [difference async for difference in recompute(database, mend=False)] == []
