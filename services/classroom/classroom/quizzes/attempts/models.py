"""What the API takes and shows of attempts."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from classroom.domain import Moment
from classroom.quizzes.questions.models import Credit, Question, QuestionKind
from classroom.quizzes.rules.models import ExtraSeconds

Rev = Annotated[int, Field(ge=1, le=2**53, description="The client's count of this answer's revisions")]
Hash = Annotated[
    str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the value's JSON, keys sorted, no spaces")
]


class AttemptStatus(StrEnum):
    """Answers are taken while it is open, and at no other time."""

    OPEN = "open"
    PAUSED = "paused"
    SUBMITTED = "submitted"


class SubmittedBy(StrEnum):
    """Who ended an attempt: the student, the clock or a teacher."""

    STUDENT = "student"
    TIME = "time"
    TEACHER = "teacher"


class ShownOption(Body):
    """Something to choose, match or order."""

    id: UUID
    text: str


class ShownQuestion(Body):
    """A question as a student is asked it: nothing of its key, its options in the order of this attempt."""

    id: UUID
    kind: QuestionKind
    title: str
    points: Decimal
    text: str
    file_ids: list[UUID]
    choices: tuple[ShownOption, ...] = ()
    lefts: tuple[ShownOption, ...] = ()
    rights: tuple[ShownOption, ...] = ()
    items: tuple[ShownOption, ...] = ()
    credit: Credit | None = None
    unit: str | None = None
    unit_required: bool = False
    solution: Question | None = Field(None, description="With its key, once answers may show")


class ShownAnswer(Body):
    """The newest saved revision of an answer; mark and feedback once results show."""

    question_id: UUID
    value: Any
    rev: int
    hash: Hash
    saved_at: Moment
    mark: Decimal | None = None
    feedback: str | None = None
    by_hand: bool | None = None
    mark_version: int | None = None


class Message(Body):
    """What a teacher said during the quiz."""

    id: UUID
    body: str
    sent_at: Moment
    to_all: bool


class Standing(Body):
    """How an attempt stands by the server's clock."""

    status: AttemptStatus
    now: Moment
    deadline_at: Moment | None = Field(description="While paused: counted on from the resumption")
    paused_at: Moment | None
    submitted_at: Moment | None
    submitted_by: SubmittedBy | None


class Attempt(Standing):
    """A run through a quiz, whole."""

    id: UUID
    assignment_id: UUID
    student_id: UUID
    number: int
    started_at: Moment
    current_question_id: UUID | None
    flagged: list[UUID]
    questions: list[ShownQuestion]
    answers: list[ShownAnswer]
    messages: list[Message]
    score: Decimal | None = Field(None, description="Once results show; to teachers always")
    max_score: Decimal
    unmarked_count: int | None = Field(None, description="Answers that still wait for a person's mark")
    progress: int = Field(description="The quiz's count of changes that this shows")


class AttemptSummary(Body):
    """One attempt in a list."""

    id: UUID
    student_id: UUID
    name: str
    number: int
    status: AttemptStatus
    started_at: Moment
    deadline_at: Moment | None
    submitted_at: Moment | None
    submitted_by: SubmittedBy | None
    score: Decimal | None
    max_score: Decimal
    unmarked_count: int | None


class NewAnswer(Body):
    """An answer to save; its shape depends on the question's kind, null clears it."""

    value: Any
    rev: Rev


class SavedAnswer(Body):
    """What was stored; from now on this revision or a later one is what is marked."""

    question_id: UUID
    rev: int
    hash: Hash
    saved_at: Moment


class Signs(Body):
    """Signs of progress: for the student's own next visit and for the teachers' console. No answer depends on them."""

    current_question_id: UUID | None = None
    flagged: tuple[UUID, ...] = Field((), max_length=500, description="Questions to look at again")
    unflagged: tuple[UUID, ...] = Field((), max_length=500)
    away: bool | None = Field(None, description="True when the page lost the focus, false when it has it again")


class Extension(Body):
    """More time; how much."""

    seconds: ExtraSeconds


class NewMessage(Body):
    """Something to say."""

    body: Annotated[str, Field(min_length=1, max_length=2000)]


class Touched(Body):
    """Which attempts an action changed."""

    attempt_ids: list[UUID]


class ReceiptItem(Body):
    """One answer as it was handed in."""

    question_id: UUID
    title: str
    value: Any
    rev: int
    hash: Hash
    saved_at: Moment | None


class Receipt(Body):
    """What a student can show of their attempt: every answer with its revision, hash and time.

    `hash` is the SHA-256 of all the answers' `question_id:rev:hash` lines, in this order, joined by line feeds.
    """

    attempt_id: UUID
    assignment_id: UUID
    title: str
    student_id: UUID
    name: str
    number: int
    started_at: Moment
    submitted_at: Moment | None
    submitted_by: SubmittedBy | None
    answers: list[ReceiptItem]
    hash: Hash
