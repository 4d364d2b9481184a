"""Events into facts: versions, withdrawals, late arrivals, and every published example."""

from decimal import Decimal
from uuid import UUID

from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.events import Event
from chassis.identity import Identity, Role
from chassis.inbox import apply, complete_handlers
from grading import views
from grading.consumers import HANDLERS
from grading.models import Classroom
from grading.testing import Given, School, new_id


async def figures(database: Database, school: School, classroom_id: UUID) -> Classroom:
    admin = Identity(new_id(), school.school_id, new_id(), Role.ADMIN, 0)
    found = await views.find_classroom(database, admin, classroom_id)
    assert found is not None
    return await views.classroom(database, found)


class Class:
    """A classroom with one quiz and two students, as events."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.classroom_id, self.quiz_id = new_id(), new_id()
        self.pair_id, self.ada, self.bob = new_id(), new_id(), new_id()

    def events(self) -> list[Event]:
        return [
            self.school.classroom(self.classroom_id),
            self.school.assignment(self.quiz_id, self.classroom_id),
            self.enrolment("active", 1),
            self.school.enrolment(new_id(), self.classroom_id, self.bob),
        ]

    def enrolment(self, status: str, version: int) -> Event:
        return self.school.enrolment(self.pair_id, self.classroom_id, self.ada, status=status, version=version)

    def grades(self, *results: Given, changed: bool = False) -> Event:
        return self.school.grades(self.quiz_id, self.classroom_id, results, changed=changed)


async def test_every_example_is_accepted(database: Database) -> None:
    contracts = default_contracts()
    handlers = complete_handlers(contracts, "grading", HANDLERS)
    for name in sorted(contracts.consumed_by("grading")):
        for _, event in contracts.types[name].examples():
            await apply(database, handlers, [event])


async def test_unknown_members_are_ignored(database: Database, school: School) -> None:
    one = Class(school)
    events = [*one.events(), one.grades(Given(one.ada, "50"))]
    for event in events:
        event.data["colour"] = "red"
    for result in events[-1].data["results"]:
        result["feedback"] = "good"
    await apply(database, HANDLERS, events)
    assert (await figures(database, school, one.classroom_id)).quiz_average == 50


async def test_results_may_come_first(database: Database, school: School) -> None:
    one = Class(school)
    await apply(database, HANDLERS, [one.grades(Given(one.ada, "50"), Given(one.bob, "100"))])
    for event in reversed(one.events()):
        await apply(database, HANDLERS, [event])
    shown = await figures(database, school, one.classroom_id)
    assert (shown.students, shown.results, shown.quiz_average) == (2, 2, Decimal(75))


async def test_each_result_compares_its_own_version(database: Database, school: School) -> None:
    one = Class(school)
    await apply(database, HANDLERS, [*one.events(), one.grades(Given(one.ada, "10", 2), Given(one.bob, "20"))])
    await apply(database, HANDLERS, [one.grades(Given(one.ada, "90"), Given(one.bob, "40", 2), changed=True)])
    shown = await figures(database, school, one.classroom_id)
    assert (shown.results, shown.quiz_average) == (2, Decimal(25))


async def test_a_result_twice_in_one_batch(database: Database, school: School) -> None:
    one = Class(school)
    both = [one.grades(Given(one.ada, "90", 3)), one.grades(Given(one.ada, "10", 2), changed=True)]
    await apply(database, HANDLERS, [*one.events(), *both, one.grades(Given(one.ada, "20"))])
    assert (await figures(database, school, one.classroom_id)).quiz_average == 90


async def test_a_withdrawn_result_is_no_fact_until_it_is_given_again(database: Database, school: School) -> None:
    one = Class(school)
    await apply(database, HANDLERS, [*one.events(), one.grades(Given(one.ada, "90"), Given(one.bob, None))])
    assert (await figures(database, school, one.classroom_id)).results == 1
    await apply(database, HANDLERS, [one.grades(Given(one.ada, None, 2), changed=True)])
    shown = await figures(database, school, one.classroom_id)
    assert (shown.results, shown.quiz_average, shown.distribution.median) == (0, None, None)
    await apply(database, HANDLERS, [one.grades(Given(one.ada, "80", 3), changed=True)])
    assert (await figures(database, school, one.classroom_id)).quiz_average == 80


async def test_a_removed_student_leaves_every_figure_until_enrolled_again(database: Database, school: School) -> None:
    one = Class(school)
    await apply(database, HANDLERS, [*one.events(), one.grades(Given(one.ada, "90"), Given(one.bob, "10"))])
    await apply(database, HANDLERS, [one.enrolment("removed", 2)])
    without = await figures(database, school, one.classroom_id)
    assert (without.students, without.results, without.quiz_average) == (1, 1, Decimal(10))
    assert [(month.results, month.quiz_average) for month in without.trend] == [(1, Decimal(10))]
    assert [(quiz.results, quiz.average) for quiz in without.quizzes] == [(1, Decimal(10))]
    # A result of the absence counts from the moment they are back.
    await apply(database, HANDLERS, [one.grades(Given(one.ada, "70", 2), changed=True)])
    await apply(database, HANDLERS, [one.enrolment("active", 3)])
    again = await figures(database, school, one.classroom_id)
    assert (again.students, again.results, again.quiz_average) == (2, 2, Decimal(40))


async def test_a_result_out_of_nothing_has_no_percent(database: Database, school: School) -> None:
    one = Class(school)
    await apply(database, HANDLERS, [*one.events(), one.grades(Given(one.ada, "5", max_score="0"))])
    assert (await figures(database, school, one.classroom_id)).results == 0


async def test_a_large_batch_is_applied_in_parts(database: Database, school: School) -> None:
    one = Class(school)
    students = [new_id() for _ in range(500)]
    enrolled = [school.enrolment(new_id(), one.classroom_id, student) for student in students]
    quizzes = [school.assignment(new_id(), one.classroom_id) for _ in range(25)]
    grades = [
        school.grades(quiz.subject, one.classroom_id, [Given(student, "40") for student in students])
        for quiz in quizzes
    ]
    await apply(database, HANDLERS, [*one.events(), *grades, *quizzes, *enrolled])
    shown = await figures(database, school, one.classroom_id)
    assert (shown.results, shown.quiz_average) == (12_500, Decimal(40))
