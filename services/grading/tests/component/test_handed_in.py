"""Work that came in is not missing, in whatever order its events arrive."""

from itertools import permutations

from chassis.db import Database
from chassis.identity import Identity, Role
from chassis.inbox import apply
from chassis.paging import PageQuery
from grading import views
from grading.attention.jobs import judge_all
from grading.attention.views import at_risk
from grading.consumers import HANDLERS
from grading.gradebook.models import GradebookQuery
from grading.gradebook.views import gradebook
from grading.testing import GRADED_AT, School, new_id


async def test_an_attempt_that_was_submitted_came_in(database: Database) -> None:
    for order in permutations((False, True)):
        school, room, quiz, attempt = School(), new_id(), new_id(), new_id()
        ada, bob = new_id(), new_id()
        await apply(
            database,
            HANDLERS,
            [
                school.classroom(room),
                school.assignment(quiz, room, due_at=GRADED_AT),
                *(school.account(student, name) for student, name in ((ada, "Ada"), (bob, "Bob"))),
                *(school.enrolment(new_id(), room, student) for student in (ada, bob)),
                school.attempt(new_id(), quiz, room, bob, submitted=False),
            ],
        )
        for submitted in order:
            await apply(database, HANDLERS, [school.attempt(attempt, quiz, room, ada, submitted=submitted)])
        admin = Identity(new_id(), school.school_id, new_id(), Role.ADMIN, 0)
        found = await views.find_classroom(database, admin, room)
        assert found is not None
        page = await gradebook(database, school.school_id, found, GradebookQuery(search=None, limit=50))
        states = {student.name: student.cells[0].state for student in page.items}
        assert states == {"Ada": "handed_in", "Bob": "missing"}, order
        await judge_all(database)
        shown = await at_risk(database, found, PageQuery(limit=50, cursor=None))
        assert {student.name: student.missing for student in shown.items} == {"Bob": 1}


async def test_groups_change_and_work_is_taken_back(database: Database) -> None:
    for order in permutations(range(4)):
        school, room, work, submission, quiz = School(), new_id(), new_id(), new_id(), new_id()
        ada, bob, cleo = (new_id() for _ in range(3))
        attempt = new_id()
        await apply(
            database,
            HANDLERS,
            [
                school.classroom(room),
                school.assignment(work, room, kind="group", due_at=GRADED_AT),
                school.assignment(quiz, room, "Later", due_at=GRADED_AT),
                *(school.account(student, name) for student, name in ((ada, "Ada"), (bob, "Bob"), (cleo, "Cleo"))),
                *(school.enrolment(new_id(), room, student) for student in (ada, bob, cleo)),
            ],
        )
        told = [
            school.submission(submission, work, room, [ada, bob], status="created"),
            school.submission(submission, work, room, [ada, bob], version=2),
            school.submission(submission, work, room, [ada], status="returned", version=3),
            school.attempt(attempt, quiz, room, ada, submitted=True),
        ]
        for place in order:
            await apply(database, HANDLERS, [told[place]])
        await apply(database, HANDLERS, [school.attempt(attempt, quiz, room, ada, submitted=False)])
        admin = Identity(new_id(), school.school_id, new_id(), Role.ADMIN, 0)
        found = await views.find_classroom(database, admin, room)
        assert found is not None
        page = await gradebook(database, school.school_id, found, GradebookQuery(search=None, limit=50))
        states = {student.name: [cell.state for cell in student.cells] for student in page.items}
        assert states == {"Ada": ["handed_in"] * 2, "Bob": ["missing"] * 2, "Cleo": ["missing"] * 2}, order
        await judge_all(database)
        shown = await at_risk(database, found, PageQuery(limit=50, cursor=None))
        assert {student.name: student.missing for student in shown.items} == {"Bob": 2, "Cleo": 2}
