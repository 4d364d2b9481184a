"""What the API takes and shows of marking."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from chassis.paging import PageQuery
from classroom.domain import Moment, Score, Text
from classroom.quizzes.questions.models import Question, QuestionKind


class WaitingQuestion(Body):
    """A question with answers that a person marks."""

    question_id: UUID
    title: str
    kind: QuestionKind
    waiting: int
    marked: int


class MarkingQueue(Body):
    """What there is to mark, by question; `anonymous`: whose answers they are is not shown."""

    anonymous: bool
    questions: list[WaitingQuestion]


class AnswersQuery(PageQuery):
    """Which answers."""

    waiting: bool = Field(True, description="Only those without a mark")


class AnswerToMark(Body):
    """An answer as whoever marks it sees it."""

    attempt_id: UUID
    student_id: UUID | None = Field(description="null while marking is anonymous")
    name: str | None
    number: int
    value: Any
    rev: int
    mark: Decimal | None
    max_mark: Decimal
    feedback: str
    marked_by: UUID | None
    mark_version: int


class NewMark(Body):
    """A mark given by hand, with what is said to it."""

    mark: Score
    feedback: Text = ""


class Mark(Body):
    """The mark that stands now."""

    attempt_id: UUID
    question_id: UUID
    mark: Decimal | None
    feedback: str
    mark_version: int


class Correction(Body):
    """A question with its corrected key: same kind, same options; text, key and title may differ, the points not."""

    question: Question
    reason: Annotated[str, Field(max_length=500)] = ""
    preview: bool = Field(False, description="Only say what would change")


class MarkChange(Body):
    """What the correction does to one attempt."""

    attempt_id: UUID
    student_id: UUID
    before: Decimal | None
    after: Decimal | None


class Corrected(Body):
    """What a correction changes, or would change. Marks given by hand stay."""

    applied: bool
    attempts: int
    raised: int
    lowered: int
    by_hand: int
    changes: list[MarkChange] = Field(description="The first 500")


class PastKey(Body):
    """A key that stood before."""

    key_version: int
    key: dict[str, Any]
    changed_by: UUID
    reason: str
    changed_at: Moment


class PastKeys(Body):
    """All corrections of a question, newest first."""

    items: list[PastKey]


class ChoiceCount(Body):
    """How often a choice was taken."""

    choice_id: UUID
    n: int


class ItemAnalysis(Body):
    """One question's figures; null where they are not defined, or fewer than 5 took part."""

    question_id: UUID
    kind: QuestionKind
    title: str
    n: int
    facility: float | None = Field(description="Mean mark / points")
    discrimination_index: float | None = Field(description="100 · correlation of mark and rest of the score")
    discriminative_efficiency: float | None = Field(description="100 · covariance / the greatest one these marks allow")
    choices: list[ChoiceCount]


class QuizAnalysis(Body):
    """A quiz's figures over the attempts that count, in points of the quiz; null below 5 or where not defined."""

    n: int
    mean: float | None
    median: float | None
    standard_deviation: float | None
    skewness: float | None
    kurtosis: float | None
    internal_consistency: float | None = Field(description="Coefficient in percent; null with random draws")
    standard_error: float | None
    items: list[ItemAnalysis]
