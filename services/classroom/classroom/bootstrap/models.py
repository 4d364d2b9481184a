"""The shape of the bootstrap; it is documented by these models and sent as stored bytes."""

from decimal import Decimal
from uuid import UUID

from pydantic import Field, NaiveDatetime

from chassis.identity import Role
from chassis.model import Body
from classroom.announcements.models import Announcement
from classroom.assignments.models import LinkShown
from classroom.attachments.models import AttachedFile
from classroom.classrooms.models import Term
from classroom.domain import AssignmentStatus, ClassroomStatus, Counts, Kind, Moment
from classroom.groups.models import GroupMember, Mode
from classroom.notes.models import OwnNote
from classroom.submissions.models import OwnSubmission


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
    unseen: int = Field(description="Notifications of the last 30 days that the caller has not seen, 100 at most")


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
    leaderboard_shown: bool
    version: int


class TeacherPart(Body):
    """Somebody who teaches the classroom; one of them owns it."""

    account_id: UUID
    name: str
    owner: bool


class TopicPart(Body):
    """A topic."""

    id: UUID
    title: str
    position: int
    version: int


class GroupPart(Body):
    """A group; who is in it is in `OwnWork.groups`, and for teachers at `/assignments/{id}/groups`."""

    id: UUID
    name: str
    student_count: int


class GroupsPart(Body):
    """How students come together; students are shown the groups that they may choose."""

    mode: Mode
    limit: int | None
    groups: list[GroupPart]


class AssignmentPart(Body):
    """An assignment; counts and plans are null for students, who are shown no drafts either."""

    id: UUID
    topic_id: UUID | None
    position: int
    kind: Kind
    title: str
    description: str
    due_at: Moment | None
    due_local: NaiveDatetime | None
    due_zone: str
    points_possible: Decimal | None
    status: AssignmentStatus
    publish_at: Moment | None
    assigned_to: list[UUID] | None
    files: list[AttachedFile]
    links: list[LinkShown]
    turn_in_limit: int | None
    accepts_late: bool
    groups: GroupsPart | None
    counts: Counts | None
    grade_count: int | None
    released_count: int | None
    turned_in_count: int | None
    revision: int


class LivePart(Body):
    """A lecture that goes on now."""

    lecture_id: UUID
    assignment_id: UUID
    opened_by: UUID
    opened_at: Moment


class View(Body):
    """A classroom with all it holds, as its students or its teachers see it; of announcements the newest 20."""

    classroom: ClassroomPart
    teachers: list[TeacherPart]
    topics: list[TopicPart]
    assignments: list[AssignmentPart]
    announcements: list[Announcement]
    live: list[LivePart]


class ScoredWork(Body):
    """What one turn-in or attempt scored."""

    number: int
    score: Decimal | None
    max_score: Decimal
    late_seconds: int | None


class OwnGrade(Body):
    """A released grade of the caller's own; `number` is the turn-in or attempt that counts."""

    assignment_id: UUID
    score: Decimal | None
    max_score: Decimal
    late: bool
    late_seconds: int | None
    excused: bool
    number: int | None
    submissions: list[ScoredWork]
    feedback: str
    graded_at: Moment
    version: int


class OwnGroup(Body):
    """The group that the caller is in for an assignment."""

    assignment_id: UUID
    id: UUID
    name: str
    students: list[GroupMember]


class Badge(Body):
    """A topic with nothing left to do."""

    topic_id: UUID
    title: str
    earned_at: Moment


class OwnWork(Body):
    """The caller's own work in a classroom they attend; `assignments` and `live` are theirs by name."""

    classroom_id: UUID
    assignments: list[AssignmentPart]
    grades: list[OwnGrade]
    groups: list[OwnGroup]
    submissions: list[OwnSubmission]
    notes: list[OwnNote]
    live: list[LivePart]
    points: int
    badges: list[Badge]


class Summary(Body):
    """The school in numbers, for admins."""

    classrooms: int
    enrolments: int


class Bootstrap(Body):
    """Everything the caller's store needs; `summary` is there for admins alone.

    `versions` has the version of each part by its key (`person`, `summary`, `teacher-view:<classroom_id>`,
    `student-view:<classroom_id>`, `own:<classroom_id>`): of two versions of one part the greater text is the newer.
    """

    role: Role
    person: Person
    summary: Summary | None
    classrooms: list[View]
    own: list[OwnWork]
    versions: dict[str, str]
