"""The vocabularies of the two quiz sockets, complete. docs/quiz-protocol.md tells how they are used."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from chassis.model import Body
from chassis.realtime.frames import Refresh
from classroom.quizzes.attempts.models import Attempt, AttemptStatus, Rev, Standing, SubmittedBy


class Answer(Body):
    """Client → server: a newer revision of an answer."""

    type: Literal["answer"]
    question_id: UUID
    value: Any
    rev: Rev


class At(Body):
    """Client → server: the question that is looked at now."""

    type: Literal["at"]
    question_id: UUID


class Flag(Body):
    """Client → server: a question to look at again, or no more."""

    type: Literal["flag"]
    question_id: UUID
    up: bool


class Focus(Body):
    """Client → server: the page lost the focus, or has it again."""

    type: Literal["focus"]
    away: bool


TakingIn = Answer | At | Flag | Focus | Refresh
TAKING_IN: TypeAdapter[TakingIn] = TypeAdapter(Annotated[TakingIn, Field(discriminator="type")])
WATCHING_IN: TypeAdapter[Refresh] = TypeAdapter(Annotated[Refresh, Field()])

RefusalCode = Literal["stale", "paused", "submitted", "gone", "unknown_question", "invalid", "unavailable"]


class Hello(Body):
    """Server → client, first: the whole attempt."""

    type: Literal["hello"] = "hello"
    attempt: Attempt


class Saved(Body):
    """Server → client: this revision or a later one is committed, and will be marked."""

    type: Literal["saved"] = "saved"
    question_id: UUID
    rev: int
    hash: str
    saved_at: datetime


class Refused(Body):
    """Server → client: this revision was not saved; `newest_rev` is the one that stands."""

    type: Literal["refused"] = "refused"
    question_id: UUID
    rev: int
    code: RefusalCode
    detail: str
    newest_rev: int | None = None


class Elsewhere(Body):
    """Server → client: another window of the same student saved an answer."""

    type: Literal["elsewhere"] = "elsewhere"
    question_id: UUID
    value: Any
    rev: int
    hash: str


class NewStanding(Standing):
    """Server → client: the attempt was paused, resumed, extended or handed in."""

    type: Literal["standing"] = "standing"


class Said(Body):
    """Server → client: a teacher's message."""

    type: Literal["message"] = "message"
    id: UUID
    body: str
    sent_at: datetime
    to_all: bool


class Head(Body):
    """Server → client, every five seconds: the quiz's count of changes and the server's clock."""

    type: Literal["head"] = "head"
    progress: int
    now: datetime


class ProgressRow(Body):
    """One student in the console; without an attempt everything about one is null or 0."""

    student_id: UUID
    name: str
    attempt_id: UUID | None
    number: int | None
    status: AttemptStatus | None
    connected: bool
    away: bool
    current_question_id: UUID | None
    answered_count: int
    question_count: int
    flagged_count: int
    last_saved_at: datetime | None
    focus_losses: int
    started_at: datetime | None
    deadline_at: datetime | None
    paused_at: datetime | None
    submitted_at: datetime | None
    submitted_by: SubmittedBy | None
    score: Decimal | None = Field(description="So far, of what is marked automatically")
    max_score: Decimal | None
    changed: int = Field(description="The quiz's count of changes at the row's last one: the higher row is the newer")


class Snapshot(Body):
    """Server → client, first: every student, in pages; `more` until the last."""

    type: Literal["snapshot"] = "snapshot"
    progress: int
    now: datetime
    rows: list[ProgressRow]
    more: bool


class Delta(Body):
    """Server → client, at most twice a second: the rows that changed, each whole."""

    type: Literal["delta"] = "delta"
    progress: int
    now: datetime
    rows: list[ProgressRow]


class Progress(Body):
    """What the console shows, as a page."""

    progress: int
    now: datetime
    items: list[ProgressRow]
    next_cursor: str | None
