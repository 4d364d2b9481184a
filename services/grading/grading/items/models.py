"""What is shown of a quiz's item analysis. Figures are decimal strings; null where there is nothing to divide by."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field

from chassis.model import Body
from grading.models import Exact, Signed


class ChoiceFigures(Body):
    """One choice of a question: how many took it."""

    choice_id: UUID
    text: str
    correct: bool
    chosen: int
    percent: Exact
    top: int = Field(description="How many of the third of attempts with the highest totals")
    bottom: int = Field(description="How many of the third of attempts with the lowest totals")


class QuestionFigures(Body):
    """One question; all figures but `n` are null when fewer than five attempts had it."""

    question_id: UUID
    position: int
    kind: str
    title: str
    max_mark: Exact
    n: int
    mean: Exact | None
    facility: Exact | None = Field(description="Mean mark / max mark, 0 to 1")
    standard_deviation: Exact | None
    discrimination_index: Signed | None = Field(description="100·cov(x,R)/√(var x · var R), −100 to 100")
    discriminative_efficiency: Signed | None = Field(description="100·cov(x,R) / the most it could be")
    choices: Sequence[ChoiceFigures]
    findings: Sequence[str] = Field(
        description="too_hard, too_easy, negative_discrimination, best_prefer_a_wrong_choice, never_chosen"
    )


class WholeFigures(Body):
    """The attempts' totals, in marks."""

    mean: Exact
    median: Exact
    lowest: Exact
    highest: Exact
    standard_deviation: Exact
    skewness: Signed | None
    kurtosis: Signed | None
    internal_consistency: Signed | None = Field(description="Cronbach's alpha in percent")
    error_ratio: Exact | None = Field(description="In percent of the standard deviation")
    standard_error: Exact | None


class QuizStatistics(Body):
    """The item analysis of a quiz: one attempt a student, the one that counts. Hidden below five attempts."""

    assignment_id: UUID
    classroom_id: UUID
    title: str
    released: bool = Field(description="False: results or answers may not be shown yet, so nothing is known here")
    attempts: int
    max_mark: Exact
    up_to_date: bool = Field(description="False: something changed, and it will be computed again in a moment")
    computed_at: datetime | None
    quiz: WholeFigures | None
    questions: Sequence[QuestionFigures]
