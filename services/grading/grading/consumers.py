"""Event → copy, fact and figure. Whatever the order among types, the figures end the same."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from chassis.copies import copy_rows, keep, with_version
from chassis.db import Executor, json_rows
from chassis.events import Event, newest
from chassis.inbox import Handler
from grading.items import consumers as items

RESULTS_PER_STATEMENT = 5_000
RECOUNTED_PER_STATEMENT = 20_000
HANDED_IN = frozenset({"turned_in", "returned", "submitted"})


async def keep_enrolments(tx: Executor, events: Sequence[Event]) -> None:
    """Who is enrolled; a student's results enter and leave the figures with them."""
    await tx.execute("lock_figures")
    changed = await tx.rows("keep_enrolments", rows=copy_rows(events))
    if changed:
        classrooms = [row["classroom_id"] for row in changed]
        students = [row["student_id"] for row in changed]
        await _recount(tx, "recount_facts_of_enrolments", classroom_ids=classrooms, student_ids=students)
        await tx.execute("want_statistics_of_classrooms", classroom_ids=sorted(set(classrooms)))
        await tx.execute("want_judgements", classroom_ids=classrooms)


async def keep_assignments(tx: Executor, events: Sequence[Event]) -> None:
    """What was set; its results count while it is published, as quiz results while it is a quiz."""
    await tx.execute("lock_figures")
    changed = await tx.rows("keep_assignments", rows=copy_rows(events))
    if changed:
        await _recount(tx, "recount_facts_of_assignments", assignment_ids=[row["assignment_id"] for row in changed])
        await tx.execute("want_judgements", classroom_ids=[row["classroom_id"] for row in changed])


async def keep_facts(tx: Executor, events: Sequence[Event]) -> None:
    """Results, each by its own version; a null score withdraws one."""
    await tx.execute("lock_figures")
    for part in split(events, RESULTS_PER_STATEMENT):
        await tx.execute("keep_facts", events=json_rows([with_version(event) for event in part]))
    await _want_judgements(tx, events)


async def keep_submissions(tx: Executor, events: Sequence[Event]) -> None:
    """Work that came in: what was given back after that did too."""
    rows = [_handed_in(event, "submission_id", event.data["student_ids"], "turned_in_at") for event in newest(events)]
    await tx.execute("keep_handed_in", rows=json_rows(rows))
    await _want_judgements(tx, events)


async def keep_attempts(tx: Executor, events: Sequence[Event]) -> None:
    """Attempts at quizzes that came in."""
    rows = [_handed_in(event, "attempt_id", [event.data["student_id"]], "submitted_at") for event in newest(events)]
    await tx.execute("keep_handed_in", rows=json_rows(rows))
    await _want_judgements(tx, events)


async def _want_judgements(tx: Executor, events: Sequence[Event]) -> None:
    classroom_ids = [UUID(event.data["classroom_id"]) for event in events]
    await tx.execute("want_judgements", classroom_ids=classroom_ids)


def _handed_in(event: Event, source: str, student_ids: Sequence[str], at: str) -> dict[str, Any]:
    own = {"source_id": event.data[source], "student_ids": student_ids, "at": event.data[at]}
    return with_version(event) | own | {"handed_in": event.data["status"] in HANDED_IN}


def split(events: Sequence[Event], results: int) -> Iterator[list[Event]]:
    """Parts of at most that many results together (an event is never cut), to bound a statement's time."""
    part: list[Event] = []
    size = 0
    for event in events:
        count = len(event.data["results"])
        if part and size + count > results:
            yield part
            part, size = [], 0
        part.append(event)
        size += count
    if part:
        yield part


async def _recount(tx: Executor, query: str, **keys: Any) -> None:
    while await tx.execute(query, limit=RECOUNTED_PER_STATEMENT, **keys) == RECOUNTED_PER_STATEMENT:
        pass


HANDLERS: dict[str, Handler] = items.HANDLERS | {
    "auth.account-created.v1": keep("keep_accounts"),
    "auth.account-updated.v1": keep("keep_accounts"),
    "auth.account-deactivated.v1": keep("keep_accounts"),
    "classroom.classroom-created.v1": keep("keep_classrooms"),
    "classroom.classroom-updated.v1": keep("keep_classrooms"),
    "classroom.classroom-deleted.v1": keep("keep_classrooms"),
    "classroom.teacher-added.v1": keep("keep_teachers"),
    "classroom.teacher-removed.v1": keep("keep_teachers"),
    "classroom.student-enrolled.v1": keep_enrolments,
    "classroom.student-removed.v1": keep_enrolments,
    "classroom.topic-created.v1": keep("keep_topics"),
    "classroom.topic-updated.v1": keep("keep_topics"),
    "classroom.topic-deleted.v1": keep("keep_topics"),
    "classroom.assignment-created.v1": keep_assignments,
    "classroom.assignment-updated.v1": keep_assignments,
    "classroom.assignment-deleted.v1": keep_assignments,
    "classroom.submission-created.v1": keep_submissions,
    "classroom.submission-turned-in.v1": keep_submissions,
    "classroom.submission-reclaimed.v1": keep_submissions,
    "classroom.submission-returned.v1": keep_submissions,
    "classroom.attempt-started.v1": keep_attempts,
    "classroom.attempt-submitted.v1": keep_attempts,
    "classroom.grade-released.v1": keep_facts,
    "classroom.grade-changed.v1": keep_facts,
}
