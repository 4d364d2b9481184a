"""What grading answers with. Percents and scores are decimal strings; null means that there is no result."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, WithJsonSchema

from chassis.model import Body
from chassis.paging import PageQuery


@lru_cache(maxsize=10_000)
def plain(value: Decimal) -> str:
    """A decimal without an exponent and without zeros that say nothing; a page shows the same few thousand times."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


Exact = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "examples": ["78.5"]}),
]

Signed = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["-2.5"]}),
]


class Averages(Body):
    """Means over results (not over students): of quizzes, and of everything."""

    results: int = Field(description="Quiz results that count")
    quiz_average: Exact | None
    all_results: int = Field(description="Results of every kind that count")
    average: Exact | None


class Taught(Body):
    """A classroom in the list of a teacher's, with how much of what was set came back."""

    classroom_id: UUID
    title: str
    students: int
    quizzes: int
    results: int
    quiz_average: Exact | None
    participation: Exact | None = Field(description="Quiz results as a percent of students × quizzes")


class Month(Body):
    """The quiz results graded in a month (UTC)."""

    month: str = Field(examples=["2026-10"])
    results: int
    quiz_average: Exact | None


class Teacher(Body):
    """A teacher with the quiz averages of their classrooms; the overall one is the mean over all results."""

    teacher_id: UUID
    name: str
    email: str | None
    students: int = Field(description="Places in the classrooms; who attends two counts twice")
    results: int
    quiz_average: Exact | None
    participation: Exact | None
    classrooms: Sequence[Taught]
    trend: Sequence[Month]


class School(Body):
    """All teachers of a school together."""

    teachers: int
    idle_teachers: int = Field(description="Those who teach no classroom")
    busiest: Sequence[Teacher] = Field(description="The six with the most quiz results, most first")


class TeacherQuery(PageQuery):
    """Which teachers, and which of their classrooms."""

    term: str | None = Field(None, max_length=500, description="Only classrooms of the term of this title")
    subject: str | None = Field(None, max_length=500, description="Only classrooms of this subject")


class Filters(Body):
    """What a school's list of teachers can be filtered by."""

    terms: Sequence[str]
    subjects: Sequence[str]


class Distribution(Body):
    """How the quiz results spread; quartiles lie between two neighbours by distance."""

    mean: Exact | None
    lowest: Exact | None
    lower_quartile: Exact | None
    median: Exact | None
    upper_quartile: Exact | None
    highest: Exact | None
    histogram: Sequence[int] = Field(description="Results in 0–10 %, 10–20 % … 90 % and above")


class Topic(Averages):
    """A topic's results; without id and title: what belongs to no topic."""

    topic_id: UUID | None
    title: str | None


class Quiz(Body):
    """One quiz's results."""

    assignment_id: UUID
    title: str
    topic_id: UUID | None
    due_at: datetime | None
    results: int
    average: Exact | None
    lowest: Exact | None
    median: Exact | None
    highest: Exact | None


class HardQuestion(Body):
    """A question that few got right."""

    assignment_id: UUID
    quiz_title: str
    question_id: UUID
    title: str
    attempts: int
    facility: Exact = Field(description="Mean mark / max mark, 0 to 1")


class Term(Body):
    """When a classroom runs."""

    title: str
    starts_on: date
    ends_on: date


class Classroom(Averages):
    """A classroom's figures."""

    classroom_id: UUID
    title: str
    subject: str | None
    term: Term | None
    status: str
    students: int
    participation: Exact | None = Field(description="Quiz results as a percent of students × quizzes")
    distribution: Distribution
    trend: Sequence[Month]
    topics: Sequence[Topic]
    quizzes: Sequence[Quiz]
    hardest_questions: Sequence[HardQuestion] = Field(description="Of the quizzes that can be analysed")


class Student(Averages):
    """A student in the list of a classroom's."""

    student_id: UUID
    name: str | None = Field(description="Null while the person is not known here yet")


class StudentQuery(PageQuery):
    """Which students."""

    search: str | None = Field(None, min_length=1, max_length=100, description="A part of the name")


class Result(Body):
    """An assignment and what a student was given for it; score and percent null: nothing yet."""

    assignment_id: UUID
    title: str
    kind: str
    topic_id: UUID | None
    due_at: datetime | None
    score: Exact | None
    max_score: Exact | None
    percent: Exact | None
    late: bool | None
    graded_at: datetime | None


class StudentInDetail(Student):
    """One student in a classroom, by topic and by assignment."""

    topics: Sequence[Topic]
    trend: Sequence[Month]
    assignments: Sequence[Result]


class ClassAverages(Body):
    """Everybody's means over the assignments that five students or more have results of; null when there is none."""

    quiz_average: Exact | None
    average: Exact | None


class OwnTotal(Body):
    """A student's total in a classroom."""

    total: Exact | None = Field(description="What stands: set by hand, or else `current`")
    current: Exact | None = Field(description="Of what there is by now")
    final: Exact | None = Field(description="If nothing more came")
    letter: str | None = Field(description="Of `total`")
    overridden: bool


class OwnClassroom(Averages):
    """One's own figures in a classroom."""

    classroom_id: UUID
    title: str
    total: OwnTotal
    class_averages: ClassAverages
    topics: Sequence[Topic]
    trend: Sequence[Month]
    assignments: Sequence[Result]


class OwnTopic(Averages):
    """One's own figures in a topic."""

    topic_id: UUID
    classroom_id: UUID
    title: str
    class_averages: ClassAverages
    assignments: Sequence[Result]


class OwnQuiz(Result):
    """One's own result in a quiz."""

    classroom_id: UUID
    class_average: Exact | None = Field(description="Null when fewer than five students have a result")
