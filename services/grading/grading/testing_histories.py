"""Random histories of a school: every state that its things may have had, in any order and more than once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import strategies as st

from chassis.events import Event
from grading.testing import Given, School, new_id

CLASSROOMS, STUDENTS, ASSIGNMENTS = 2, 6, 3
STATUSES = st.sampled_from(["active", "active", "active", "removed"])
STANDINGS = st.tuples(st.sampled_from(["teacher", "student"]), st.sampled_from(["active", "deactivated"]))
CLASSROOM_STATUSES = st.sampled_from(["active", "archived", "deleted"])
KINDS = st.sampled_from(["quiz", "quiz", "homework"])
PUBLISHED = st.sampled_from(["published", "published", "deleted"])
SCORES = st.none() | st.decimals(0, 120, places=2).map(str)
MAXIMA = st.sampled_from(["100", "3", "7.5", "0"])
MONTHS = st.integers(1, 3)


@dataclass(frozen=True)
class History:
    """A school's events in the order of versions, and an order in which they are delivered."""

    school: School
    teachers: list[UUID]
    events: list[Event]
    batches: list[list[Event]]

    def __repr__(self) -> str:
        return f"{len(self.events)} events in batches of {[len(batch) for batch in self.batches]}"


@st.composite
def histories(draw: st.DrawFn) -> History:
    school, teachers, students = School(), [new_id(), new_id()], [new_id() for _ in range(STUDENTS)]
    events = [school.account(student_id, f"S{student_id}") for student_id in students]
    for teacher_id in teachers:
        for version, (role, status) in enumerate([("teacher", "active"), *draw(st.lists(STANDINGS, max_size=2))], 1):
            events.append(school.account(teacher_id, "T", role, status=status, version=version))
    for _ in range(CLASSROOMS):
        events += draw(classroom_histories(school, teachers, students))
    # An older state may be published again under a new event id, and any delivery may be repeated.
    again = draw(st.lists(st.sampled_from(events), max_size=10))
    published = [event if draw(st.booleans()) else replace(event, id=new_id()) for event in again]
    delivered = draw(st.permutations([*events, *published]))
    cuts = draw(st.lists(st.integers(1, len(delivered)), max_size=6))
    edges = [0, *sorted(set(cuts)), len(delivered)]
    batches = [delivered[start:end] for start, end in pairwise(edges)]
    return History(school, teachers, events, batches)


@st.composite
def classroom_histories(
    draw: st.DrawFn, school: School, teachers: Sequence[UUID], students: Sequence[UUID]
) -> list[Event]:
    classroom_id, topic_id, title = new_id(), new_id(), draw(st.sampled_from(["A", "B"]))
    events = [school.classroom(classroom_id, title), school.topic(topic_id, classroom_id)]
    if draw(st.booleans()):
        events.append(school.classroom(classroom_id, title, status=draw(CLASSROOM_STATUSES), version=2))
    if draw(st.booleans()):
        events.append(school.topic(topic_id, classroom_id, status="deleted", version=2))
    for make, people in ((school.teacher, teachers), (school.enrolment, students)):
        for person_id in people:
            pair_id, states = new_id(), draw(st.lists(STATUSES, max_size=3))
            for version, status in enumerate(states, 1):
                events.append(make(pair_id, classroom_id, person_id, status=status, version=version))
    for _ in range(ASSIGNMENTS):
        events += draw(assignment_histories(school, classroom_id, topic_id, students))
    return events


@st.composite
def assignment_histories(
    draw: st.DrawFn, school: School, classroom_id: UUID, topic_id: UUID, students: Sequence[UUID]
) -> list[Event]:
    assignment_id = new_id()
    states = st.lists(st.tuples(KINDS, PUBLISHED, st.sampled_from([None, topic_id])), max_size=3)
    events = [
        school.assignment(assignment_id, classroom_id, kind=kind, status=status, topic_id=topic, version=version)
        for version, (kind, status, topic) in enumerate(draw(states), 1)
    ]
    for student_id in students:
        results = draw(st.lists(st.tuples(SCORES, MAXIMA, MONTHS), max_size=3))
        for version, (score, max_score, month) in enumerate(results, 1):
            graded_at = datetime(2026, month, 28, 23, tzinfo=UTC)
            given_result = Given(student_id, score, version, max_score, graded_at=graded_at)
            events.append(school.grades(assignment_id, classroom_id, [given_result], version=version))
    return events
