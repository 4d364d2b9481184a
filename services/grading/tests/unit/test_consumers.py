"""What needs no database: batches are cut, and every type has its handler."""

from chassis.contracts import check_event, default_contracts
from chassis.inbox import complete_handlers
from grading.consumers import HANDLERS, split
from grading.testing import Given, School, Tried, new_id


def test_handlers_are_what_the_contracts_say() -> None:
    complete_handlers(default_contracts(), "grading", HANDLERS)


def test_a_batch_is_cut_between_events(school: School) -> None:
    events = [
        school.grades(new_id(), new_id(), [Given(new_id(), "1") for _ in range(size)]) for size in (3, 3, 500, 1, 1)
    ]
    parts = list(split(events, 6))
    assert [len(part) for part in parts] == [2, 1, 2]
    assert [event for part in parts for event in part] == events
    assert list(split([], 6)) == []


def test_the_events_of_the_tests_are_those_of_the_contracts(school: School) -> None:
    for event in (
        school.account(new_id(), "Ada"),
        school.account(new_id(), "Ada", status="deactivated", version=2),
        school.classroom(new_id(), term="Autumn", version=2),
        school.teacher(new_id(), new_id(), new_id()),
        school.enrolment(new_id(), new_id(), new_id(), status="removed", version=2),
        school.topic(new_id(), new_id()),
        school.assignment(new_id(), new_id(), kind="homework", status="deleted", version=2),
        school.grades(new_id(), new_id(), [Given(new_id(), None)], changed=True),
        school.submission(new_id(), new_id(), new_id(), [new_id()]),
        school.submission(new_id(), new_id(), new_id(), [new_id()], status="created"),
        school.attempt(new_id(), new_id(), new_id(), new_id(), submitted=True),
        school.questions(new_id(), new_id(), [new_id()]),
        school.attempts(new_id(), new_id(), [Tried(new_id(), {new_id(): 2})]),
    ):
        check_event(event)
