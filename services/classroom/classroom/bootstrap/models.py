"""The shape of the bootstrap; it is documented by these models and sent as stored bytes."""

from decimal import Decimal
from uuid import UUID

from chassis.identity import Role
from chassis.model import Body
from classroom.classrooms.models import Term
from classroom.domain import AssignmentStatus, ClassroomStatus, Counts, Kind, Moment


class School(Body):
    """The caller's school."""

    id: UUID
    name: str


class Person(Body):
    """Who the caller is and which classrooms they are in."""

    account_id: UUID
    name: str
    email: str | None
    school: School
    taught: list[UUID]
    attended: list[UUID]


class ClassroomPart(Body):
    """A classroom; code and count are null for its students."""

    id: UUID
    title: str
    subject: str | None
    colour: str | None
    term: Term | None
    status: ClassroomStatus
    join_code: str | None
    join_code_expires_at: Moment | None
    student_count: int | None
    version: int


class TeacherPart(Body):
    """Somebody who teaches the classroom."""

    account_id: UUID
    name: str


class TopicPart(Body):
    """A topic."""

    id: UUID
    title: str
    position: int
    version: int


class AssignmentPart(Body):
    """An assignment; counts are null for students, who are shown no drafts either."""

    id: UUID
    topic_id: UUID | None
    kind: Kind
    title: str
    description: str
    due_at: Moment | None
    points_possible: Decimal | None
    status: AssignmentStatus
    counts: Counts | None
    grade_count: int | None
    released_count: int | None
    revision: int


class View(Body):
    """A classroom with all it holds, as its students or its teachers see it."""

    classroom: ClassroomPart
    teachers: list[TeacherPart]
    topics: list[TopicPart]
    assignments: list[AssignmentPart]


class OwnGrade(Body):
    """A released grade of the caller's own."""

    assignment_id: UUID
    score: Decimal | None
    max_score: Decimal
    late: bool
    feedback: str
    graded_at: Moment
    version: int


class OwnWork(Body):
    """The caller's own work in a classroom they attend."""

    classroom_id: UUID
    grades: list[OwnGrade]


class Summary(Body):
    """The school in numbers, for admins."""

    classrooms: int
    enrolments: int


class Bootstrap(Body):
    """Everything the caller's store needs; `summary` is there for admins alone."""

    role: Role
    person: Person
    summary: Summary | None
    classrooms: list[View]
    own: list[OwnWork]
