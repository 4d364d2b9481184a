"""From the rows of a package to the rows that the SQL of an import takes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from chassis.oneroster import (
    AcademicSession,
    Category,
    Class,
    Course,
    Enrollment,
    LineItem,
    Package,
    Result,
    chunks,
    deltas,
    quiz_categories,
    rows,
)
from chassis.rosters.work import Part
from classroom.domain import Kind

Rows = list[dict[str, Any]]

TITLE = 500
PART = 500
DELETED = "tobedeleted"

# What a package of Homeroom's own says where OneRoster wants something and there is nothing: no term, no subject; no
# date that work is due at. And what it calls the categories whose line items are of one kind, in a topic or in none.
NOTHING = "homeroom-none"
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_OWN_CATEGORY = re.compile(f"homeroom:({'|'.join(Kind)}):(.+)")
_WINDOW = 20_000


@dataclass(frozen=True, slots=True)
class Topic:
    """What a category becomes in each classroom that uses it; `source_id` is of the first one so titled."""

    source_id: str
    title: str
    place: int


@dataclass(frozen=True, slots=True)
class Lookups:
    """The small files of a package, held while the large ones stream by."""

    courses: dict[str, str]
    sessions: dict[str, tuple[date, date]]
    topics: dict[str, Topic]
    quizzes: frozenset[str]
    topics_needed: Rows
    deltas: frozenset[str]


def look_up(package: Package, quiz_option: str) -> Lookups:
    """Read the small files; raises BrokenPackage for a quiz category that is not there."""
    explicit = {part.strip() for part in quiz_option.split(",") if part.strip()}
    topics = _topics(rows(package, Category))
    changed = deltas(package)
    items = rows(package, LineItem, delta="lineItems.csv" in changed)
    return Lookups(
        courses={row.sourced_id: "" if row.sourced_id == NOTHING else row.title for row in rows(package, Course)},
        sessions={row.sourced_id: (row.start_date, row.end_date) for row in rows(package, AcademicSession)},
        topics=topics,
        quizzes=frozenset(explicit if explicit and changed else quiz_categories(package, explicit)),
        topics_needed=_topics_needed(topics, (item for item in items if item.status != DELETED)),
        deltas=changed,
    )


def _topics(categories: Iterable[Category]) -> dict[str, Topic]:
    """Categories of the same title share a topic, for a classroom has no two of one title."""
    by_title: dict[str, Topic] = {}
    return {
        row.sourced_id: by_title.setdefault(
            _folded(row.title[:TITLE]), Topic(row.sourced_id, row.title[:TITLE], len(by_title))
        )
        for row in categories
        if _own_category(row.sourced_id)[1] != NOTHING
    }


def own_category(kind: str, topic: object) -> str:
    """The sourcedId of the category for assignments of a kind in a topic."""
    return f"homeroom:{kind}:{NOTHING if topic is None else topic}"


def _own_category(source_id: str) -> tuple[str, str]:
    """The kind and topic of such a category; empty for another's."""
    found = _OWN_CATEGORY.fullmatch(source_id)
    return (found[1], found[2]) if found else ("", "")


def _folded(title: str) -> str:
    """In small letters one by one, as `lower` of the database does it."""
    return "".join(character.lower()[0] for character in title)


def _topics_needed(topics: dict[str, Topic], items: Iterable[LineItem]) -> Rows:
    """A row for each classroom and topic that some line item brings together."""
    needed = {
        (row.class_sourced_id, topics[row.category_sourced_id]): None
        for row in items
        if row.category_sourced_id in topics
    }
    return [
        {"classroom": classroom, "source_id": topic.source_id, "title": topic.title, "place": topic.place}
        for classroom, topic in needed
    ]


def term_rows(part: Sequence[AcademicSession]) -> Rows:
    """Academic sessions as terms."""
    return [
        {
            "source_id": row.sourced_id,
            "title": row.title[:TITLE],
            "starts_on": row.start_date,
            "ends_on": row.end_date,
        }
        for row in part
        if row.sourced_id != NOTHING
    ]


