"""Grouped saving: the answers that come in together to one quiz are committed together, and acknowledged after."""

import asyncio
from collections import Counter as TallyOf
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from prometheus_client import Counter, Histogram

from chassis.db import Database, Row, json_rows
from chassis.errors import Unavailable
from chassis.logging import get_logger
from classroom.quizzes.questions.marks import Marker
from classroom.quizzes.questions.values import Value, hash_of, is_blank
from classroom.quizzes.questions.views import markers

log = get_logger(__name__)

SAVED = Counter("homeroom_quiz_answers_total", "Answers by what became of them", ["outcome"])
GROUP = Histogram("homeroom_quiz_group_size", "Answers in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500))

# How long answers gather before they are committed together; a commit under way gathers more.
WINDOW_SECONDS = 0.02
MOST_IN_GROUP = 1000


class Verdict(NamedTuple):
    """What became of one revision: `saved`, or why not, and the revision that stands."""

    outcome: str
    rev: int
    newest_rev: int | None = None
    hash: str = ""
    saved_at: datetime | None = None


Reply = Callable[[Verdict], None]


@dataclass(slots=True)
class _Pending:
    """The newest revision of one answer in a group, and everybody who waits for it or for one before it."""

    row: dict[str, Any]
    waiting: list[tuple[int, str, Reply]] = field(default_factory=list)


class QuizWriter:
    """Saves the answers and signs of one quiz. Its task, kept in `tasks`, outlives every socket: what was sent is saved
    or refused."""

    def __init__(
        self,
        db: Database,
        school_id: UUID,
        assignment_id: UUID,
        on_commit: Callable[[], None],
        tasks: set[asyncio.Task[None]],
    ) -> None:
        self._db = db
        self._tasks = tasks
        self._school_id = school_id
        self._assignment_id = assignment_id
        self._on_commit = on_commit
        self._answers: dict[tuple[UUID, UUID], _Pending] = {}
        self._signs: dict[UUID, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None
        self._markers: Mapping[UUID, Marker] = {}
        self._keys_version = 0

    async def load(self) -> None:
        """Read what answers are judged by."""
        where = {"id": self._assignment_id, "school_id": self._school_id}
        found = await self._db.row("find_progress", **where)
        self._markers = await markers(self._db, self._school_id, self._assignment_id)
        self._keys_version = found["keys_version"] if found else 0

    def marker(self, question_id: UUID) -> Marker | None:
        """What judges the answers to a question of this quiz."""
        return self._markers.get(question_id)

    def answer(self, attempt_id: UUID, marker: Marker, rev: int, value: Value, reply: Reply) -> None:
        """Save a value that fits; `reply` is called once, after the commit that decides."""
        key, digest = (attempt_id, marker.question_id), hash_of(value)
        pending = self._answers.get(key)
        if pending is None:
            pending = self._answers[key] = _Pending(self._row(attempt_id, marker, rev, value, digest))
        elif rev > pending.row["rev"]:
            pending.row = self._row(attempt_id, marker, rev, value, digest)
        pending.waiting.append((rev, digest, reply))
        self._wake()

    def _row(self, attempt_id: UUID, marker: Marker, rev: int, value: Value, digest: str) -> dict[str, Any]:
        mark: Decimal | None = marker.mark(value)
        return {
            "attempt_id": attempt_id,
            "question_id": marker.question_id,
            "rev": rev,
            "value": value,
            "hash": digest,
            "mark": None if mark is None else str(mark),
            "answered": not is_blank(value),
        }

    def sign(self, attempt_id: UUID) -> dict[str, Any]:
        """The signs of an attempt that the next commit takes along; the caller adds to them."""
        self._wake()
        return self._signs.setdefault(attempt_id, {"attempt_id": attempt_id})

    def _wake(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="quiz-writer")
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        try:
            while self._answers or self._signs:
                await asyncio.sleep(WINDOW_SECONDS)
                await self._commit(*self._take())
        finally:
            self._task = None

    def _take(self) -> tuple[list[_Pending], list[dict[str, Any]]]:
        waiting = list(self._answers.items())
        taken, self._answers = [it for _, it in waiting[:MOST_IN_GROUP]], dict(waiting[MOST_IN_GROUP:])
        signs, self._signs = list(self._signs.values()), {}
        return taken, signs

    async def _commit(self, taken: list[_Pending], signs: list[dict[str, Any]]) -> None:
        try:
            done = await self._save(taken, signs)
        except Exception as error:
            if not isinstance(error, Unavailable):
                log.exception("answers_not_saved", assignment_id=str(self._assignment_id))
            done = None
        outcomes: TallyOf[str] = TallyOf()
        for pending in taken:
            self._answer_all(pending, done, outcomes)
        for outcome, count in outcomes.items():
            SAVED.labels(outcome).inc(count)
        if done:
            self._on_commit()

    async def _save(self, taken: list[_Pending], signs: list[dict[str, Any]]) -> "_Done | None":
        """None when nothing is known of what became of them."""
        for number, pending in enumerate(taken):
            pending.row["number"] = number
        row = await self._db.row(
            "save_work",
            id=self._assignment_id,
            school_id=self._school_id,
            answers=json_rows([pending.row for pending in taken]),
            signs=json_rows(signs),
        )
        GROUP.observe(len(taken))
        if row is None or row["judged"] != len(taken):
            return None
        if row["keys_version"] != self._keys_version:
            await self.load()
        return _Done(row["saved_at"], {it["number"]: it for it in row["refused"]})

    def _answer_all(self, pending: _Pending, done: "_Done | None", outcomes: TallyOf[str]) -> None:
        for rev, digest, reply in pending.waiting:
            verdict = _verdict(pending.row, done, rev, digest)
            outcomes[verdict.outcome] += 1
            try:
                reply(verdict)
            except Exception:
                log.exception("reply_failed")


class _Done(NamedTuple):
    """A commit: when it was, and what it refused, by number."""

    saved_at: datetime
    refused: Mapping[int, Row]


def _verdict(written: dict[str, Any], done: _Done | None, rev: int, digest: str) -> Verdict:
    if done is None:
        return Verdict("unavailable", rev)
    if refused := done.refused.get(written["number"]):
        return Verdict(refused["outcome"], rev, refused["rev"])
    # What was stored supersedes an earlier revision of its group, and the same revision only with the same value.
    if rev == written["rev"] and digest != written["hash"]:
        return Verdict("stale", rev, rev)
    return Verdict("saved", rev, written["rev"], digest, done.saved_at)
