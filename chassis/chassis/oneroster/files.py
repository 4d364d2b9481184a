"""The files of a OneRoster 1.2 package that are read: one row type each, its fields in the column order.

A column's name is the field's name in camel case. Empty text is `""`, every other empty value `None`.
Source: 1EdTech OneRoster CSV binding 1.2, section 4.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar, get_args, get_type_hints

from chassis.oneroster import values


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a column besides its Python type."""

    parse: Callable[[str], Any] | None = None
    required: bool = False
    refers: str | None = None


def _needed(parse: Callable[[str], Any]) -> Column:
    return Column(parse, required=True)


def _reference(file: str) -> Column:
    return Column(refers=file, required=True)


def _maybe(file: str) -> Column:
    return Column(refers=file)


Id = Annotated[str, _needed(values.identifier)]
Status = Annotated[str | None, Column(values.status)]
Modified = Annotated[datetime | None, Column(values.moment)]
Text = Annotated[str, Column()]
Name = Annotated[str, _needed(values.name)]
Flag = Annotated[bool | None, Column(values.boolean)]
Day = Annotated[date | None, Column(values.day)]
NeededDay = Annotated[date, _needed(values.day)]
Moment = Annotated[datetime | None, Column(values.moment)]

_ORG_TYPE = values.one_of("department", "school", "district", "local", "state", "national", extensible=True)
_SESSION = values.one_of("gradingPeriod", "semester", "schoolYear", "term", extensible=True)
_CLASS_TYPE = values.one_of("homeroom", "scheduled", extensible=True)
_ROLE = values.one_of(
    "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor",
    "relative", "siteAdministrator", "student", "systemAdministrator", "teacher", extensible=True,
)  # fmt: skip
_SCORE_STATUS = values.one_of(
    "exempt", "fully graded", "not submitted", "partially graded", "submitted", extensible=True
)


class Org(NamedTuple):
    """A row of orgs.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    name: Name
    type: Annotated[str, _needed(_ORG_TYPE)]
    identifier: Text
    parent_sourced_id: Annotated[str, _maybe("orgs.csv")]


class AcademicSession(NamedTuple):
    """A row of academicSessions.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    title: Name
    type: Annotated[str, _needed(_SESSION)]
    start_date: NeededDay
    end_date: NeededDay
    parent_sourced_id: Annotated[str, _maybe("academicSessions.csv")]
    school_year: Annotated[int, _needed(values.year)]


class Course(NamedTuple):
    """A row of courses.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    school_year_sourced_id: Annotated[str, _maybe("academicSessions.csv")]
    title: Name
    course_code: Text
    grades: Text
    org_sourced_id: Annotated[str, _reference("orgs.csv")]
    subjects: Text
    subject_codes: Text


class Class(NamedTuple):
    """A row of classes.csv: what Homeroom calls a classroom."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    title: Name
    grades: Text
    course_sourced_id: Annotated[str, _reference("courses.csv")]
    class_code: Text
    class_type: Annotated[str, _needed(_CLASS_TYPE)]
    location: Text
    school_sourced_id: Annotated[str, _reference("orgs.csv")]
    term_sourced_ids: Annotated[tuple[str, ...], Column(values.ids, required=True, refers="academicSessions.csv")]
    subjects: Text
    subject_codes: Text
    periods: Text


class User(NamedTuple):
    """A row of users.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    enabled_user: Annotated[bool, _needed(values.boolean)]
    username: Name
    user_ids: Text
    given_name: Name
    family_name: Name
    middle_name: Text
    identifier: Text
    email: Annotated[str | None, Column(values.email)]
    sms: Text
    phone: Text
    agent_sourced_ids: Annotated[tuple[str, ...] | None, Column(values.ids, refers="users.csv")]
    grades: Text
    password: Text
    user_master_identifier: Text
    preferred_given_name: Text
    preferred_middle_name: Text
    preferred_family_name: Text
    primary_org_sourced_id: Annotated[str, _maybe("orgs.csv")]
    pronouns: Text


class RoleRow(NamedTuple):
    """A row of roles.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    user_sourced_id: Annotated[str, _reference("users.csv")]
    role_type: Annotated[str, _needed(values.one_of("primary", "secondary"))]
    role: Annotated[str, _needed(_ROLE)]
    begin_date: Day
    end_date: Day
    org_sourced_id: Annotated[str, _reference("orgs.csv")]
    user_profile_sourced_id: Text


