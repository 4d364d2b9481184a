"""Reads OneRoster 1.2 CSV packages: safely, in bounded memory, reporting file, line and field."""

from chassis.oneroster.files import (
    AUTH_FILES,
    CLASSROOM_FILES,
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
from chassis.oneroster.kinds import quiz_categories
from chassis.oneroster.package import Limits, Package, sha256_of
from chassis.oneroster.people import Person, people
from chassis.oneroster.reader import chunks, rows
from chassis.oneroster.report import BrokenPackage, Problem
from chassis.oneroster.validate import Report, validate

__all__ = [
    "AUTH_FILES",
    "CLASSROOM_FILES",
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
    "Person",
    "Problem",
    "Report",
    "Result",
    "RoleRow",
    "User",
    "chunks",
    "people",
    "quiz_categories",
    "rows",
    "sha256_of",
    "validate",
]
