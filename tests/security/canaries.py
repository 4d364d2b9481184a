"""Two schools in which everything that can be read says whose it is, and everything there is to ask of them."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from secrets import token_hex
from typing import Any

from chassis.testing import eventually
from dev import services
from dev.stack import Stack
from tests.system.people import MAIL_DOMAIN, PASSWORD, Person, School, school_at
from tests.system.test_files import upload

DOCUMENTS = Path(__file__).resolve().parents[2] / "contracts" / "http"
# What takes an id that only an import or a provider elsewhere would have made.
LEFT_OUT = {"/rosters/{roster_id}", "/oidc/{provider_id}/start", "/oidc/{provider_id}/callback"}
Ids = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Question:
    """A request; `operation` is the path of the document, `url` the one with the school's own ids in it."""

    service: str
    operation: str
    url: str
    who: str


@dataclass(slots=True)
class Marked:
    """A school whose every text says `canary`; `tokens` of its people by name."""

    canary: str
    ids: Ids = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def questions(self) -> list[Question]:
        """Every operation that reads, with the school's own ids, by each of its people."""
        found = [question for service in services.NAMES for question in self._of(service)]
        assert len({question.operation for question in found}) > 80
        return found

    def _of(self, service: str) -> Iterator[Question]:
        document = json.loads((DOCUMENTS / f"{service}.openapi.json").read_text("utf-8"))
        for path, operations in document["paths"].items():
            if "get" in operations and path not in LEFT_OUT:
                for url, who in product(self._urls(path, operations["get"]), self.tokens):
                    yield Question(service, f"{service} {path}", f"/api/{service}{url}", who)

    def _urls(self, path: str, operation: dict[str, Any]) -> Iterator[str]:
        asked = operation.get("parameters", [])
        names = [it["name"] for it in asked if it["in"] == "path"]
        needed = [it["name"] for it in asked if it["in"] == "query" and it.get("required")]
        for values in product(*(self.ids[name] for name in (*names, *needed))):
            given = dict(zip((*names, *needed), values, strict=True))
            query = "&".join(f"{name}={given[name]}" for name in needed)
            yield path.format(**given) + (f"?{query}" if query else "")


async def two_schools(whole: Stack) -> tuple[Marked, Marked]:
    """Both furnished alike; `both` is one account that is a student of each."""
    async with AsyncExitStack() as open_clients:
        email = f"both@{token_hex(4)}.{MAIL_DOMAIN}"
        schools = [school_at(whole, open_clients) for _ in range(2)]
        made = [await _furnished(school, name, email) for school, name in zip(schools, ("oak", "elm"), strict=True)]
        return made[0], made[1]


async def _furnished(school: School, name: str, email: str) -> Marked:
    marked = Marked(f"{name}{token_hex(4)}")
    school.name = f"School {marked.canary}"
    await school.register()
    teacher, student = await school.teacher(f"tea-{marked.canary}"), await school.student(f"sam-{marked.canary}")
    people = {"admin": school.admin, "teacher": teacher, "student": student, "both": await _both(school, email)}
    marked.ids = {"school_id": [school.id], "teacher_id": [teacher.id]}
    marked.ids |= {"account_id": [student.id], "student_id": [student.id]}
    await _sign_up(school, marked.canary)
    await _teach(teacher, [student, people["both"]], marked)
    await _work(teacher, student, marked)
    await _meet(teacher, student, marked)
    await _settle(teacher, student, school.admin, marked)
    marked.tokens = {who: str(person.token) for who, person in people.items()}
    return marked


async def _both(school: School, email: str) -> Person:
    """The account with this address: a new one in the first school, one that joins in the second."""
    document = {"email": email, "name": "Both", "role": "student"}
    made = await school.admin.send("POST", "/api/auth/accounts", document)
    if code := made.get("joining_code"):
        person = await school.client(email)
        named = {"email": email, "password": PASSWORD, "school_id": school.id, "joining_code": code}
        person.token = (await person.send("POST", "/api/auth/login", named))["access_token"]
        return person
    person = await school.client(email, made["temporary_password"])
    await person.choose_password(PASSWORD)
    return person


async def _sign_up(school: School, canary: str) -> None:
    admin = school.admin
    invited = {"email": f"new@{school.domain}", "name": f"New {canary}", "role": "teacher"}
    await admin.send("POST", "/api/auth/invitations", invited)
    token = {"name": f"Program {canary}", "role": "admin", "scope": "read", "expires_in_days": 1}
    await admin.send("POST", "/api/auth/api-tokens", token)


