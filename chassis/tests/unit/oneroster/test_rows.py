import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chassis.oneroster import (
    CLASSROOM_FILES,
    AcademicSession,
    BrokenPackage,
    Category,
    Class,
    Enrollment,
    LineItem,
    Package,
    Person,
    Result,
    User,
    chunks,
    people,
    quiz_categories,
    rows,
    validate,
)
from chassis.oneroster.testing import Parts


@pytest.fixture
def package(parts: Parts) -> Iterator[Package]:
    with Package(io.BytesIO(parts.zipped())) as package:
        yield package


def opened(parts: Parts) -> Package:
    return Package(io.BytesIO(parts.zipped()))


def notes(parts: Parts) -> list[tuple[str, int | None, str]]:
    report = parts.report()
    assert report.ok, report.problems
    return [(note.file, note.line, note.code) for note in report.notes]


def test_rows_are_typed(package: Package) -> None:
    session = next(rows(package, AcademicSession))
    assert (session.start_date, session.school_year) == (date(2026, 8, 1), 2027)
    assert next(rows(package, Class)).term_sourced_ids == ("year-1",)
    item = list(rows(package, LineItem))[1]
    assert item.result_value_max == Decimal("20.5")
    assert item.assign_date == datetime(2026, 9, 1, tzinfo=UTC)
    assert item.due_date == datetime(2026, 9, 2, 23, 59, 59, tzinfo=UTC)
    assert next(rows(package, User)).enabled_user is True


def test_results_count_when_scored_and_not_exempt(package: Package) -> None:
    first, second, third = rows(package, Result)
    assert (first.counted, first.late) == (Decimal("7.5"), False)
    assert (second.score, second.counted, second.late) == (None, None, True)
    assert (third.score, third.counted, third.late) == (Decimal(0), None, None)


def test_an_empty_score_status_is_legal(parts: Parts) -> None:
    parts.value("results.csv", 2, "scoreStatus", "").value("results.csv", 3, "scoreStatus", "")
    with opened(parts) as package:
        assert [row.counted for row in rows(package, Result)] == [Decimal("7.5"), None, None]


def test_an_absent_file_has_no_rows(parts: Parts) -> None:
    del parts.files["results.csv"]
    parts.property("file.results", "absent")
    assert parts.report().ok
    with opened(parts) as package:
        assert list(rows(package, Result)) == []


def test_rows_raises_at_the_first_problem(parts: Parts) -> None:
    parts.value("results.csv", 3, "score", "many")
    with opened(parts) as package, pytest.raises(BrokenPackage) as caught:
        list(rows(package, Result))
    assert caught.value.problems[0][:4] == ("results.csv", 3, "score", "bad-value")


@pytest.mark.parametrize(("start", "expected"), [(0, [(2, 2), (3, 1)]), (2, [(3, 1)]), (3, [])])
def test_chunks_go_on_where_a_job_stopped(package: Package, start: int, expected: list[tuple[int, int]]) -> None:
    assert [(done, len(part)) for done, part in chunks(package, Result, 2, start)] == expected


def test_people_have_the_role_of_their_primary_role(package: Package) -> None:
    assert list(people(package)) == [
        Person("admin-1", "ada@elm.example", "Ada Okafor", "admin", enabled=True),
        Person("teacher-1", "tom@elm.example", "Tom Reyes", "teacher", enabled=True),
        Person("student-1", "sue@elm.example", "Sue Ångström", "student", enabled=True),
        Person("student-2", "sam@elm.example", "Sam Li", "student", enabled=True),
    ]


@pytest.mark.parametrize(
    ("role", "mapped"),
    [
        ("siteAdministrator", "admin"), ("districtAdministrator", "admin"), ("systemAdministrator", "admin"),
        ("principal", "admin"), ("teacher", "teacher"), ("aide", "teacher"), ("proctor", "teacher"),
        ("student", "student"), ("guardian", None), ("parent", None), ("relative", None), ("counselor", None),
        ("ext:librarian", None),
    ],
)  # fmt: skip
def test_each_role_is_mapped(parts: Parts, role: str, mapped: str | None) -> None:
    parts.value("roles.csv", 2, "role", role)
    assert notes(parts) == ([] if mapped else [("roles.csv", 2, "skipped-role")])
    with opened(parts) as package:
        assert {p.source_id: p.role for p in people(package)}.get("admin-1") == mapped


