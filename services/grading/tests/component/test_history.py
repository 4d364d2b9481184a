"""Random histories, duplicated, shuffled and replayed: the figures equal a recomputation with fractions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from chassis.db import Database
from chassis.events import Event, newest
from chassis.identity import Identity, Role
from chassis.inbox import apply
from grading import views
from grading.attention.jobs import judge_all
from grading.consumers import HANDLERS
from grading.gradebook.book import open_book
from grading.models import OwnTotal, StudentQuery, TeacherQuery
from grading.recompute import recompute
from grading.testing import new_id
from grading.testing_histories import History, histories

Numbers = Fraction | None
NO_TOTAL = OwnTotal(total=None, current=None, final=None, letter=None, overridden=False)


@dataclass(frozen=True)
class Real:
    """A result that counts."""

    classroom_id: str
    student_id: str
    assignment_id: str
    topic_id: str | None
    quiz: bool
    month: str
    percent: Fraction


def states(events: Sequence[Event], kind: str, *gone: str) -> list[dict[str, Any]]:
    """The last state of each subject that is not gone."""
    last = newest(event for event in events if f".{kind}-" in event.type)
    return [event.data for event in last if event.data["status"] not in gone]


def real_results(events: Sequence[Event]) -> list[Real]:
    """What counts in the end, found without a database."""
    enrolled = {(state["classroom_id"], state["student_id"]) for state in states(events, "student", "removed")}
    assignments = {state["assignment_id"]: state for state in states(events, "assignment", "deleted")}
    topics = {state["topic_id"] for state in states(events, "topic", "deleted")}
    grades = [event.data for event in events if ".grade-" in event.type]
    pairs = [(data, result) for data in grades for result in data["results"]]
    last = {
        (data["assignment_id"], result["student_id"]): (data["classroom_id"], result)
        for data, result in sorted(pairs, key=lambda pair: int(pair[1]["version"]))
    }
    return [
        Real(
            classroom_id,
            student_id,
            assignment_id,
            found if (found := assignments[assignment_id]["topic_id"]) in topics else None,
            assignments[assignment_id]["kind"] == "quiz",
            result["graded_at"][:7],
            100 * Fraction(result["score"]) / Fraction(result["max_score"]),
        )
        for (assignment_id, student_id), (classroom_id, result) in last.items()
        if assignment_id in assignments
        and (classroom_id, student_id) in enrolled
        and result["score"] is not None
        and Fraction(result["max_score"]) > 0
    ]


def mean(percents: Iterable[Fraction]) -> Numbers:
    found = list(percents)
    return sum(found, Fraction(0)) / len(found) if found else None


def same(shown: Decimal | None, real: Numbers) -> bool:
    if shown is None or real is None:
        return shown is None and real is None
    return abs(Fraction(shown) - real) < Fraction(1, 10**9)


def check_averages(shown: Any, real: Sequence[Real]) -> None:
    quizzes = [result.percent for result in real if result.quiz]
    assert (shown.results, shown.all_results) == (len(quizzes), len(real))
    assert same(shown.quiz_average, mean(quizzes))
    assert same(shown.average, mean(result.percent for result in real))


def quantile(percents: list[Fraction], fraction: Fraction) -> Numbers:
    if not percents:
        return None
    ordered = [*sorted(percents), Fraction(0)]
    place = fraction * (len(percents) - 1)
    low, part = ordered[int(place)], place - int(place)
    return low + part * (ordered[int(place) + 1] - low)


def check_distribution(shown: Any, percents: list[Fraction]) -> None:
    quartiles = [quantile(percents, Fraction(n, 4)) for n in range(5)]
    found = (shown.lowest, shown.lower_quartile, shown.median, shown.upper_quartile, shown.highest)
    assert all(map(same, found, quartiles))
    assert same(shown.mean, mean(percents))
    bins = [min(int(percent // 10), 9) for percent in percents]
    assert shown.histogram == [bins.count(n) for n in range(10)]


def check_class_averages(shown: Any, real: Sequence[Real]) -> None:
    students = Counter(result.assignment_id for result in real)
    known = [result for result in real if students[result.assignment_id] >= 5]
    assert same(shown.quiz_average, mean(result.percent for result in known if result.quiz))
    assert same(shown.average, mean(result.percent for result in known))


async def check_own(db: Database, school_id: UUID, classroom_id: UUID, real: Sequence[Real]) -> None:
    """What each enrolled student sees."""
    page = await views.students(db, classroom_id, StudentQuery(limit=200, cursor=None, search=None))
    for student in page.items:
        student_id = student.student_id
        own = [one for one in real if one.student_id == str(student_id)]
        check_averages(student, own)
        identity = Identity(student_id, school_id, new_id(), Role.STUDENT, 0)
        found = await views.find_own(db, "own_classroom", identity, classroom_id=classroom_id)
        assert found is not None
        book = await open_book(db, school_id, found)
        shown = await views.own_classroom(db, student_id, found, NO_TOTAL, book.topics)
        check_averages(shown, own)
        check_class_averages(shown.class_averages, real)
        for topic in shown.topics:
            check_averages(topic, [one for one in own if one.topic_id == (topic.topic_id and str(topic.topic_id))])


async def check_classroom(db: Database, admin: Identity, classroom_id: UUID, real: Sequence[Real]) -> None:
    found = await views.find_classroom(db, admin, classroom_id)
    assert found is not None
    shown = await views.classroom(db, found)
    check_averages(shown, real)
    quizzes = [result for result in real if result.quiz]
    check_distribution(shown.distribution, [result.percent for result in quizzes])
    for month in shown.trend:
        assert same(month.quiz_average, mean(one.percent for one in quizzes if one.month == month.month))
    assert {month.month for month in shown.trend} == {result.month for result in quizzes}
    for topic in shown.topics:
        check_averages(topic, [one for one in real if one.topic_id == (topic.topic_id and str(topic.topic_id))])
    for quiz in shown.quizzes:
        percents = [one.percent for one in quizzes if one.assignment_id == str(quiz.assignment_id)]
        assert same(quiz.average, mean(percents))
        assert all(
            map(same, (quiz.lowest, quiz.median, quiz.highest), (quantile(percents, Fraction(n, 2)) for n in range(3)))
        )
    await check_own(db, admin.school_id, classroom_id, real)


async def check_teachers(db: Database, history: History, real: Sequence[Real]) -> None:
    """Each teacher's figures, a result counting once for each who teaches it."""
    events, school_id = history.events, history.school.school_id
    query = TeacherQuery(limit=50, cursor=None, term=None, subject=None)
    page = {str(item.teacher_id): item for item in (await views.teachers(db, school_id, query)).items}
    accounts = states(events, "account", "deactivated")
    assert page.keys() == {state["account_id"] for state in accounts if state["role"] == "teacher"}
    known = {state["classroom_id"] for state in states(events, "classroom", "deleted")}
    pairs = [(state["teacher_id"], state["classroom_id"]) for state in states(events, "teacher", "removed")]
    for teacher_id, shown in page.items():
        taught = {classroom for teacher, classroom in pairs if teacher == teacher_id} & known
        assert sorted(str(item.classroom_id) for item in shown.classrooms) == sorted(taught)
        quizzes = [result for result in real if result.quiz and result.classroom_id in taught]
        assert shown.results == len(quizzes)
        assert same(shown.quiz_average, mean(result.percent for result in quizzes))
        for item in shown.classrooms:
            own = [result.percent for result in quizzes if result.classroom_id == str(item.classroom_id)]
            assert same(item.quiz_average, mean(own))
        found = await views.find_teacher(db, school_id, UUID(teacher_id))
        assert found is not None
        detail = await views.teacher(db, found)
        assert (detail.results, detail.quiz_average) == (shown.results, shown.quiz_average)
        assert sum(month.results for month in detail.trend) == len(quizzes)


