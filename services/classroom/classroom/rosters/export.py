"""A classroom as a OneRoster 1.2 package that imports back to what it was.

What OneRoster cannot say is not in it: drafts, what is not graded, work, files, groups; of grades those that are
released. Where it wants a term, a subject, a topic or a due date that there is none of, `rows.NOTHING` and `rows.NEVER`
stand, which an import understands.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from aiohttp import hdrs, web

from chassis.db import Executor, Row
from chassis.oneroster import (
    AcademicSession,
    Category,
    Class,
    Course,
    Enrollment,
    LineItem,
    Org,
    PackageWriter,
    Result,
    RoleRow,
    User,
)
from classroom.rosters.rows import NEVER, NOTHING, own_category

FILES = (
    "orgs.csv", "academicSessions.csv", "courses.csv", "classes.csv", "users.csv", "roles.csv", "enrollments.csv",
    "categories.csv", "lineItems.csv", "results.csv",
)  # fmt: skip
ROLES = {"admin": "siteAdministrator", "teacher": "teacher", "student": "student"}
# Of so many assignments the results are read at once.
_PAGE = 5

Rows = Sequence[tuple[Any, ...]]


async def send(request: web.Request, db: Executor, school_id: UUID, classroom_id: UUID) -> web.StreamResponse:
    """The package, made while it is sent."""
    headers = {
        hdrs.CONTENT_TYPE: "application/zip",
        hdrs.CONTENT_DISPOSITION: 'attachment; filename="oneroster.zip"',
        hdrs.CACHE_CONTROL: "private, no-store",
        # What the gateway would put aside on its disk is better made no faster than it is taken.
        "X-Accel-Buffering": "no",
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        async for part in package(db, school_id, classroom_id):
            await response.write(part)
    except BaseException:
        # A zip without its end is none; nothing else can be said by now.
        if request.transport is not None:
            request.transport.abort()
        raise
    await response.write_eof()
    return response


async def package(db: Executor, school_id: UUID, classroom_id: UUID) -> AsyncIterator[bytes]:
    """The bytes of the package, part by part."""
    writer = PackageWriter(FILES)
    async for name, part in _pages(db, {"school_id": school_id, "classroom_id": classroom_id}):
        # Packing thousands of rows is work for a thread: others are served meanwhile.
        await asyncio.to_thread(writer.add, name, part)
        if taken := writer.take():
            yield taken
    yield writer.close()


async def _pages(db: Executor, scope: dict[str, UUID]) -> AsyncIterator[tuple[str, Rows]]:
    """What is in each file, in the order of FILES; results refer only to what stands before them."""
    classroom = await db.row("export_classroom", **scope)
    assert classroom is not None
    people = await db.rows("export_people", **scope)
    items = await db.rows("export_assignments", **scope)
    org = str(scope["school_id"])
    yield "orgs.csv", [Org(org, None, None, classroom["school"], "school", "", "")]
    yield "academicSessions.csv", [_session(classroom)]
    yield "courses.csv", [_course(classroom, org)]
    yield "classes.csv", [_class(classroom, org)]
    yield "users.csv", [_user(person, org) for person in people]
    yield "roles.csv", [_role(person, org) for person in people]
    yield "enrollments.csv", [_enrollment(person, classroom, org) for person in people]
    yield "categories.csv", list(_categories(items))
    yield "lineItems.csv", [_line_item(item, classroom, org) for item in items]
    yield "results.csv", []
    sources = {row["id"]: row["source_id"] for row in items} | {row["account_id"]: row["source_id"] for row in people}
    students = [person["account_id"] for person in people if person["role"] == "student"]
    for at in range(0, len(items), _PAGE):
        page = [item["id"] for item in items[at : at + _PAGE]]
        grades = await db.rows("export_grades", assignments=page, students=students, school_id=scope["school_id"])
        yield "results.csv", [_result(grade, sources, classroom) for grade in grades]


def _session(classroom: Row) -> AcademicSession:
    if classroom["term_id"] is None:
        return AcademicSession(NOTHING, None, None, "-", "term", date(2000, 1, 1), date(2000, 1, 1), "", 2000)
    starts, ends = classroom["starts_on"], classroom["ends_on"]
    return AcademicSession(classroom["term_id"], None, None, classroom["term"], "term", starts, ends, "", ends.year)


def _course_id(classroom: Row) -> str:
    return f"course:{classroom['id']}" if classroom["subject"] else NOTHING


def _course(classroom: Row, org: str) -> Course:
    title = classroom["subject"] or classroom["title"]
    return Course(_course_id(classroom), None, None, "", title, "", "", org, "", "")


def _class(classroom: Row, org: str) -> Class:
    terms = (classroom["term_id"] or NOTHING,)
    subject = classroom["subject"] or ""
    title, course = classroom["title"], _course_id(classroom)
    return Class(
        classroom["source_id"], None, None, title, "", course, "", "scheduled", "", org, terms, subject, "", ""
    )


def _user(person: Row, org: str) -> User:
    # The last word of a name is the family's; a name of one word has none, and a blank must stand for it.
    given, _, family = person["name"].rpartition(" ")
    return User(
        sourced_id=person["source_id"], status=None, date_last_modified=None,
        enabled_user=person["status"] == "active", username=person["email"] or person["source_id"], user_ids="",
        given_name=given or family, family_name=family if given else " ", middle_name="", identifier="",
        email=person["email"], sms="", phone="", agent_sourced_ids=None, grades="", password="",
        user_master_identifier="", preferred_given_name="", preferred_middle_name="", preferred_family_name="",
        primary_org_sourced_id=org, pronouns="",
    )  # fmt: skip


def _role(person: Row, org: str) -> RoleRow:
    id_ = f"role:{person['account_id']}"
    return RoleRow(id_, None, None, person["source_id"], "primary", ROLES[person["role"]], None, None, org, "")


def _enrollment(person: Row, classroom: Row, org: str) -> Enrollment:
    """Who owns the classroom is its primary teacher."""
    role = "student" if person["role"] == "student" else "teacher"
    where, who = classroom["source_id"], person["source_id"]
    return Enrollment(str(person["id"]), None, None, where, org, who, role, person["owner"], None, None)


def _category_id(item: Row) -> str:
    return own_category(item["kind"], item["topic_id"])


def _categories(items: Sequence[Row]) -> Iterator[Category]:
    """One for each topic and kind of its assignments, for OneRoster knows no kinds."""
    titles = {_category_id(item): item["topic"] or "-" for item in items}
    return (Category(id_, None, None, title, None) for id_, title in titles.items())


def _line_item(item: Row, classroom: Row, org: str) -> LineItem:
    return LineItem(
        sourced_id=item["source_id"], status=None, date_last_modified=None, title=item["title"],
        description=item["description"], assign_date=item["created_at"], due_date=item["due_at"] or NEVER,
        class_sourced_id=classroom["source_id"], category_sourced_id=_category_id(item),
        academic_session_sourced_id=classroom["term_id"] or NOTHING, result_value_min=None,
        result_value_max=item["points"], school_sourced_id=org,
    )  # fmt: skip


def _result(grade: Row, sources: dict[UUID, str], classroom: Row) -> Result:
    return Result(
        sourced_id=f"{grade['assignment_id']}:{grade['student_id']}", status=None, date_last_modified=None,
        line_item_sourced_id=sources[grade["assignment_id"]], student_sourced_id=sources[grade["student_id"]],
        score_status="exempt" if grade["excused"] else "fully graded", score=grade["score"],
        score_date=grade["graded_at"], comment=grade["feedback"], text_score="",
        class_sourced_id=classroom["source_id"], in_progress=None, incomplete=None, late=grade["late"], missing=None,
    )  # fmt: skip