def test_the_school_wins_over_other_orgs_and_primary_over_secondary(parts: Parts) -> None:
    parts.line("orgs.csv", 3, "org-2,,,District,district,,")
    parts.line("roles.csv", 2, "role-0,,,admin-1,secondary,student,,,org-1,")
    parts.line("roles.csv", 6, "role-5,,,admin-1,primary,principal,,,org-2,")
    parts.line("roles.csv", 7, "role-6,,,teacher-1,primary,principal,,,org-2,")
    with opened(parts) as package:
        found = {person.source_id: person.role for person in people(package)}
    assert (found["admin-1"], found["teacher-1"]) == ("admin", "teacher")


@pytest.mark.parametrize(
    "names",
    [
        {"givenName": "\u2003", "familyName": "\u2003"},
        {"givenName": "x" * 300, "familyName": "x" * 300},
        {"preferredGivenName": "x" * 600},
    ],
)
def test_a_name_fits_an_account(parts: Parts, names: dict[str, str]) -> None:
    """What the account shows is several fields together."""
    for field, name in names.items():
        parts.value("users.csv", 4, field, name)
    assert [(found.line, found.field, found.code) for found in parts.problems()] == [(4, "familyName", "bad-value")]


def test_names_and_addresses_are_as_people_want_them(parts: Parts) -> None:
    parts.value("users.csv", 2, "preferredGivenName", "Adi").value("users.csv", 2, "email", "Ada@ELM.example")
    parts.value("users.csv", 3, "email", "")
    with opened(parts) as package:
        first, second, *_ = people(package)
    assert (first.name, first.email, second.email) == ("Adi Okafor", "ada@elm.example", None)
    assert notes(parts) == [("users.csv", 3, "no-email")]


def test_a_user_without_role_gets_no_account(parts: Parts) -> None:
    parts.line("users.csv", 6, "lost-1,,,true,lost,,Lo,St,,,lo@elm.example,,,,,,,,,,,")
    assert notes(parts) == [("users.csv", None, "no-role")]
    with opened(parts) as package:
        assert "lost-1" not in {person.source_id for person in people(package)}


def test_forward_references_inside_a_file_are_fine(parts: Parts) -> None:
    parts.value("users.csv", 2, "agentSourcedIds", "student-1,student-2")
    parts.line("orgs.csv", 3, "org-2,,,District,district,,").value("orgs.csv", 2, "parentSourcedId", "org-2")
    assert notes(parts) == []


def test_what_is_legal_but_has_no_effect_is_noted(parts: Parts) -> None:
    parts.value("enrollments.csv", 4, "role", "administrator").value("results.csv", 2, "score", "11")
    assert notes(parts) == [
        ("enrollments.csv", 4, "skipped-enrollment"),
        ("results.csv", 2, "above-maximum"),
        ("results.csv", 3, "not-enrolled"),
    ]
    with opened(parts) as package:
        assert [row.taught_as for row in rows(package, Enrollment)] == ["teacher", "student", None]


def test_files_without_use_are_noted(parts: Parts) -> None:
    parts.files["demographics.csv"] = b"anything"
    assert notes(parts.property("file.demographics", "bulk")) == [("demographics.csv", None, "not-imported")]


@pytest.mark.parametrize(
    ("title", "is_quiz"),
    [("Quizzes", True), ("weekly TEST", True), ("Final Exam", True), ("EXAMINATION", True), ("Essays", False)],
)
def test_quiz_categories_by_title(parts: Parts, title: str, is_quiz: bool) -> None:
    with opened(parts.value("categories.csv", 2, "title", title)) as package:
        assert quiz_categories(package) == ({"cat-1"} if is_quiz else set())


def test_quiz_categories_by_name(package: Package) -> None:
    assert quiz_categories(package, {"cat-2"}) == {"cat-2"}
    assert quiz_categories(package, set()) == {"cat-1"}
    with pytest.raises(BrokenPackage, match="cat-9"):
        quiz_categories(package, ["cat-9"])
    assert {row.sourced_id for row in rows(package, Category)} == {"cat-1", "cat-2"}


def test_progress_is_told_and_may_stop(parts: Parts) -> None:
    told: dict[str, int] = {}
    source = io.BytesIO(parts.zipped())
    assert validate(source, CLASSROOM_FILES, progress=told.__setitem__).counts == told

    def stop(_file: str, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        validate(source, CLASSROOM_FILES, progress=stop)


def test_a_report_is_json_ready(parts: Parts) -> None:
    report = parts.value("users.csv", 2, "email", "x").report().as_dict()
    assert report["school"] == {"source_id": "org-1", "name": "Elm School"}
    assert report["problems"] == [
        {"file": "users.csv", "line": 2, "field": "email", "code": "bad-value",
         "message": "email `x`: this is no e-mail address"}
    ]  # fmt: skip
