"""What the API takes and shows of a question bank."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.model import Body
from chassis.paging import PageQuery
from classroom.quizzes.questions.models import Question, QuestionKind, Tag


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(tags)))


Tags = Annotated[tuple[Tag, ...], Field(max_length=20), AfterValidator(_each_once)]


class NewBankQuestion(Body):
    """A question with the tags it is found and drawn by."""

    question: Question
    tags: Tags = ()


class BankQuestion(Body):
    """A question of the bank; `question.id` is its id here."""

    question: Question
    tags: list[str]
    revision: int


class BankQuery(PageQuery):
    """What to list."""

    kind: QuestionKind | None = None
    tag: Tag | None = None
    search: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="A part of the title or the text"
    )


class TagCount(Body):
    """A tag and on how many questions it is."""

    tag: str
    count: int


class BankTags(Body):
    """All tags of a bank."""

    items: list[TagCount]


class GiftText(Body):
    """A file in the GIFT format, and tags for what is in it beside its own categories."""

    text: Annotated[str, Field(max_length=900_000)]
    tags: Tags = ()
    dry_run: bool = False


class SkippedItem(Body):
    """What was not taken, and why; `line` counts from 1."""

    line: int
    title: str
    message: str


class ImportReport(Body):
    """What an import did, or would do."""

    added: list[UUID]
    questions: list[NewBankQuestion]
    skipped: list[SkippedItem]


class ExportReport(Body):
    """The text of a GIFT file, and what it cannot say."""

    text: str
    skipped: list[SkippedItem]
