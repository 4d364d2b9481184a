"""The kinds of questions as their author writes them; nothing here is ever shown to a student as it stands."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID, uuid4

from pydantic import UUID4, Field, TypeAdapter, model_validator

from chassis.model import Body
from classroom.domain import Line, Points, Text

MOST_QUESTIONS = 500

# Random ids: sorted by them, options tell nothing of the order they were written in.
OptionId = Annotated[UUID4, Field(default_factory=uuid4)]
Prose = Annotated[str, Field(max_length=5000)]
Percent = Annotated[Decimal, Field(ge=-100, le=100, max_digits=8, decimal_places=5)]
Number = Annotated[Decimal, Field(gt=Decimal("-1e30"), lt=Decimal("1e30"), max_digits=40, decimal_places=20)]
Tag = Annotated[str, Field(min_length=1, max_length=60)]


class QuestionKind(StrEnum):
    """What a student is asked to do."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    SHORT_TEXT = "short_text"
    MATCHING = "matching"
    ORDERING = "ordering"
    ESSAY = "essay"


class Credit(StrEnum):
    """How a partly right answer counts; the formulas stand in `marks`."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"
    PER_CHOICE = "per_choice"
    WEIGHTED = "weighted"


class Option(Body):
    """Something to choose, match or order."""

    id: OptionId
    text: Prose


class Choice(Option):
    """A choice; `weight` (percent of the points) counts where the question's credit is `weighted`."""

    correct: bool = False
    weight: Percent = Decimal(0)
    feedback: Prose = ""


class Pair(Body):
    """What belongs together; each side has an id of its own."""

    id: OptionId
    left: Prose
    right_id: OptionId
    right: Prose


class AcceptedNumber(Body):
    """A number that earns `credit` percent of the points when the answer is within `tolerance`."""

    value: Number
    tolerance: Annotated[Number, Field(ge=0)] = Decimal(0)
    tolerance_in_percent: bool = False
    credit: Annotated[Percent, Field(gt=0)] = Decimal(100)


class AcceptedText(Body):
    """A text that earns `credit` percent."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    credit: Annotated[Percent, Field(gt=0)] = Decimal(100)


class _Question(Body):
    id: UUID | None = Field(None, description="Of a question that is there already; a new one gets its own")
    title: Line
    text: Text = Field("", description="Markdown with LaTeX between dollar signs; HTML is shown as text")
    points: Points = Decimal(1)
    file_ids: tuple[UUID, ...] = Field((), max_length=10, description="Pictures, from the files service")
    explanation: Text = Field("", description="Shown with the answers")
    void: bool = Field(False, description="A question that went wrong: whoever had it gets its points")


class SingleChoice(_Question):
    """One of several; with `weighted` credit each choice earns its weight."""

    kind: Literal[QuestionKind.SINGLE_CHOICE]
    choices: tuple[Choice, ...] = Field(min_length=2, max_length=30)
    credit: Literal[Credit.ALL_OR_NOTHING, Credit.WEIGHTED] = Credit.ALL_OR_NOTHING

    @model_validator(mode="after")
    def _has_one_right(self) -> Self:
        _distinct([choice.id for choice in self.choices])
        if sum(choice.correct for choice in self.choices) != 1:
            raise ValueError("mark exactly one choice as correct")
        return self


class MultipleChoice(_Question):
    """Any of several."""

    kind: Literal[QuestionKind.MULTIPLE_CHOICE]
    choices: tuple[Choice, ...] = Field(min_length=2, max_length=30)
    credit: Credit = Credit.PARTIAL

    @model_validator(mode="after")
    def _has_right_ones(self) -> Self:
        _distinct([choice.id for choice in self.choices])
        if not any(choice.correct for choice in self.choices):
            raise ValueError("mark at least one choice as correct")
        return self


class TrueFalse(_Question):
    """A statement that holds or does not; its two answers have ids, for statistics."""

    kind: Literal[QuestionKind.TRUE_FALSE]
    answer: bool
    true_id: OptionId
    false_id: OptionId


class Numeric(_Question):
    """A number; its unit is shown beside the field, or has to be typed when `unit_required`."""

    kind: Literal[QuestionKind.NUMERIC]
    accepted: tuple[AcceptedNumber, ...] = Field(min_length=1, max_length=20)
    unit: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    unit_required: bool = False

    @model_validator(mode="after")
    def _has_its_unit(self) -> Self:
        if self.unit_required and self.unit is None:
            raise ValueError("name the unit that is required")
        return self


class ShortText(_Question):
    """A word or a few; compared without regard to spaces and, unless said otherwise, to small and capital letters."""

    kind: Literal[QuestionKind.SHORT_TEXT]
    accepted: tuple[AcceptedText, ...] = Field(min_length=1, max_length=50)
    case_sensitive: bool = False
    ignore_accents: bool = False


class Matching(_Question):
    """To each left its right; `distractors` are rights that belong to none. An id that both sides had would tell."""

    kind: Literal[QuestionKind.MATCHING]
    pairs: tuple[Pair, ...] = Field(min_length=2, max_length=30)
    distractors: tuple[Option, ...] = Field((), max_length=30)
    credit: Literal[Credit.ALL_OR_NOTHING, Credit.PARTIAL] = Credit.PARTIAL

    @model_validator(mode="after")
    def _has_distinct_sides(self) -> Self:
        sides = [side for pair in self.pairs for side in (pair.id, pair.right_id)]
        _distinct([*sides, *(option.id for option in self.distractors)])
        return self


class Ordering(_Question):
    """Items to be put into the order in which they stand here."""

    kind: Literal[QuestionKind.ORDERING]
    items: tuple[Option, ...] = Field(min_length=2, max_length=30)
    credit: Literal[Credit.ALL_OR_NOTHING, Credit.PARTIAL] = Credit.PARTIAL

    @model_validator(mode="after")
    def _has_distinct_items(self) -> Self:
        _distinct([item.id for item in self.items])
        return self


class Essay(_Question):
    """A text that is marked by hand; `guidance` is for those who mark."""

    kind: Literal[QuestionKind.ESSAY]
    guidance: Text = ""


def _distinct(ids: list[UUID]) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError("every id must be another")


Question = Annotated[
    SingleChoice | MultipleChoice | TrueFalse | Numeric | ShortText | Matching | Ordering | Essay,
    Field(discriminator="kind"),
]
QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


class NewDraw(Body):
    """A random draw: `count` of a pool, each worth `points`. With `tags` the pool is what the author's bank now holds
    under all of them; without, it is `questions`."""

    count: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)]
    points: Points = Decimal(1)
    tags: tuple[Tag, ...] = Field((), max_length=10)
    questions: tuple[Question, ...] = Field((), max_length=MOST_QUESTIONS)

    @model_validator(mode="after")
    def _has_one_pool(self) -> Self:
        if bool(self.tags) == bool(self.questions):
            raise ValueError("name tags of the bank or give questions, one of both")
        return self


class NewQuestions(Body):
    """All questions of a quiz, in order; the draws come after them."""

    questions: tuple[Question, ...] = Field((), max_length=MOST_QUESTIONS)
    draws: tuple[NewDraw, ...] = Field((), max_length=100)


class Draw(Body):
    """A random draw and its pool."""

    count: int
    points: Decimal
    tags: list[str]
    questions: list[Question]


class Questions(Body):
    """All questions of a quiz with their keys, for its teachers."""

    questions: list[Question]
    draws: list[Draw]
    max_score: Decimal
    revision: int
