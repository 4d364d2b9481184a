"""Work that came in is not missing, in whatever order its events arrive."""

from itertools import permutations

from chassis.db import Database
from chassis.identity import Identity, Role
from chassis.inbox import apply
from grading import views
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
        shown = await at_risk(database, found)
        assert {student.name: student.missing for student in shown.items} == {"Bob": 1}