def classroom_rows(found: Lookups, part: Sequence[Class]) -> Rows:
    """Classes as classrooms; the subject is the class's own, else its course's title."""
    return [
        {
            "source_id": row.sourced_id,
            "title": row.title[:TITLE],
            "subject": (row.subjects or found.courses.get(row.course_sourced_id, ""))[:TITLE] or None,
            "keeps_subject": not row.subjects and row.course_sourced_id not in found.courses,
            **_term(found, row.term_sourced_ids),
        }
        for row in part
    ]


def _term(found: Lookups, sessions: Sequence[str]) -> dict[str, Any]:
    """The term of a class; where the package brings only what changed, the terms that are known here decide."""
    named = [session for session in sessions if session != NOTHING]
    if all(session in found.sessions for session in named):
        return {"term": _shortest(found, named), "terms": []}
    return {"term": None, "terms": named}


def _shortest(found: Lookups, sessions: Sequence[str]) -> str | None:
    """Of a year and a term within it, the term."""

    def days(id_: str) -> int:
        starts_on, ends_on = found.sessions[id_]
        return (ends_on - starts_on).days

    return min(sessions, key=days, default=None)


def member_rows(part: Sequence[Enrollment], taught_as: str) -> Rows:
    """Enrolments of one role."""
    return [
        {"classroom": row.class_sourced_id, "person": row.user_sourced_id} for row in part if row.taught_as == taught_as
    ]


def owner_rows(part: Sequence[Enrollment]) -> Rows:
    """Who owns a classroom: its primary teacher, the last one that is called so."""
    owners = {row.class_sourced_id: row.user_sourced_id for row in part if row.taught_as == "teacher" and row.primary}
    return [{"classroom": classroom, "person": person} for classroom, person in owners.items()]


def topic_parts(found: Lookups, start: int) -> Iterator[Part]:
    """Parts of the topics that line items need."""
    needed = found.topics_needed
    for at in range(start, len(needed), PART):
        part = needed[at : at + PART]
        yield at + len(part), part


def assignment_rows(found: Lookups, part: Sequence[LineItem]) -> Rows:
    """Line items as assignments."""
    return [
        {
            "source_id": row.sourced_id,
            "classroom": row.class_sourced_id,
            **_category(found, row.category_sourced_id),
            "title": row.title[:TITLE],
            "description": row.description,
            "due_at": None if row.due_date == NEVER else row.due_date,
            "points": row.result_value_max,
            "place": place,
        }
        for place, row in enumerate(part)
    ]


def _category(found: Lookups, category: str) -> dict[str, Any]:
    """What a category makes of a line item; nothing is said where the package does not hold the category."""
    own_kind, own_topic = _own_category(category)
    said = {"topic": None, "category": category, "topicless": own_topic == NOTHING}
    if category not in found.topics:
        return said | {"kind": own_kind or ("quiz" if category in found.quizzes else None)}
    topic = found.topics[category]
    kind = own_kind or ("quiz" if category in found.quizzes else "homework")
    return said | {"topic": topic.title, "category": topic.source_id, "kind": kind}


def grade_rows(part: Sequence[Result]) -> Rows:
    """Results as grades, the last of a student for a line item; one that is to go has no score."""
    last = {(row.line_item_sourced_id, row.student_sourced_id): row for row in part}
    return [
        {
            "item": row.line_item_sourced_id,
            "person": row.student_sourced_id,
            "score": None if row.status == DELETED else row.counted,
            "late": bool(row.late),
            "feedback": row.comment,
            "scored_at": row.score_date,
        }
        for row in last.values()
    ]


def result_parts(package: Package, start: int) -> Iterator[Part]:
    """Parts of at most `PART` results, from row `start` of their order on.

    Results are ordered by line item within windows, so that an event carries many of one assignment, whatever the
    order of the file; the order is the same each time, so an import goes on where it was.
    """
    first = start - start % _WINDOW
    delta = "results.csv" in deltas(package)
    for done, window in chunks(package, Result, _WINDOW, first, delta=delta):
        # What is to go comes first, so that a new result of the same student stands.
        ordered = sorted(window, key=lambda row: (row.line_item_sourced_id, row.status != DELETED))
        base = done - len(window)
        for at in range(0, len(ordered), PART):
            part = ordered[at : at + PART]
            if base + at >= start:
                yield base + at + len(part), part
