"""Which categories hold quizzes."""

import re
from collections.abc import Collection

from chassis.oneroster.files import Category
from chassis.oneroster.package import Package
from chassis.oneroster.reader import rows
from chassis.oneroster.report import BrokenPackage, Problem, shown

_QUIZ = re.compile(r"quiz|test|exam", re.IGNORECASE)


def quiz_categories(package: Package, explicit: Collection[str] | None = None) -> set[str]:
    """The sourcedIds of the categories whose line items become quizzes.

    Those named in `explicit`, if any are; else those whose title contains quiz, test or exam.
    Raises `BrokenPackage` for an explicit category that the package does not have.
    """
    titles = {category.sourced_id: category.title for category in rows(package, Category)}
    if explicit:
        if unknown := sorted(set(explicit) - titles.keys()):
            message = "no such category: " + shown(", ".join(unknown))
            raise BrokenPackage([Problem("categories.csv", None, "sourcedId", "unknown-reference", message)])
        return set(explicit)
    return {id_ for id_, title in titles.items() if looks_like_quiz(title)}


def looks_like_quiz(title: str) -> bool:
    """Whether a category of this title holds quizzes, if nobody says otherwise."""
    return bool(_QUIZ.search(title))