class Enrollment(NamedTuple):
    """A row of enrollments.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    class_sourced_id: Annotated[str, _reference("classes.csv")]
    school_sourced_id: Annotated[str, _reference("orgs.csv")]
    user_sourced_id: Annotated[str, _reference("users.csv")]
    role: Annotated[str, _needed(values.one_of("administrator", "proctor", "student", "teacher"))]
    primary: Flag
    begin_date: Day
    end_date: Day

    @property
    def taught_as(self) -> Literal["student", "teacher"] | None:
        """What the user becomes in the classroom; None for an administrator."""
        if self.role == "student":
            return "student"
        return "teacher" if self.role in ("teacher", "proctor") else None


class Category(NamedTuple):
    """A row of categories.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    title: Name
    weight: Annotated[Decimal | None, Column(values.points)]


class LineItem(NamedTuple):
    """A row of lineItems.csv: what Homeroom calls an assignment."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    title: Name
    description: Text
    assign_date: Annotated[datetime, _needed(values.moment)]
    due_date: Annotated[datetime, _needed(values.deadline)]
    class_sourced_id: Annotated[str, _reference("classes.csv")]
    category_sourced_id: Annotated[str, _reference("categories.csv")]
    academic_session_sourced_id: Annotated[str, _maybe("academicSessions.csv")]
    result_value_min: Annotated[Decimal | None, Column(values.decimal)]
    result_value_max: Annotated[Decimal, _needed(values.maximum)]
    school_sourced_id: Annotated[str, _maybe("orgs.csv")]


class Result(NamedTuple):
    """A row of results.csv."""

    sourced_id: Id
    status: Status
    date_last_modified: Modified
    line_item_sourced_id: Annotated[str, _reference("lineItems.csv")]
    student_sourced_id: Annotated[str, _reference("users.csv")]
    score_status: Annotated[str | None, Column(_SCORE_STATUS)]
    score: Annotated[Decimal | None, Column(values.points)]
    score_date: Moment
    comment: Text
    text_score: Text
    class_sourced_id: Annotated[str, _maybe("classes.csv")]
    in_progress: Flag
    incomplete: Flag
    late: Flag
    missing: Flag

    @property
    def counted(self) -> Decimal | None:
        """The score that becomes a fact: None without a score and for the exempt."""
        return None if self.score_status == "exempt" else self.score


R = TypeVar("R", bound=tuple[Any, ...])


def camel(name: str) -> str:
    """The column name of a field: `line_item_sourced_id` is `lineItemSourcedId`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class FileSpec(Generic[R]):
    """A file's name, row type and columns."""

    def __init__(self, name: str, row: type[R]) -> None:
        self.name = name
        self.row = row
        hints = get_type_hints(row, include_extras=True)
        fields: tuple[str, ...] = row._fields  # type: ignore[attr-defined]
        self.columns: dict[str, Column] = {camel(field): get_args(hints[field])[1] for field in fields}
        self.headers = tuple(self.columns)

    def as_delta(self) -> "FileSpec[R]":
        """The same file where it holds only what changed: each row says since when it is active or to be deleted."""
        made = copy.copy(self)
        needed = {"status": _needed(values.delta_status), "dateLastModified": _needed(values.moment)}
        made.columns = self.columns | needed
        return made

    def references(self) -> list[tuple[int, str, str]]:
        """(position, column, file) of every column that refers to a file."""
        found = enumerate(self.columns.items())
        return [(at, name, column.refers) for at, (name, column) in found if column.refers]


# In this order every reference but those inside one file leads to a file already read.
SPECS: dict[str, FileSpec[Any]] = {
    name: FileSpec(name, row)
    for name, row in {
        "orgs.csv": Org,
        "academicSessions.csv": AcademicSession,
        "courses.csv": Course,
        "classes.csv": Class,
        "users.csv": User,
        "roles.csv": RoleRow,
        "enrollments.csv": Enrollment,
        "categories.csv": Category,
        "lineItems.csv": LineItem,
        "results.csv": Result,
    }.items()
}
_BY_ROW = {spec.row: spec for spec in SPECS.values()}
AUTH_FILES = frozenset({"orgs.csv", "users.csv", "roles.csv"})
CLASSROOM_FILES = frozenset(SPECS) - AUTH_FILES
# Of these a package may bring only what changed: all that it holds of them, or none.
DELTA_FILES = frozenset({"users.csv", "roles.csv", "classes.csv", "enrollments.csv", "lineItems.csv", "results.csv"})
GRADEBOOK_FILES = frozenset({"categories.csv", "lineItems.csv", "results.csv"})
NOT_IMPORTED = frozenset(
    f"{name}.csv"
    for name in (
        "classResources", "courseResources", "demographics", "lineItemLearningObjectiveIds",
        "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "resultScoreScales",
        "scoreScales", "userProfiles", "userResources",
    )
)  # fmt: skip


def spec_of(row: type[R]) -> FileSpec[R]:
    """The file whose rows are of this type."""
    return _BY_ROW[row]
