"""What grading gives of a person, and that nothing of them is left, in the figures neither."""

import asyncio
from contextlib import closing
from decimal import Decimal
from uuid import UUID

import psycopg2

from chassis.db import Database, Row, json_rows, utc_now
from chassis.identity import Identity, Role
from chassis.inbox import apply
from chassis.personal_data import erase
from chassis.testing import eventually
from chassis.testing_personal_data import erased, exported, traces
from grading.attention.jobs import judge_all, students_at_risk
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


async def at_risk(database: Database, school: School) -> tuple[UUID, UUID, list[Row]]:
    """A classroom with one student who is at risk, read by a judge who has not written yet."""
    classroom_id, assignment_id, sam = new_id(), new_id(), new_id()
    events = [
        school.account(sam, "Sam Hill", "student"),
        school.classroom(classroom_id),
        school.assignment(assignment_id, classroom_id),
        school.enrolment(new_id(), classroom_id, sam),
        school.grades(assignment_id, classroom_id, [Given(sam, "45")]),
    ]
    await apply(database, HANDLERS, events)
    return classroom_id, sam, await students_at_risk(database, classroom_id)


async def written(database: Database, classroom_id: UUID, read: list[Row]) -> None:
    """What the judge does with what was read."""
    wanted = 10  # newer than all there is
    students = json_rows(read)
    await database.execute("put_judgement", classroom_id=classroom_id, wanted=wanted, at=utc_now(), students=students)


async def kept(database: Database, classroom_id: UUID) -> list[UUID]:
    return [row["student_id"] for row in await database.rows("kept_at_risk", classroom_id=classroom_id)]


async def test_a_judge_who_read_before_an_erasure_does_not_list_the_person_again(
    database: Database, school: School
) -> None:
    classroom_id, sam, read = await at_risk(database, school)
    await written(database, classroom_id, read)
    assert await kept(database, classroom_id) == [sam]
    await erased(database, "grading", school.school_id, sam)
    await written(database, classroom_id, read)
    assert await kept(database, classroom_id) == []
    await judge_all(database)
    assert await kept(database, classroom_id) == [], "though no event has told yet that they left the classroom"


async def test_a_judge_who_waits_for_an_erasure_does_not_list_the_person_again(
    database: Database, database_url: str, school: School
) -> None:
    classroom_id, sam, read = await at_risk(database, school)

    async def waits() -> bool:
        with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return cursor.rowcount == 1

    async with database.transaction() as tx:
        await erase(tx, school.school_id, sam, utc_now())
        judge = asyncio.create_task(written(database, classroom_id, read))
        await eventually(waits)
    await judge
    assert await kept(database, classroom_id) == []
