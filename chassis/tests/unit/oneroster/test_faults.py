"""Each fault is reported with its file, line, field and code, and alone."""

import io

import pytest

from chassis.oneroster import AUTH_FILES, CLASSROOM_FILES, Limits, validate
from chassis.oneroster.files import SPECS
from chassis.oneroster.report import CODES
from chassis.oneroster.testing import Parts, valid_parts

Place = tuple[str, int | None, str | None, str]


def places(parts: Parts, limits: Limits | None = None) -> list[Place]:
    return [problem[:4] for problem in parts.problems(limits)]


def test_the_valid_package_has_no_problem(parts: Parts) -> None:
    report = parts.report()
    assert report.ok
    assert report.notes == []
    assert report.school is not None
    assert report.school.name == "Elm School"
    assert report.counts["users.csv"] == 4


VALUES: list[tuple[str, int, str, str, str]] = [
    ("orgs.csv", 2, "sourcedId", "", "missing-value"),
    ("orgs.csv", 2, "name", "", "missing-value"),
    ("orgs.csv", 2, "type", "planet", "bad-value"),
    ("orgs.csv", 2, "parentSourcedId", "org-9", "unknown-reference"),
    ("academicSessions.csv", 2, "startDate", "01/08/2026", "bad-value"),
    ("academicSessions.csv", 2, "startDate", "2026-02-30", "bad-value"),
    ("academicSessions.csv", 2, "startDate", "20260801", "bad-value"),
    ("academicSessions.csv", 2, "endDate", "2026-07-01", "bad-value"),
    ("academicSessions.csv", 2, "schoolYear", "26", "bad-value"),
    ("academicSessions.csv", 2, "type", "eon", "bad-value"),
    ("academicSessions.csv", 2, "parentSourcedId", "year-9", "unknown-reference"),
    ("courses.csv", 2, "orgSourcedId", "org-9", "unknown-reference"),
    ("courses.csv", 2, "schoolYearSourcedId", "year-9", "unknown-reference"),
    ("classes.csv", 2, "courseSourcedId", "course-9", "unknown-reference"),
    ("classes.csv", 2, "schoolSourcedId", "org-9", "unknown-reference"),
    ("classes.csv", 2, "termSourcedIds", "year-1,year-9", "unknown-reference"),
    ("classes.csv", 2, "termSourcedIds", "year-1,", "bad-value"),
    ("classes.csv", 2, "classType", "", "missing-value"),
    ("users.csv", 2, "enabledUser", "yes", "bad-value"),
    ("users.csv", 2, "enabledUser", "TRUE", "bad-value"),
    ("users.csv", 4, "email", "sue", "bad-value"),
    ("users.csv", 4, "email", "sue@elm..example", "bad-value"),
    ("users.csv", 4, "email", "a b@elm.example", "bad-value"),
    ("users.csv", 4, "email", "=?utf-8?q?eve=40oak.example=2c?=@elm.example", "bad-value"),
    ("users.csv", 4, "email", "TOM@Elm.Example", "duplicate-email"),
    ("users.csv", 4, "agentSourcedIds", "user-9", "unknown-reference"),
    ("users.csv", 4, "status", "tobedeleted", "to-be-deleted"),
    ("users.csv", 4, "status", "gone", "bad-value"),
    ("users.csv", 4, "dateLastModified", "yesterday", "bad-value"),
    ("users.csv", 4, "givenName", "Su\x00e", "control-character"),
    ("users.csv", 4, "familyName", "", "missing-value"),
    ("users.csv", 4, "familyName", "x" * 501, "bad-value"),
    ("classes.csv", 2, "title", "x" * 501, "bad-value"),
    ("lineItems.csv", 2, "title", "x" * 501, "bad-value"),
    ("categories.csv", 2, "title", "x" * 501, "bad-value"),
    ("roles.csv", 3, "role", "wizard", "bad-value"),
    ("roles.csv", 3, "roleType", "tertiary", "bad-value"),
    ("roles.csv", 3, "orgSourcedId", "org-9", "unknown-reference"),
    ("enrollments.csv", 3, "classSourcedId", "class-9", "unknown-reference"),
    ("enrollments.csv", 3, "userSourcedId", "user-9", "unknown-reference"),
    ("enrollments.csv", 4, "userSourcedId", "student-1", "duplicate-row"),
    ("enrollments.csv", 3, "role", "boss", "bad-value"),
    ("enrollments.csv", 3, "role", "teacher", "role-mismatch"),
    ("enrollments.csv", 2, "role", "student", "role-mismatch"),
    ("categories.csv", 2, "weight", "much", "bad-value"),
    ("lineItems.csv", 2, "classSourcedId", "class-9", "unknown-reference"),
    ("lineItems.csv", 2, "categorySourcedId", "cat-9", "unknown-reference"),
    ("lineItems.csv", 2, "academicSessionSourcedId", "year-9", "unknown-reference"),
    ("lineItems.csv", 2, "dueDate", "2026-13-01", "bad-value"),
    ("lineItems.csv", 2, "resultValueMax", "", "missing-value"),
    ("lineItems.csv", 2, "resultValueMax", "0", "bad-value"),
    ("lineItems.csv", 2, "resultValueMax", "NaN", "bad-value"),
    ("results.csv", 2, "lineItemSourcedId", "item-9", "unknown-reference"),
    ("results.csv", 2, "studentSourcedId", "user-9", "unknown-reference"),
    ("results.csv", 3, "studentSourcedId", "student-1", "duplicate-row"),
    ("results.csv", 2, "score", "Infinity", "bad-value"),
    ("results.csv", 2, "score", "1e5", "bad-value"),
    ("results.csv", 2, "score", "1E999999999", "bad-value"),
    ("results.csv", 2, "score", "7,5", "bad-value"),
    ("results.csv", 2, "score", "-1", "bad-value"),
    ("results.csv", 2, "score", "٣", "bad-value"),
    ("results.csv", 2, "score", "1234567890123", "bad-value"),
    ("results.csv", 2, "scoreStatus", "graded", "bad-value"),
    ("results.csv", 2, "scoreDate", "2026-09-02T25:00:00Z", "bad-value"),
    ("results.csv", 2, "late", "1", "bad-value"),
    ("results.csv", 3, "sourcedId", "res-1", "duplicate-id"),
    ("users.csv", 3, "sourcedId", " teacher-1", "bad-value"),
]


