"""What grading gives of a person, and that nothing of them is left, in the figures neither."""

from chassis.db import Database
from chassis.inbox import apply
from chassis.testing import erased, exported, traces
from grading.consumers import HANDLERS
from grading.recompute import recompute
from grading.testing import Given, School, new_id


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
            school.grades(assignment_id, classroom_id, [Given(sam, "50"), Given(sue, "60")]),
        ],
    )
    given = await exported(database, "grading", school.school_id, sam)
    assert [(result["score"], result["max_score"]) for result in given["results"]] == [("50", "100")]
    await erased(database, "grading", school.school_id, sam)
    assert traces(database_url, "Sam Hill") == {}
    assert set(await exported(database, "grading", school.school_id, sam)) == {"account"}
    assert len((await exported(database, "grading", school.school_id, sue))["results"]) == 1
    assert [difference async for difference in recompute(database, mend=False)] == []
