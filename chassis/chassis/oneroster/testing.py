"""Packages for tests: a small valid one, to be spoilt one field at a time."""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from chassis.oneroster import CLASSROOM_FILES, Limits, Problem, Report, validate
from chassis.oneroster.files import SPECS
from chassis.oneroster.writer import manifest

TABLES: dict[str, list[str]] = {
    "orgs.csv": ["org-1,,,Elm School,school,,"],
    "academicSessions.csv": ["year-1,,,2026,schoolYear,2026-08-01,2027-07-31,,2027"],
    "courses.csv": ["course-1,,,year-1,Maths,,,org-1,,"],
    "classes.csv": ["class-1,,,Maths A,,course-1,,scheduled,,org-1,year-1,,,"],
    "users.csv": [
        "admin-1,,,true,admin,,Ada,Okafor,,,ada@elm.example,,,,,,,,,,org-1,",
        "teacher-1,,,true,tom,,Tom,Reyes,,,tom@elm.example,,,,,,,,,,org-1,",
        "student-1,,,true,sue,,Sue,Ångström,,,sue@elm.example,,,,,,,,,,org-1,",
        "student-2,,,true,sam,,Sam,Li,,,sam@elm.example,,,,,,,,,,org-1,",
    ],
    "roles.csv": [
        "role-1,,,admin-1,primary,siteAdministrator,,,org-1,",
        "role-2,,,teacher-1,primary,teacher,,,org-1,",
        "role-3,,,student-1,primary,student,,,org-1,",
        "role-4,,,student-2,primary,student,,,org-1,",
    ],
    "enrollments.csv": [
        "enr-1,,,class-1,org-1,teacher-1,teacher,true,,",
        "enr-2,,,class-1,org-1,student-1,student,,,",
        "enr-3,,,class-1,org-1,student-2,student,,,",
    ],
    "categories.csv": ["cat-1,,,Quizzes,", "cat-2,,,Homework,"],
    "lineItems.csv": [
        "item-1,,,Quiz 1,,2026-09-01,2026-09-02,class-1,cat-1,year-1,0,10,org-1",
        "item-2,,,Work 1,,2026-09-01,2026-09-02,class-1,cat-2,year-1,0,20.5,org-1",
    ],
    "results.csv": [
        "res-1,,,item-1,student-1,fully graded,7.5,2026-09-02,,,class-1,,,false,",
        "res-2,,,item-1,student-2,submitted,,2026-09-02,,,class-1,,,true,",
        "res-3,,,item-2,student-1,exempt,0,,,,,,,,",
    ],
}


@dataclass
class Parts:
    """The files of a package as bytes, to be spoilt one at a time."""

    files: dict[str, bytes]

    def line(self, file: str, number: int, text: str | bytes) -> "Parts":
        """Replace a line, counted from 1; one past the end appends."""
        lines = self.files[file].split(b"\r\n")[:-1]
        lines[number - 1 : number] = [text.encode() if isinstance(text, str) else text]
        self.files[file] = b"\r\n".join([*lines, b""])
        return self

    def value(self, file: str, number: int, field: str, text: str) -> "Parts":
        """Replace one field of a line."""
        record = next(csv.reader([self.files[file].decode().split("\r\n")[number - 1]]))
        record[SPECS[file].headers.index(field)] = text
        target = io.StringIO()
        csv.writer(target).writerow(record)
        return self.line(file, number, target.getvalue().removesuffix("\r\n"))

    def property(self, name: str, value: str | None) -> "Parts":
        """Set, or with None drop, a property of the manifest."""
        rows = dict(csv.reader(self.files["manifest.csv"].decode().splitlines()))
        rows.pop(name, None)
        rows |= {} if value is None else {name: value}
        self.files["manifest.csv"] = "".join(f"{key},{rows[key]}\r\n" for key in rows).encode()
        return self

    def zipped(self) -> bytes:
        """The package."""
        return zipped(self.files.items())

    def report(self, limits: Limits | None = None) -> Report:
        """What validation says."""
        return validate(io.BytesIO(self.zipped()), CLASSROOM_FILES, limits=limits)

    def problems(self, limits: Limits | None = None) -> list[Problem]:
        """The problems found."""
        return self.report(limits).problems


def zipped(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A zip of (name or entry, content) pairs, always with the same bytes."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")  # duplicate names are a test of their own
        for name, content in entries:
            entry = zipfile.ZipInfo(name, (2026, 11, 22, 0, 0, 0)) if isinstance(name, str) else name
            entry.external_attr = entry.external_attr or 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def build(tables: dict[str, list[str]]) -> Parts:
    """A package of these lines, headers and manifest added."""
    files = {"manifest.csv": manifest(set(tables))}
    for name, rows in tables.items():
        files[name] = "".join(f"{row}\r\n" for row in [",".join(SPECS[name].headers), *rows]).encode()
    return Parts(files)


def valid_parts() -> Parts:
    """The files of a small valid package."""
    return build(TABLES)