@pytest.mark.parametrize(("file", "line", "field", "value", "code"), VALUES)
def test_a_wrong_value_is_named(file: str, line: int, field: str, value: str, code: str) -> None:
    found = places(valid_parts().value(file, line, field, value))
    assert (file, line, field, code) in found
    if field != "sourcedId":
        assert len(found) == 1, found


@pytest.mark.parametrize("file", sorted(SPECS))
def test_an_id_twice_is_named_in_every_file(file: str) -> None:
    parts = valid_parts()
    last = parts.files[file].split(b"\r\n")[-2]
    end = len(parts.files[file].split(b"\r\n"))
    assert (file, end, "sourcedId", "duplicate-id") in places(parts.line(file, end, last))


@pytest.mark.parametrize("file", sorted(SPECS))
def test_wrong_headers_are_named_in_every_file(file: str) -> None:
    headers = SPECS[file].headers
    last = headers[-1]
    wrong = {
        "missing-header": (headers[:-1], last),
        "unknown-header": ((*headers, "shoeSize"), "shoeSize"),
        "duplicate-header": ((*headers, last), last),
        "misplaced-header": ((headers[1], headers[0], *headers[2:]), headers[1]),
    }
    for code, (names, field) in wrong.items():
        assert places(valid_parts().line(file, 1, ",".join(names))) == [(file, 1, field, code)]