async def check_history(database: Database, history: History) -> None:
    for batch in history.batches:
        await apply(database, HANDLERS, batch)
        # Whatever a batch changes must ask for another judgement, or the recomputation below differs.
        await judge_all(database)

    real, school_id = real_results(history.events), history.school.school_id
    await check_teachers(database, history, real)
    admin = Identity(new_id(), school_id, new_id(), Role.ADMIN, 0)
    known = {state["classroom_id"] for state in states(history.events, "classroom", "deleted")}
    for state in states(history.events, "classroom"):
        classroom_id = UUID(state["classroom_id"])
        own = [result for result in real if result.classroom_id == state["classroom_id"]]
        if state["classroom_id"] in known:
            await check_classroom(database, admin, classroom_id, own)
        else:
            assert await views.find_classroom(database, admin, classroom_id) is None
    assert [difference async for difference in recompute(database, mend=False)] == []


RUN = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@RUN
@given(history=histories())
async def test_any_order_ends_in_the_same_figures(database: Database, history: History) -> None:
    """GUARANTEES 5, 25."""
    await check_history(database, history)


IGNORE_UPDATES = """
CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER fault BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION ignore();
"""
FAULTS = {
    "results are never subtracted": "ALTER TABLE facts DISABLE TRIGGER facts_updated_from",
    "students are never subtracted": "ALTER TABLE enrolments DISABLE TRIGGER enrolments_updated_from",
    "enrolments never change": IGNORE_UPDATES.format("enrolments"),
    "assignments never change": IGNORE_UPDATES.format("assignments"),
    "facts never change": IGNORE_UPDATES.format("facts"),
    "nothing is judged again": """
        CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER fault BEFORE UPDATE ON judgements FOR EACH ROW
        WHEN (new.wanted > old.wanted) EXECUTE FUNCTION ignore();
    """,
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, database_url: str) -> None:
    """A schema that is broken on purpose."""
    with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(FAULTS[request.param])


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="control: the schema is broken on purpose")
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@pytest.mark.usefixtures("fault")
@settings(RUN, max_examples=300, database=None, phases=[Phase.generate], report_multiple_bugs=False)
@given(history=histories())
async def test_a_fault_is_seen(database: Database, history: History) -> None:
    """Control of GUARANTEES 5, 25."""
    await check_history(database, history)
