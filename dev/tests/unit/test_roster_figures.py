import io
from decimal import Decimal
from fractions import Fraction

import pytest

from chassis.oneroster import CLASSROOM_FILES, Package, validate
from chassis.oneroster.testing import valid_parts
from dev.roster_figures import figures
from dev.sample_roster import QUIZ_CATEGORIES, sample_package


def test_the_sample_is_valid_and_always_the_same() -> None:
    content = sample_package()
    report = validate(io.BytesIO(content), CLASSROOM_FILES)
    assert report.ok, report.problems
    assert {note.code for note in report.notes} == {"no-email", "skipped-role", "skipped-enrollment"}
    assert content == sample_package()


def test_the_sample_holds_every_case() -> None:
    with Package(io.BytesIO(sample_package())) as package:
        found = figures(package, QUIZ_CATEGORIES)
        assert figures(package) == found
    assert found.counts == {
        "classrooms": 4, "students": 40, "enrollments": 43, "assignments": 20,
        "results": 192, "scored": 162, "quiz results": 93,
    }  # fmt: skip
    assert [len(classroom.teachers) for classroom in found.classrooms] == [1, 2, 1, 1]
    assert len({student for c in found.classrooms for student in c.students}) == 40


def test_a_teacher_s_average_is_over_all_results() -> None:
    with Package(io.BytesIO(sample_package())) as package:
        teacher = figures(package).teachers[0]
    total = sum((c.quizzes.total for c in teacher.classrooms), Fraction(0))
    mean = total / sum(c.quizzes.results for c in teacher.classrooms)
    assert teacher.quizzes.average == round(Decimal(mean.numerator) / Decimal(mean.denominator), 20)


@pytest.mark.parametrize(
    ("file", "line", "field", "value", "average"),
    [
        ("results.csv", 2, "comment", "as it is", Decimal(75)),
        ("results.csv", 3, "score", "10", Decimal("87.5")),
        ("results.csv", 2, "scoreStatus", "exempt", None),
        ("results.csv", 2, "score", "", None),
        ("enrollments.csv", 3, "role", "administrator", None),
        ("lineItems.csv", 2, "resultValueMax", "20", Decimal("37.5")),
        ("categories.csv", 2, "title", "Essays", None),
    ],
)
def test_what_counts(file: str, line: int, field: str, value: str, average: Decimal | None) -> None:
    content = valid_parts().value(file, line, field, value).zipped()
    with Package(io.BytesIO(content)) as package:
        (teacher,) = figures(package).teachers
    assert teacher.quizzes.average == average
