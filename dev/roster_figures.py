"""Quiz averages computed straight from a package: `python -m dev.roster_figures PACKAGE`.

The mean of the percents 100·score/maximum over the scored results of quizzes, of enrolled students
(docs: the definition of *quiz average*). Fractions, so nothing is rounded before the end.
"""

import argparse
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from chassis.oneroster import (
    Class,
    Enrollment,
    LineItem,
    Package,
    Result,
    people,
    quiz_categories,
    rows,
)


@dataclass(slots=True)
class Mean:
    """A count and a sum of percents."""

    results: int = 0
    total: Fraction = Fraction(0)

    def add(self, count: int, total: Fraction) -> None:
        """Take more results in."""
        self.results += count
        self.total += total

    @property
    def average(self) -> Decimal | None:
        """The mean to 20 digits; None without a result."""
        if not self.results:
            return None
        mean = self.total / self.results
        return round(Decimal(mean.numerator) / Decimal(mean.denominator), 20)


@dataclass(slots=True)
class ClassroomFigures:
    """A class with its enrolled students and its quiz results."""

    source_id: str
    title: str
    students: set[str] = field(default_factory=set)
    teachers: list[str] = field(default_factory=list)
    quizzes: Mean = field(default_factory=Mean)


@dataclass(slots=True)
class TeacherFigures:
    """A teacher with the classes taught; `quizzes` is over all their results."""

    source_id: str
    name: str
    classrooms: list[ClassroomFigures] = field(default_factory=list)

    @property
    def quizzes(self) -> Mean:
        """The mean over all results, not the mean of the classes' means."""
        mean = Mean()
        for classroom in self.classrooms:
            mean.add(classroom.quizzes.results, classroom.quizzes.total)
        return mean


@dataclass(slots=True)
class Figures:
    """What an import of the package must end with."""

    teachers: list[TeacherFigures]
    classrooms: list[ClassroomFigures]
    accounts: int
    counts: dict[str, int]


def figures(package: Package, explicit: Collection[str] | None = None) -> Figures:
    """Compute the figures of a valid package; `explicit` names the categories of quizzes."""
    classrooms = {row.sourced_id: ClassroomFigures(row.sourced_id, row.title) for row in rows(package, Class)}
    enrollments = 0
    for row in rows(package, Enrollment):
        classroom = classrooms[row.class_sourced_id]
        if row.taught_as == "student":
            classroom.students.add(row.user_sourced_id)
            enrollments += 1
        elif row.taught_as == "teacher":
            classroom.teachers.append(row.user_sourced_id)
    counts = _add_results(package, classrooms, quiz_categories(package, explicit))
    names = {person.source_id: person for person in people(package)}
    students = sum(person.role == "student" for person in names.values())
    counts |= {"classrooms": len(classrooms), "students": students, "enrollments": enrollments}
    teachers = list(_teachers(classrooms.values(), {id_: person.name for id_, person in names.items()}))
    return Figures(teachers, list(classrooms.values()), len(names), counts)


def _add_results(package: Package, classrooms: dict[str, ClassroomFigures], quizzes: set[str]) -> dict[str, int]:
    items = {item.sourced_id: item for item in rows(package, LineItem)}
    counts = {"assignments": len(items), "results": 0, "scored": 0, "quiz results": 0}
    for row in rows(package, Result):
        counts["results"] += 1
        if row.counted is None:
            continue
        counts["scored"] += 1
        item = items[row.line_item_sourced_id]
        classroom = classrooms[item.class_sourced_id]
        if item.category_sourced_id in quizzes and row.student_sourced_id in classroom.students:
            counts["quiz results"] += 1
            classroom.quizzes.add(1, 100 * Fraction(row.counted) / Fraction(item.result_value_max))
    return counts


def _teachers(classrooms: Collection[ClassroomFigures], names: dict[str, str]) -> Iterator[TeacherFigures]:
    taught: dict[str, list[ClassroomFigures]] = defaultdict(list)
    for classroom in classrooms:
        for teacher in classroom.teachers:
            taught[teacher].append(classroom)
    for id_, own in sorted(taught.items()):
        yield TeacherFigures(id_, names[id_], own)


def quiz_list(text: str) -> set[str]:
    """The argument `a,b` as a set."""
    return {part.strip() for part in text.split(",") if part.strip()}


def main() -> None:
    """Print the figures of a package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--quiz-categories", type=quiz_list, default=set(), metavar="ID,ID")
    arguments = parser.parse_args()
    with Package(arguments.package) as package:
        found = figures(package, arguments.quiz_categories)
    print(", ".join(f"{count} {name}" for name, count in found.counts.items()))
    for teacher in found.teachers:
        print(f"{teacher.name}: {teacher.quizzes.average} over {teacher.quizzes.results}")
        for classroom in teacher.classrooms:
            mean = classroom.quizzes
            print(f"  {classroom.title}: {mean.average} over {mean.results}, {len(classroom.students)} students")


if __name__ == "__main__":
    main()
