"""The demo school as a OneRoster 1.2 package: small, the same each time, with something to see in every view."""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chassis.oneroster.testing import zipped
from dev.sample_roster import Row, csv_files

ORG, YEAR, TERM = "org-demo", "year-2026", "term-2026-autumn"

TEACHERS = (
    ("t-1", "Amara", "Okafor", "amara.okafor@demo.example"),
    ("t-2", "Tomas", "Lindqvist", "tomas.lindqvist@demo.example"),
)
STUDENTS = (
    ("s-01", "Noa", "Peretz"),
    ("s-02", "Jonas", "Weber"),
    ("s-03", "Mei", "Tanaka"),
    ("s-04", "Lucía", "Fernández"),
    ("s-05", "Samuel", "Adeyemi"),
    ("s-06", "Ines", "Moreau"),
    ("s-07", "Arjun", "Patel"),
    ("s-08", "Zofia", "Nowak"),
    ("s-09", "Omar", "Haddad"),
    ("s-10", "Freya", "Hansen"),
)
# classroom: (id, title, course, teachers, students, topics)
CLASSROOMS = (
    ("c-math", "Mathematics 7a", "Mathematics", ("t-1",), slice(0, 10), ("fractions", "geometry")),
    ("c-bio", "Biology 7a", "Biology", ("t-2", "t-1"), slice(0, 8), ("cells",)),
    ("c-hist", "History 7b", "History", ("t-2",), slice(3, 10), ("antiquity",)),
)
TOPICS = {"fractions": "Fractions", "geometry": "Geometry", "cells": "Cells", "antiquity": "Antiquity"}
QUIZZES = ["Quiz 1", "Quiz 2"]
HOMEWORK = ["Worksheet"]


def email(student: Sequence[str]) -> str:
    """Demo addresses are plain ASCII."""
    plain = str.maketrans("íá", "ia")
    return f"{student[1]}.{student[2]}@demo.example".lower().translate(plain)


def write(file: Path) -> Path:
    """The package as a zip file."""
    file.write_bytes(zipped(csv_files(tables()).items()))
    return file


def tables() -> dict[str, list[Row]]:
    """The rows of every file."""
    return {
        "orgs.csv": [{"sourcedId": ORG, "name": "Homeroom Demo School", "type": "school"}],
        "academicSessions.csv": list(sessions()),
        "courses.csv": [course(title) for _, _, title, *_ in CLASSROOMS],
        "classes.csv": [classroom(*parts[:3]) for parts in CLASSROOMS],
        "users.csv": list(users()),
        "roles.csv": list(roles()),
        "enrollments.csv": list(enrollments()),
        "categories.csv": list(categories()),
        "lineItems.csv": list(line_items()),
        "results.csv": list(results()),
    }


def sessions() -> Iterator[Row]:
    year = {"title": "2026/27", "type": "schoolYear", "startDate": "2026-08-01", "endDate": "2027-07-31"}
    term = {"title": "Autumn 2026", "type": "term", "startDate": "2026-08-24", "endDate": "2027-01-29"}
    yield {"sourcedId": YEAR, "schoolYear": "2027"} | year
    yield {"sourcedId": TERM, "schoolYear": "2027", "parentSourcedId": YEAR} | term


def course(title: str) -> Row:
    return {"sourcedId": f"course-{title}", "title": title, "orgSourcedId": ORG}


def classroom(identifier: str, title: str, subject: str) -> Row:
    return {
        "sourcedId": identifier,
        "title": title,
        "courseSourcedId": f"course-{subject}",
        "classType": "scheduled",
        "schoolSourcedId": ORG,
        "termSourcedIds": TERM,
        "subjects": subject,
    }


def users() -> Iterator[Row]:
    people = [*TEACHERS, *((*student, email(student)) for student in STUDENTS)]
    for identifier, given, family, address in people:
        yield {
            "sourcedId": identifier,
            "enabledUser": "true",
            "username": address.partition("@")[0],
            "givenName": given,
            "familyName": family,
            "email": address,
            "primaryOrgSourcedId": ORG,
        }


def roles() -> Iterator[Row]:
    people = [(identifier, "teacher") for identifier, *_ in TEACHERS]
    people += [(identifier, "student") for identifier, *_ in STUDENTS]
    for identifier, role in people:
        own = {"sourcedId": f"role-{identifier}", "userSourcedId": identifier, "role": role}
        yield own | {"roleType": "primary", "orgSourcedId": ORG}


def enrollments() -> Iterator[Row]:
    for identifier, _, _, teachers, students, _ in CLASSROOMS:
        people = [(teacher, "teacher") for teacher in teachers]
        people += [(student[0], "student") for student in STUDENTS[students]]
        for person, role in people:
            own = {"sourcedId": f"enr-{identifier}-{person}", "userSourcedId": person, "role": role}
            yield own | {"classSourcedId": identifier, "schoolSourcedId": ORG}


def categories() -> Iterator[Row]:
    for key, title in TOPICS.items():
        yield {"sourcedId": f"{key}-quiz", "title": f"{title}: quizzes"}
        yield {"sourcedId": f"{key}-work", "title": title}


def tasks() -> Iterable[tuple[str, str, str, str, slice]]:
    """Each assignment: id, title, category, classroom, its students."""
    for identifier, *_, students, topics in CLASSROOMS:
        for topic in topics:
            for kind, names in (("quiz", QUIZZES), ("work", HOMEWORK)):
                for number, name in enumerate(names, 1):
                    title = f"{TOPICS[topic]}: {name}"
                    yield f"li-{topic}-{kind}-{number}", title, f"{topic}-{kind}", identifier, students


def line_items() -> Iterator[Row]:
    for day, (identifier, title, category, classroom_id, _) in enumerate(tasks(), 1):
        yield {
            "sourcedId": identifier,
            "title": title,
            "assignDate": f"2026-09-{day:02}",
            "dueDate": f"2026-10-{day:02}",
            "classSourcedId": classroom_id,
            "categorySourcedId": category,
            "academicSessionSourcedId": TERM,
            "resultValueMin": "0",
            "resultValueMax": "20",
            "schoolSourcedId": ORG,
        }


def results() -> Iterator[Row]:
    """Scores by a fixed seed, each student with a level of their own; one in twelve is missing."""
    chance = random.Random(2026)
    level = {student[0]: chance.uniform(9, 18) for student in STUDENTS}
    for identifier, _, _, classroom_id, students in tasks():
        for student in STUDENTS[students]:
            score = min(20.0, max(0.0, chance.gauss(level[student[0]], 2)))
            if chance.random() > 1 / 12:
                own = {"sourcedId": f"res-{identifier}-{student[0]}", "score": f"{round(score * 2) / 2:g}"}
                yield own | result(identifier, student[0], classroom_id)


def result(item: str, student: str, classroom_id: str) -> Row:
    return {
        "lineItemSourcedId": item,
        "studentSourcedId": student,
        "classSourcedId": classroom_id,
        "scoreStatus": "fully graded",
        "scoreDate": "2026-10-20",
        "late": "false",
    }
