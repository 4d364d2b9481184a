"""Events as classroom and auth publish them, for tests and benchmarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import uuid_utils.compat as uuid_utils

from chassis.events import Event

GRADED_AT = datetime(2026, 10, 2, 10, tzinfo=UTC)


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.uuid7()


@dataclass(frozen=True)
class Given:
    """One student's result; score None: withdrawn."""

    student_id: UUID
    score: str | None
    version: int = 1
    max_score: str = "100"
    late: bool = False
    graded_at: datetime = GRADED_AT
    excused: bool | None = None
    late_seconds: int | None = None
    submissions: Sequence[tuple[str, int]] | None = None
    """Score and lateness of each, in order."""

    def data(self) -> dict[str, Any]:
        """As an event carries it."""
        return self._required() | {name: value for name, value in self._newer().items() if value is not None}

    def _newer(self) -> dict[str, Any]:
        tried = [
            {"number": number, "score": score, "max_score": self.max_score, "late_seconds": seconds}
            for number, (score, seconds) in enumerate(self.submissions or (), 1)
        ]
        return {"excused": self.excused, "late_seconds": self.late_seconds, "submissions": tried or None}

    def _required(self) -> dict[str, Any]:
        return {
            "student_id": str(self.student_id),
            "score": self.score,
            "max_score": self.max_score,
            "late": self.late,
            "version": self.version,
            "graded_at": self.graded_at.isoformat(),
        }


def choice_of(question_id: UUID, correct: bool) -> str:
    """The id of the right or the wrong choice of a question of `School.questions`."""
    return str(uuid5(question_id, str(correct)))


@dataclass(frozen=True)
class Tried:
    """A student's attempt at a quiz of `School.questions`: a mark for each question, 2 for the right choice."""

    student_id: UUID
    marks: Mapping[UUID, int]
    attempt_id: UUID = field(default_factory=lambda: new_id())
    number: int = 1
    counts: bool = True
    version: int = 1

    def data(self) -> dict[str, Any]:
        """As an event carries it."""
        return {
            "attempt_id": str(self.attempt_id),
            "student_id": str(self.student_id),
            "number": self.number,
            "counts": self.counts,
            "version": self.version,
            "items": [
                {"question_id": str(id_), "mark": str(mark), "choices": [choice_of(id_, mark == 2)]}
                for id_, mark in self.marks.items()
            ],
        }