async def _teach(teacher: Person, students: list[Person], marked: Marked) -> None:
    canary = marked.canary
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": f"Room {canary}", "subject": canary})
    base = f"/api/classroom/classrooms/{room['id']}"
    for student in students:
        await teacher.send("POST", f"{base}/students", {"account_id": student.id})
    await teacher.send("POST", f"{base}/join-code", {})
    await teacher.send("POST", f"{base}/invitations", {"email": f"guest@{canary}.{MAIL_DOMAIN}"})
    await teacher.send("POST", f"{base}/announcements", {"body": f"Welcome {canary}"})
    topic = await teacher.send("POST", f"{base}/topics", {"title": f"Topic {canary}"})
    file = await upload(teacher, f"{canary}.txt", canary.encode(), "text/plain")
    new = {"description": canary, "topic_id": topic["id"], "status": "published", "points_possible": "10"}
    made = [
        await teacher.send("POST", f"{base}/assignments", new | {"kind": kind, "title": f"{kind} {canary}"} | more)
        for kind, more in (("homework", {"file_ids": [file["file_id"]]}), ("quiz", {}), ("lecture", {}), ("group", {}))
    ]
    groups = {"mode": "by_hand", "groups": [{"name": canary, "student_ids": [students[0].id]}]}
    answer = await teacher.ask("PUT", f"/api/classroom/assignments/{made[3]['id']}/groups", groups, {"If-Match": "*"})
    assert answer.status == 200, answer.data
    marked.ids |= {"classroom_id": [room["id"]], "topic_id": [topic["id"]], "assignment_id": [it["id"] for it in made]}
    marked.ids |= {"file_id": [file["file_id"]], "upload_id": [file["file_id"]]}


async def _work(teacher: Person, student: Person, marked: Marked) -> None:
    canary = marked.canary
    homework, quiz, *_ = (f"/api/classroom/assignments/{id_}" for id_ in marked.ids["assignment_id"])
    await student.send("POST", f"{homework}/comments", {"body": f"A question {canary}"})
    file = await upload(student, f"work-{canary}.txt", f"my {canary}".encode(), "text/plain")
    await student.send("PUT", f"{homework}/submissions/me", {"body": canary, "file_ids": [file["file_id"]]})
    submission = await student.send("POST", f"{homework}/submissions/me/turn-in", {})
    grade = {"score": "7", "feedback": canary, "released": True}
    await teacher.send("PUT", f"/api/classroom/submissions/{submission['id']}/grade", grade)
    question = {"kind": "true_false", "title": canary, "text": canary, "explanation": canary, "answer": True}
    question |= {"points": "4"}
    banked = await teacher.send("POST", "/api/classroom/bank/questions", {"question": question, "tags": [canary]})
    written = await teacher.send("PUT", f"{quiz}/questions", {"questions": [question], "draws": []})
    attempt = await student.send("POST", f"{quiz}/attempts", {})
    await student.send("POST", f"/api/classroom/attempts/{attempt['id']}/submit", {})
    await teacher.send("POST", f"{quiz}/release", {})
    marked.ids |= {"submission_id": [submission["id"]], "attempt_id": [attempt["id"]]}
    marked.ids |= {"question_id": [written["questions"][0]["id"]], "bank_question_id": [banked["question"]["id"]]}


async def _meet(teacher: Person, student: Person, marked: Marked) -> None:
    lecture = marked.ids["assignment_id"][2]
    opened = await teacher.send("POST", "/api/lecture-chat/lectures", {"assignment_id": lecture})
    message = {"client_id": token_hex(8), "body": f"Hello {marked.canary}"}
    await teacher.send("POST", f"/api/lecture-chat/lectures/{opened['lecture_id']}/messages", message)
    note = {"rev": 1, "body": f"Noted {marked.canary}", "seq": 1}
    await student.send("PUT", f"/api/classroom/assignments/{lecture}/notes/me", note)
    marked.ids["lecture_id"] = [opened["lecture_id"]]


async def _settle(teacher: Person, student: Person, admin: Person, marked: Marked) -> None:
    """Until the events have arrived, and what was asked for is there."""
    await admin.send("POST", f"/api/auth/accounts/{student.id}/export", {})
    await student.send("POST", "/api/auth/me/export", {})
    room, quiz = marked.ids["classroom_id"][0], marked.ids["assignment_id"][1]

    async def known() -> bool:
        figures = await teacher.get(f"/api/grading/classrooms/{room}")
        graded = await student.get(f"/api/grading/me/quizzes/{quiz}")
        export = await student.get("/api/auth/me/export")
        return figures["quiz_average"] is not None and bool(graded) and export["request"]["finished_at"] is not None

    await eventually(known, within=60)
