"""Makes the small OneRoster package that ships with the project: `python -m dev.sample_roster school.zip`.

One school, four teachers (two share a class), 40 students, four classes; the same bytes every time.
"""

import argparse
import csv
import io
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from chassis.oneroster.files import SPECS
from chassis.oneroster.testing import zipped
from chassis.oneroster.writer import manifest

QUIZ_CATEGORIES = {"cat-quiz", "cat-final"}
Row = dict[str, str]

_TEACHERS = [("mara", "Mara", "Lindqvist"), ("joao", "João", "Araújo"), ("yuki", "優希", "田中")]
_GIVEN = ["Zoë", "Åsa", "Đặng", "Ольга", "Łukasz", "Noor", "Siobhán", "Jürgen", "Amélie", "İpek"]
_FAMILY = ["O’Neill", "Müller", "Nguyễn", "García"]
_CLASSES = {
    "algebra": ("Algebra I", "math", ["mara"]),
    "geometry": ("Geometry", "math", ["mara", "joao"]),
    "biology": ("Biology", "science", ["joao"]),
    "history": ("History, 9–10", "history", ["yuki"]),
}
_CATEGORIES = {"cat-home": "Homework", "cat-quiz": "Weekly quizzes", "cat-final": "Final EXAM"}
_WORK = [("cat-home", 20), ("cat-home", 15), ("cat-quiz", 10), ("cat-quiz", 30), ("cat-final", 100)]


def _orgs() -> list[Row]:
    district = {"sourcedId": "org-district", "name": "North District", "type": "district"}
    school = {"sourcedId": "org-school", "name": "Elm Street School", "type": "school", "identifier": "ELM"}
    return [district, school | {"parentSourcedId": "org-district"}]


def _sessions() -> list[Row]:
    dates = {"startDate": "2026-08-17", "endDate": "2027-06-11", "schoolYear": "2027"}
    year = {"sourcedId": "year-2027", "title": "2026–27", "type": "schoolYear"} | dates
    term = {"sourcedId": "term-fall", "title": "Fall", "type": "term", "parentSourcedId": "year-2027"} | dates
    return [year, term | {"endDate": "2026-12-18"}]


def _student_ids() -> list[str]:
    return [f"student-{number:02}" for number in range(40)]


def _user(id_: str, given: str, family: str, email: str = "") -> Row:
    names = {"username": id_, "givenName": given, "familyName": family}
    return {"sourcedId": f"user-{id_}", "enabledUser": "true", "email": email, **names}


