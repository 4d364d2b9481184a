import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.oneroster import (
    CLASSROOM_FILES,
    BrokenPackage,
    Limits,
    Package,
    Report,
    Result,
    User,
    chunks,
    people,
    quiz_categories,
    rows,
    validate,
)
from chassis.oneroster.files import SPECS
from chassis.oneroster.keys import Keys
from chassis.oneroster.testing import TABLES, build, valid_parts, zipped

VALID = valid_parts().zipped()
STORED = io.BytesIO()
with zipfile.ZipFile(STORED, "w") as archive:
    for name, content in valid_parts().files.items():
        archive.writestr(name, content)

texts = st.text(st.characters(exclude_categories=["C"], include_characters="\n\t,\"'"), max_size=40)
names = texts.filter(lambda text: text.strip() != "")
scores = st.one_of(st.none(), st.decimals(0, 10, allow_nan=False, places=4))


def csv_line(record: Iterable[str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow(record)
    return target.getvalue().removesuffix("\r\n")


def read_all(content: bytes) -> Report:
    """Everything a service does with a package; raises nothing but `BrokenPackage`."""
    report = validate(io.BytesIO(content), CLASSROOM_FILES)
    try:
        with Package(io.BytesIO(content)) as package:
            quiz_categories(package)
            for spec in SPECS.values():
                for _ in rows(package, spec.row):
                    pass
            list(people(package))
    except BrokenPackage:
        assert not report.ok
    return report


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_bytes_raise_only_the_reader_s_own_error(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([VALID, STORED.getvalue()])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(content))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(valid_parts().files)), st.data())
def test_changed_csv_raises_only_the_reader_s_own_error(file: str, data: st.DataObject) -> None:
    parts = valid_parts()
    spoilt = bytearray(parts.files[file])
    at = data.draw(st.integers(0, len(spoilt)))
    spoilt[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=6))
    parts.files[file] = bytes(spoilt)
    read_all(parts.zipped())


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes) -> None:
    assert not read_all(content).ok


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, names, texts), max_size=8), st.lists(st.tuples(scores, texts), max_size=8))
def test_what_is_written_is_read(users: list[tuple[str, str, str]], results: list[tuple[Decimal | None, str]]) -> None:
    tables = {name: list(lines) for name, lines in TABLES.items()}
    tables["results.csv"] = []
    tables["users.csv"] += [
        csv_line([f"user-{at}", "", "", "true", f"u{at}", "", given, family, "", phone, *[""] * 12])
        for at, (given, family, phone) in enumerate(users)
    ]
    for at, (score, comment) in enumerate(results):
        tables["lineItems.csv"].append(f"it-{at},,,T,,2026-09-01,2026-09-02,class-1,cat-1,year-1,0,10,org-1")
        text = "" if score is None else str(score)
        record = [f"r-{at}", "", "", f"it-{at}", "student-1", "", text, "", comment, *[""] * 6]
        tables["results.csv"].append(csv_line(record))
    content = build(tables).zipped()
    assert read_all(content).ok
    with Package(io.BytesIO(content)) as package:
        read = list(rows(package, User))[4:]
        assert [(user.given_name, user.family_name, user.identifier) for user in read] == users
        assert [(row.score, row.comment) for row in rows(package, Result)] == results


@given(st.lists(st.integers(0, 50)), st.integers(0, 50))
def test_keys_know_what_is_in_them_and_what_twice(numbers: list[int], number: int) -> None:
    keys = Keys()
    for one in numbers:
        keys.add(one)
    assert keys.repeated() == {one for one in numbers if numbers.count(one) > 1}
    assert (number in keys) == (number in numbers)


def test_shared_hashes_are_no_duplicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keys, "number", staticmethod(lambda key: key % 2 if isinstance(key, int) else 7))
    assert valid_parts().problems() == []
    found = valid_parts().value("results.csv", 3, "sourcedId", "res-1").problems()
    assert [problem[:4] for problem in found] == [("results.csv", 3, "sourcedId", "duplicate-id")]


def test_the_order_of_the_findings_is_always_the_same() -> None:
    parts = valid_parts()
    for number in range(40):
        parts.line("results.csv", number + 5, f"res-{number % 7},,,item-{number % 3},student-9,,x,,,,,,,,")
    assert parts.report() == parts.report()


def large(results: int) -> bytes:
    items, students = 200, results // 200
    tables = {name: list(lines) for name, lines in TABLES.items()}
    tables["lineItems.csv"] = [
        f"item-{at},,,T,,2026-09-01,2026-09-02,class-1,cat-1,year-1,0,10,org-1" for at in range(items)
    ]
    tables["users.csv"] += [f"s-{at},,,true,s{at},,S,{at},,,s{at}@x.example,,,,,,,,,,," for at in range(students)]
    tables["roles.csv"] += [f"role-s{at},,,s-{at},primary,student,,,org-1," for at in range(students)]
    tables["enrollments.csv"] += [f"e-{at},,,class-1,org-1,s-{at},student,,," for at in range(students)]
    tables["results.csv"] = [
        f"res-{item}-{at},,,item-{item},s-{at},fully graded,{at % 11},2026-09-02,,,class-1,,,false,"
        for item in range(items)
        for at in range(students)
    ]
    return zipped(build(tables).files.items())


def test_memory_does_not_grow_with_the_file() -> None:
    content = large(100_000)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.getinfo("results.csv").file_size > 7_000_000
    tracemalloc.start()
    try:
        report = validate(io.BytesIO(content), CLASSROOM_FILES, limits=Limits())
        with Package(io.BytesIO(content)) as package:
            assert sum(len(part) for _, part in chunks(package, Result)) == 100_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert report.ok
    assert peak < 15 * 2**20
