"""Reads OneRoster 1.2 CSV packages: safely, in bounded memory, reporting file, line and field."""

from chassis.oneroster.files import (
    AUTH_FILES,
    CLASSROOM_FILES,
    DELTA_FILES,
    AcademicSession,
    Category,
    Class,
    Course,
    Enrollment,
    LineItem,
    Org,
    Result,
    RoleRow,
    User,
)
from chassis.oneroster.kinds import looks_like_quiz, quiz_categories
from chassis.oneroster.manifest import deltas
from chassis.oneroster.package import Limits, Package, sha256_of
from chassis.oneroster.people import Person, PersonChange, people, people_changes
from chassis.oneroster.reader import chunks, rows
from chassis.oneroster.report import BrokenPackage, Problem
from chassis.oneroster.validate import Report, validate
from chassis.oneroster.writer import PackageWriter

__all__ = [
    "AUTH_FILES",
    "CLASSROOM_FILES",
    "DELTA_FILES",
    "AcademicSession",
    "BrokenPackage",
    "Category",
    "Class",
    "Course",
    "Enrollment",
    "Limits",
    "LineItem",
    "Org",
    "Package",
    "PackageWriter",
    "Person",
    "PersonChange",
    "Problem",
    "Report",
    "Result",
    "RoleRow",
    "User",
    "chunks",
    "deltas",
    "looks_like_quiz",
    "people",
    "people_changes",
    "quiz_categories",
    "rows",
    "sha256_of",
    "validate",
]