def test_a_misspelt_header_is_both_unknown_and_missing(parts: Parts) -> None:
    parts.files["users.csv"] = parts.files["users.csv"].replace(b"email", b"Email", 1)
    assert places(parts) == [
        ("users.csv", 1, "Email", "unknown-header"),
        ("users.csv", 1, "email", "missing-header"),
    ]


def test_metadata_columns_are_allowed(parts: Parts) -> None:
    lines = parts.files["orgs.csv"].split(b"\r\n")
    parts.files["orgs.csv"] = lines[0] + b",metadata.colour\r\n" + lines[1] + b",green\r\n"
    assert places(parts) == []


def test_an_empty_file_has_no_header(parts: Parts) -> None:
    parts.files["users.csv"] = b""
    assert places(parts) == [("users.csv", 1, "sourcedId", "missing-header")]


def test_a_bom_is_allowed_once(parts: Parts) -> None:
    parts.files = {name: b"\xef\xbb\xbf" + content for name, content in parts.files.items()}
    assert places(parts) == []
    parts.files["users.csv"] = b"\xef\xbb\xbf" + parts.files["users.csv"]
    assert ("users.csv", 1, "sourcedId", "missing-header") in places(parts)


def test_bad_encoding_names_file_line_and_field(parts: Parts) -> None:
    parts.files["users.csv"] = parts.files["users.csv"].replace("Ångström".encode(), "Ångström".encode("latin-1"))
    assert places(parts) == [("users.csv", 4, "familyName", "encoding")]


def test_utf16_is_refused(parts: Parts) -> None:
    parts.files["users.csv"] = parts.files["users.csv"].decode().encode("utf-16")
    assert places(parts)[0][0] == "users.csv"


def test_rows_are_counted_by_lines_even_after_a_quoted_line_break(parts: Parts) -> None:
    parts.value("lineItems.csv", 2, "description", "two\r\nlines")
    parts.files["lineItems.csv"] = parts.files["lineItems.csv"].replace(b"cat-2", b"cat-9")
    assert places(parts) == [("lineItems.csv", 4, "categorySourcedId", "unknown-reference")]


@pytest.mark.parametrize("text", ["student-1,,,true", "student-1" + "," * 30])
def test_a_row_of_another_width_is_named(parts: Parts, text: str) -> None:
    assert places(parts.line("users.csv", 4, text)) == [("users.csv", 4, None, "wrong-columns")]


@pytest.mark.parametrize("text", ['student-1,,,"true', 'student-1,,,"tr"ue,', "a\rb"])
def test_bad_quoting_is_named(parts: Parts, text: str) -> None:
    assert places(parts.line("users.csv", 4, text)) == [("users.csv", 4, None, "bad-csv")]


def test_an_endless_row_is_cut_short(parts: Parts) -> None:
    parts.line("users.csv", 4, '"' + '\n","' * 100_000)
    assert places(parts) == [("users.csv", 4, None, "too-large")]


def test_a_long_field_is_named(parts: Parts) -> None:
    parts.value("results.csv", 3, "comment", "x" * 20_001)
    assert places(parts) == [("results.csv", 3, "comment", "too-large")]


def test_a_second_school_is_refused(parts: Parts) -> None:
    parts.line("orgs.csv", 3, "org-2,,,Oak School,school,,")
    assert places(parts) == [("orgs.csv", 3, "type", "several-schools")]


def test_no_school_is_refused(parts: Parts) -> None:
    assert ("orgs.csv", None, "type", "no-school") in places(parts.value("orgs.csv", 2, "type", "district"))


def test_a_class_of_another_org_is_refused(parts: Parts) -> None:
    parts.line("orgs.csv", 3, "org-2,,,District,district,,").value("classes.csv", 2, "schoolSourcedId", "org-2")
    assert places(parts) == [("classes.csv", 2, "schoolSourcedId", "wrong-reference")]