@dataclass(frozen=True)
class School:
    """Makes the events of one school; a version above 1 is an update."""

    school_id: UUID = field(default_factory=new_id)

    def account(
        self, account_id: UUID, name: str, role: str = "student", *, status: str = "active", version: int = 1
    ) -> Event:
        """A person."""
        change = "deactivated" if status == "deactivated" else _created(version)
        data = {"account_id": str(account_id), "email": f"{account_id}@example.org", "name": name, "role": role}
        return self._event(f"auth.account-{change}", account_id, version, data | {"status": status, "source_id": None})

    def classroom(
        self,
        classroom_id: UUID,
        title: str = "Physics 9b",
        *,
        subject: str | None = None,
        term: str | None = None,
        status: str = "active",
        version: int = 1,
    ) -> Event:
        """A classroom."""
        when = term and {"title": term, "starts_on": "2026-09-01", "ends_on": "2026-12-20"}
        data = {"classroom_id": str(classroom_id), "title": title, "subject": subject, "term": when}
        change = "deleted" if status == "deleted" else _created(version)
        data |= {"status": status, "source_id": None}
        return self._event(f"classroom.classroom-{change}", classroom_id, version, data)

    def teacher(
        self, pair_id: UUID, classroom_id: UUID, teacher_id: UUID, *, status: str = "active", version: int = 1
    ) -> Event:
        """Somebody teaches a classroom, or no longer does."""
        data = {"classroom_id": str(classroom_id), "teacher_id": str(teacher_id), "status": status}
        change = "added" if status == "active" else "removed"
        return self._event(f"classroom.teacher-{change}", pair_id, version, data)

    def enrolment(
        self, pair_id: UUID, classroom_id: UUID, student_id: UUID, *, status: str = "active", version: int = 1
    ) -> Event:
        """Somebody attends a classroom, or no longer does."""
        data = {"classroom_id": str(classroom_id), "student_id": str(student_id), "status": status}
        change = "enrolled" if status == "active" else "removed"
        return self._event(f"classroom.student-{change}", pair_id, version, data)

    def topic(
        self, topic_id: UUID, classroom_id: UUID, title: str = "Motion", *, status: str = "active", version: int = 1
    ) -> Event:
        """A topic."""
        data = {"topic_id": str(topic_id), "classroom_id": str(classroom_id), "title": title, "position": 0}
        change = "deleted" if status == "deleted" else _created(version)
        return self._event(f"classroom.topic-{change}", topic_id, version, data | {"status": status})

    def assignment(
        self,
        assignment_id: UUID,
        classroom_id: UUID,
        title: str = "Quiz 1",
        *,
        kind: str = "quiz",
        topic_id: UUID | None = None,
        due_at: datetime | None = None,
        assigned_to: Sequence[UUID] | None = None,
        status: str = "published",
        version: int = 1,
    ) -> Event:
        """Something set."""
        data: dict[str, Any] = {
            "assignment_id": str(assignment_id),
            "classroom_id": str(classroom_id),
            "topic_id": topic_id and str(topic_id),
            "kind": kind,
            "title": title,
            "points_possible": "100",
            "due_at": due_at and due_at.isoformat(),
            "counts": "best" if kind == "quiz" else None,
            "status": status,
        }
        if assigned_to is not None:
            data["assigned_to"] = list(map(str, assigned_to))
        change = "deleted" if status == "deleted" else _created(version)
        return self._event(f"classroom.assignment-{change}", assignment_id, version, data)

    def grades(
        self,
        assignment_id: UUID,
        classroom_id: UUID,
        results: Sequence[Given],
        *,
        changed: bool = False,
        version: int = 1,
    ) -> Event:
        """Results released, or changed after that."""
        data = {"assignment_id": str(assignment_id), "classroom_id": str(classroom_id)}
        data_results = {"results": [result.data() for result in results]}
        kind = "classroom.grade-changed" if changed else "classroom.grade-released"
        return self._event(kind, assignment_id, version, data | data_results)

    def submission(
        self,
        submission_id: UUID,
        assignment_id: UUID,
        classroom_id: UUID,
        student_ids: Sequence[UUID],
        *,
        status: str = "turned_in",
        version: int = 1,
    ) -> Event:
        """Work of one student or of a group."""
        at = None if status == "created" else GRADED_AT.isoformat()
        data = {
            "submission_id": str(submission_id),
            "assignment_id": str(assignment_id),
            "classroom_id": str(classroom_id),
            "student_ids": list(map(str, student_ids)),
            "status": status,
            "number": 0 if at is None else 1,
            "turned_in_at": at,
            "late_seconds": None if at is None else 0,
        }
        return self._event(f"classroom.submission-{status.replace('_', '-')}", submission_id, version, data)

    def attempt(
        self, attempt_id: UUID, assignment_id: UUID, classroom_id: UUID, student_id: UUID, *, submitted: bool
    ) -> Event:
        """A student begins a quiz, or hands it in."""
        data = {
            "attempt_id": str(attempt_id),
            "assignment_id": str(assignment_id),
            "classroom_id": str(classroom_id),
            "student_id": str(student_id),
            "number": 1,
            "status": "submitted" if submitted else "open",
            "started_at": GRADED_AT.isoformat(),
            "submitted_at": GRADED_AT.isoformat() if submitted else None,
        }
        name = "submitted" if submitted else "started"
        return self._event(f"classroom.attempt-{name}", attempt_id, 1 + submitted, data)

    def questions(
        self, assignment_id: UUID, classroom_id: UUID, questions: Sequence[UUID], *, version: int = 1
    ) -> Event:
        """What a quiz asked: questions worth 2 with a right and a wrong choice, whose ids `choice_of` gives."""
        data = {
            "assignment_id": str(assignment_id),
            "classroom_id": str(classroom_id),
            "questions": [
                {
                    "question_id": str(question_id),
                    "position": place,
                    "kind": "single_choice",
                    "title": f"Question {place + 1}",
                    "max_mark": "2",
                    "choices": [
                        {"choice_id": choice_of(question_id, correct), "text": str(correct), "correct": correct}
                        for correct in (True, False)
                    ],
                }
                for place, question_id in enumerate(questions)
            ],
        }
        return self._event("classroom.quiz-questions-released", assignment_id, version, data)

    def attempts(
        self, assignment_id: UUID, classroom_id: UUID, attempts: Sequence["Tried"], *, version: int = 1
    ) -> Event:
        """Attempts at it."""
        data = {"assignment_id": str(assignment_id), "classroom_id": str(classroom_id)}
        return self._event(
            "classroom.attempts-marked", assignment_id, version, data | {"attempts": [one.data() for one in attempts]}
        )

    def _event(self, name: str, subject: UUID, version: int, data: dict[str, Any]) -> Event:
        owner = name.partition(".")[0]
        return Event(f"{name}.v1", f"/homeroom/{owner}", subject, self.school_id, version, data)


def _created(version: int) -> str:
    return "created" if version == 1 else "updated"