def _users() -> list[Row]:
    staff = [_user(id_, given, family, f"{id_}@elm.example") for id_, given, family in _TEACHERS]
    staff.append(_user("head", "Ada", "Okafor", "Head@elm.example"))
    students = [
        _user(id_, _GIVEN[at % 10], _FAMILY[at // 10], "" if at == 39 else f"{id_}@elm.example")
        for at, id_ in enumerate(_student_ids())
    ]
    students[3] |= {"preferredGivenName": "Olya"}
    students[38] |= {"enabledUser": "false"}
    return [*staff, *students, _user("parent", "Pat", "Müller", "pat@home.example")]


def _roles() -> list[Row]:
    roles = {id_: "teacher" for id_, _, _ in _TEACHERS} | dict.fromkeys(_student_ids(), "student")
    roles |= {"head": "principal", "parent": "guardian"}
    rows = [_role(id_, "primary", role, "org-school") for id_, role in roles.items()]
    return [*rows, _role("head", "secondary", "teacher", "org-school")]


def _role(user: str, kind: str, role: str, org: str) -> Row:
    row = {"sourcedId": f"role-{user}-{kind}", "userSourcedId": f"user-{user}", "roleType": kind}
    return row | {"role": role, "orgSourcedId": org}


def _courses() -> list[Row]:
    subjects = sorted({subject for _, subject, _ in _CLASSES.values()})
    return [
        {"sourcedId": f"course-{subject}", "title": subject.title(), "orgSourcedId": "org-school"}
        for subject in subjects
    ]


def _classes() -> list[Row]:
    shared = {
        "classType": "scheduled",
        "schoolSourcedId": "org-school",
        "termSourcedIds": "year-2027,term-fall",
    }
    return [
        {
            "sourcedId": f"class-{id_}",
            "title": title,
            "courseSourcedId": f"course-{subject}",
            "subjects": subject,
        }
        | shared
        for id_, (title, subject, _) in _CLASSES.items()
    ]


def students_of(class_: str) -> list[str]:
    """The students of a class: ten each, and student-00 sits in three, student-20 in two."""
    at = list(_CLASSES).index(class_)
    own = _student_ids()[at * 10 : at * 10 + 10]
    extra = {"geometry": ["student-00"], "biology": ["student-00"], "history": ["student-20"]}
    return own + [id_ for id_ in extra.get(class_, []) if id_ not in own]


def _enrollments() -> list[Row]:
    rows = []
    for id_, (_, _, teachers) in _CLASSES.items():
        rows += [_enrollment(id_, user, "teacher", user == teachers[0]) for user in teachers]
        rows += [_enrollment(id_, user, "student", None) for user in students_of(id_)]
    return [*rows, _enrollment("history", "head", "administrator", None)]


def _enrollment(class_: str, user: str, role: str, primary: bool | None) -> Row:
    row = {"sourcedId": f"enr-{class_}-{user}", "classSourcedId": f"class-{class_}", "role": role}
    flag = "" if primary is None else str(primary).lower()
    return row | {"schoolSourcedId": "org-school", "userSourcedId": f"user-{user}", "primary": flag}


def _categories() -> list[Row]:
    return [{"sourcedId": id_, "title": title} for id_, title in _CATEGORIES.items()]


def _line_items() -> list[Row]:
    return [
        {
            "sourcedId": f"item-{class_}-{number}",
            "title": f"{title}: {_CATEGORIES[category]} {number}",
            "description": 'Write "why", then\nshow your work' if category == "cat-home" else "",
            "assignDate": f"2026-09-{number + 1:02}",
            "dueDate": f"2026-10-{number + 1:02}",
            "classSourcedId": f"class-{class_}",
            "categorySourcedId": category,
            "academicSessionSourcedId": "term-fall",
            "resultValueMin": "0",
            "resultValueMax": str(maximum),
            "schoolSourcedId": "org-school",
        }
        for class_, (title, _, _) in _CLASSES.items()
        for number, (category, maximum) in enumerate(_WORK)
    ]


def _results() -> list[Row]:
    chance = random.Random(2026)
    return [
        _result(class_, number, student, maximum, chance)
        for class_ in _CLASSES
        for number, (_, maximum) in enumerate(_WORK)
        for student in students_of(class_)
        if not (class_ == "history" and number == 4) and chance.random() < 0.95
    ]


def _result(class_: str, number: int, student: str, maximum: int, chance: random.Random) -> Row:
    score = chance.randint(maximum * 2, maximum * 4) / 4
    status, text = chance.choices(
        [("fully graded", f"{score}"), ("submitted", ""), ("exempt", "0"), ("", "")], weights=[90, 6, 2, 2]
    )[0]
    return {
        "sourcedId": f"res-{class_}-{number}-{student}",
        "lineItemSourcedId": f"item-{class_}-{number}",
        "studentSourcedId": f"user-{student}",
        "scoreStatus": status,
        "score": text,
        "scoreDate": f"2026-10-{number + 2:02}",
        "comment": "Très bien" if chance.random() < 0.1 else "",
        "classSourcedId": f"class-{class_}",
        "late": "true" if chance.random() < 0.2 else "false",
    }


def sample_rows() -> dict[str, list[Row]]:
    """The rows of every file of the sample package, by column name."""
    return {
        "orgs.csv": _orgs(),
        "academicSessions.csv": _sessions(),
        "courses.csv": _courses(),
        "classes.csv": _classes(),
        "users.csv": _users(),
        "roles.csv": _roles(),
        "enrollments.csv": _enrollments(),
        "categories.csv": _categories(),
        "lineItems.csv": _line_items(),
        "results.csv": _results(),
    }


def csv_bytes(headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A csv file with these columns; what a row lacks is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def csv_files(tables: dict[str, list[Row]]) -> dict[str, bytes]:
    """The csv files of a package, manifest included."""
    files = {"manifest.csv": manifest(tables)}
    return files | {name: csv_bytes(SPECS[name].headers, rows) for name, rows in tables.items()}


def sample_package() -> bytes:
    """The sample package's zip."""
    return zipped(csv_files(sample_rows()).items())


def main() -> None:
    """Write the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    target: Path = parser.parse_args().target
    target.write_bytes(sample_package())


if __name__ == "__main__":
    main()