def test_a_result_in_another_class_than_its_line_item_is_refused(parts: Parts) -> None:
    parts.line("classes.csv", 3, "class-2,,,B,,course-1,,scheduled,,org-1,year-1,,,")
    parts.value("results.csv", 2, "classSourcedId", "class-2")
    assert places(parts) == [("results.csv", 2, "classSourcedId", "wrong-reference")]


def test_two_primary_roles_that_differ_are_refused(parts: Parts) -> None:
    parts.line("roles.csv", 6, "role-5,,,student-2,primary,teacher,,,org-1,")
    assert places(parts) == [("roles.csv", 6, "role", "conflicting-roles")]


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("manifest.version", "2.0", (2, "manifest.version", "wrong-version")),
        ("oneroster.version", "1.1", (3, "oneroster.version", "wrong-version")),
        ("oneroster.version", None, (None, "oneroster.version", "wrong-version")),
        ("file.users", "delta", (23, "file.users", "delta")),
        ("file.users", "some", (23, "file.users", "bad-value")),
        ("file.users", "absent", (23, "file.users", "unexpected-file")),
        ("file.users", None, (None, "file.users", "unexpected-file")),
        ("file.demographics", "bulk", (10, "file.demographics", "missing-file")),
        ("file.spells", "bulk", (25, "file.spells", "unknown-file")),
    ],
)
def test_the_manifest_is_checked(
    parts: Parts, name: str, value: str | None, place: tuple[int | None, str, str]
) -> None:
    found = places(parts.property(name, value))
    assert [(file, field, code) for file, _, field, code in found] == [("manifest.csv", place[1], place[2])]
    rows = parts.files["manifest.csv"].decode().splitlines()
    expected = next((at for at, row in enumerate(rows, 1) if row.startswith(f"{name},")), None)
    assert found[0][1] == expected


def test_a_property_twice_is_refused(parts: Parts) -> None:
    parts.line("manifest.csv", 4, "manifest.version,1.0")
    assert places(parts)[0] == ("manifest.csv", 4, "manifest.version", "duplicate-property")


def test_the_manifest_is_needed(parts: Parts) -> None:
    del parts.files["manifest.csv"]
    assert places(parts) == [("manifest.csv", None, None, "missing-file")]


@pytest.mark.parametrize("file", ["orgs.csv", "users.csv", "roles.csv", "classes.csv", "academicSessions.csv"])
def test_a_needed_file_that_is_absent_is_named(parts: Parts, file: str) -> None:
    del parts.files[file]
    parts.property(f"file.{file[:-4]}", "absent")
    problems = parts.problems()
    assert problems[0].code == "missing-file"
    assert file in problems[0].message


def test_people_alone_are_enough_for_auth_but_not_for_classroom(parts: Parts) -> None:
    for name in CLASSROOM_FILES:
        del parts.files[name]
        parts.property(f"file.{name[:-4]}", "absent")
    content = parts.zipped()
    assert validate(io.BytesIO(content), AUTH_FILES).ok
    assert not validate(io.BytesIO(content), CLASSROOM_FILES).ok


def test_problems_are_capped_but_counted(parts: Parts) -> None:
    for number in range(1000):
        parts.line("results.csv", number + 5, f"r-{number},,,item-1,nobody,,,,,,,,,,")
    report = parts.report(Limits(problems=50))
    assert (len(report.problems), report.problem_count) == (50, 1000)
    assert report.problems[0].line == 5


def test_one_broken_file_does_not_spoil_the_references_to_it(parts: Parts) -> None:
    parts.line("users.csv", 1, "sourcedId,name").value("roles.csv", 3, "role", "wizard")
    found = places(parts)
    assert {file for file, *_ in found} == {"users.csv", "roles.csv"}
    assert ("roles.csv", 3, "role", "bad-value") in found


def test_every_code_in_use_is_explained() -> None:
    assert {code for *_, code in VALUES} <= CODES.keys()
