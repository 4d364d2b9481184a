"""Packages to import, and the figures an import of them must end with."""

import copy
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from chassis.oneroster import Enrollment, LineItem, Package, Result, rows
from chassis.oneroster.testing import zipped
from dev.roster_figures import Mean
from dev.sample_roster import QUIZ_CATEGORIES, Row, csv_files, sample_rows

QUIZZES = QUIZ_CATEGORIES
TOLERANCE = Decimal("0.000001")
Tables = dict[str, list[Row]]
Percents = dict[tuple[str, str], dict[str, Mean]]
_COPIED = ("student-", "class-", "item-")


def sample(domain: str) -> Tables:
    """The package that ships with the project, with mail addresses of this domain."""
    tables = sample_rows()
    for user in tables["users.csv"]:
        name, at, _ = user["email"].partition("@")
        user["email"] = f"{name}@{domain}" if at else ""
    return tables


def larger(domain: str, copies: int, spare: int) -> Tables:
    """The sample with its classes and students several times over, and `spare` students without a class."""
    tables = sample(domain)
    for name, originals in tables.items():
        copied = [row for row in originals if _belongs_to_class(row)]
        for number in range(1, copies):
            tables[name] = [*tables[name], *(_another(row, number) for row in copied)]
    for name in ("users.csv", "roles.csv"):
        one = next(row for row in tables[name] if "user-student-05" in row.values())
        tables[name] += [_another(one, copies + number) for number in range(spare)]
    return tables


def _belongs_to_class(row: Row) -> bool:
    return any(value.removeprefix("user-").startswith(_COPIED) for value in row.values())


def _another(row: Row, number: int) -> Row:
    """The row with ids of its own wherever it names a student, a class or what hangs on them."""
    found = copy.copy(row)
    for column, value in row.items():
        own = value.removeprefix("user-").startswith(_COPIED)
        if own or column == "sourcedId":
            name, at, domain = value.partition("@")
            found[column] = f"{name}-copy{number}{at}{domain}"
    if "courseSourcedId" in row:
        found["title"] = f"{row['title']} {number}"
    return found


def write(folder: Path, tables: Tables, name: str = "package.zip") -> Path:
    """The package as a file."""
    path = folder / name
    path.write_bytes(zipped(csv_files(tables).items()))
    return path


def changed(tables: Tables, file: str, number: int, **values: str) -> Tables:
    """The same with some fields of one row changed."""
    found = copy.deepcopy(tables)
    found[file][number] |= values
    return found


def with_other_result(tables: Tables) -> Tables:
    """One quiz result another one: what a check of figures must notice."""
    results = tables["results.csv"]
    counts: Callable[[Row], bool] = lambda row: row["scoreStatus"] == "fully graded" and "-2-" in row["sourcedId"]  # noqa: E731
    number = next(at for at, row in enumerate(results) if counts(row))
    return changed(tables, "results.csv", number, score="0.25")


def student_percents(path: Path) -> Percents:
    """By (class, student), the mean of their percents: of `quizzes` and of `all`; computed from the files alone."""
    found: Percents = defaultdict(lambda: {"quizzes": Mean(), "all": Mean()})
    with Package(path) as package:
        enrolled = {(row.class_sourced_id, row.user_sourced_id) for row in rows(package, Enrollment)}
        items = {item.sourced_id: item for item in rows(package, LineItem)}
        for result in rows(package, Result):
            item = items[result.line_item_sourced_id]
            key = (item.class_sourced_id, result.student_sourced_id)
            if result.counted is not None and key in enrolled:
                percent = 100 * Fraction(result.counted) / Fraction(item.result_value_max)
                found[key]["all"].add(1, percent)
                if item.category_sourced_id in QUIZZES:
                    found[key]["quizzes"].add(1, percent)
    return found


def same(served: str | None, mean: Mean) -> bool:
    """Whether a decimal string of the API is the mean, to a millionth; none without results."""
    if served is None or mean.average is None:
        return served is None and mean.average is None
    return abs(Decimal(served) - mean.average) <= TOLERANCE
