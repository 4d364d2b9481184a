"""What the API takes and shows of a quiz's rules."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.model import Body, NewMoment
from classroom.domain import Counts, Moment, kept

Seconds = Annotated[int, Field(ge=10, le=604_800)]
ExtraSeconds = Annotated[int, Field(ge=1, le=604_800)]
AttemptCount = Annotated[int, Field(ge=1, le=1000)]


class ResultsShow(StrEnum):
    """When a student sees the score: once a teacher releases it, or as soon as everything is marked."""

    ON_RELEASE = "on_release"
    WHEN_MARKED = "when_marked"


class AnswersShow(StrEnum):
    """When a student who sees the score also sees the right answers."""

    NEVER = "never"
    WITH_RESULTS = "with_results"
    AFTER_CLOSE = "after_close"


class RulesPatch(Body):
    """What to change; null clears, an absent field stays."""

    opens_at: NewMoment | None = kept()
    closes_at: NewMoment | None = kept()
    time_limit_seconds: Seconds | None = kept()
    late_full_time: bool = kept()
    attempts_allowed: AttemptCount | None = kept()
    shuffle_questions: bool = kept()
    shuffle_choices: bool = kept()
    results_show: ResultsShow = kept()
    answers_show: AnswersShow = kept()
    anonymous_marking: bool = kept()


class OwnStanding(Body):
    """Where the asking student stands."""

    attempts_used: int
    unfinished_attempt_id: UUID | None
    extra_seconds: int
    results_show_now: bool
    answers_show_now: bool


class Quiz(Body):
    """A quiz as everybody in its classroom sees it: rules and sizes, no questions."""

    assignment_id: UUID
    opens_at: Moment | None
    closes_at: Moment | None = Field(description="Nobody starts after it")
    time_limit_seconds: int | None
    late_full_time: bool = Field(
        description="Who starts late has the whole time limit, also past `closes_at`; else only what is left until then"
    )
    attempts_allowed: int | None = Field(description="null: as many as one likes")
    counts: Counts
    shuffle_questions: bool
    shuffle_choices: bool
    results_show: ResultsShow
    answers_show: AnswersShow = Field(description="`after_close` of a quiz without `closes_at`: with the results")
    anonymous_marking: bool
    question_count: int
    max_score: Decimal
    now: Moment = Field(description="The server's clock, which alone counts")
    revision: int
    own: OwnStanding | None = Field(None, description="For a student")
    attempt_count: int | None = Field(None, description="For the classroom's teachers")


class ExtraTime(Body):
    """More time for one student, in attempts that start from now on."""

    seconds: ExtraSeconds


class GivenExtraTime(ExtraTime):
    """Who has more time."""

    student_id: UUID
    name: str


class ExtraTimes(Body):
    """Everybody with more time."""

    items: list[GivenExtraTime]
