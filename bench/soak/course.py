"""Who takes part in the soak: a school of its own with one teacher, their classroom and its students."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import aiohttp
import orjson

from dev import tls
from dev.gateway_client import Api, ApiError, trust
from dev.stack import Stack

PASSWORD = "soak-correct-horse-2026"
JSON = {"Content-Type": "application/json"}
QUESTIONS = [
    {"kind": "true_false", "title": f"Truth {number}", "text": "Is it so?", "points": "2", "answer": number % 2 == 0}
    for number in range(5)
]


@dataclass
class Tally:
    """What was asked, how long it took (seconds) and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sent: set[str] = field(default_factory=set)
    acked: set[str] = field(default_factory=set)
    delivered: int = 0
    over: bool = False

    async def timed(self, name: str, work: Awaitable[Any]) -> Any:
        """Await `work`; a refusal or a lost connection is counted and gives None."""
        started = time.perf_counter()
        try:
            found = await work
        except (ApiError, aiohttp.ClientError, TimeoutError) as error:
            self.errors[f"{name}: {getattr(error, 'status', type(error).__name__)}"] += 1
            return None
        self.seconds[name].append(time.perf_counter() - started)
        return found


@dataclass
class Course:
    """One classroom with its people, work of each kind and an open lecture."""

    teacher: Api
    students: list[Api]
    ids: list[str]
    room: str
    exercise: str
    homework: str
    quiz: str
    lecture: str


async def send(api: Api, method: str, path: str, document: Any = None) -> Any:
    """A command; the answer's JSON."""
    return (await api.call(method, path, lambda: orjson.dumps(document or {}), JSON)).data


@asynccontextmanager
async def course(stack: Stack, count: int) -> AsyncIterator[Course]:
    """A school of its own with one teacher and `count` students, all signed in."""
    context = trust(tls.authority_file(stack.state.tls), insecure=False)
    domain = f"{token_hex(4)}.soak.example"
    async with AsyncExitStack() as clients:

        async def client(name: str, password: str = PASSWORD) -> Api:
            return await clients.enter_async_context(Api(stack.url, f"{name}@{domain}", password, context, patience=5))

        async def person(name: str, role: str) -> tuple[Api, str]:
            document = {"email": f"{name}@{domain}", "name": name.title(), "role": role}
            created = await send(admin, "POST", "/api/auth/accounts", document)
            api = await client(name, created["temporary_password"])
            await api.choose_password(PASSWORD)
            return api, str(created["account"]["id"])

        admin = await client("admin")
        await admin.register(f"Soak {domain}", "Ada Admin")
        await admin.login()
        teacher, _ = await person("teacher", "teacher")
        members = [await person(f"student-{number}", "student") for number in range(count)]
        yield await _classroom(teacher, [api for api, _ in members], [account_id for _, account_id in members])


async def _classroom(teacher: Api, students: list[Api], ids: list[str]) -> Course:
    room = (await send(teacher, "POST", "/api/classroom/classrooms", {"title": "Soaked"}))["id"]
    code = (await send(teacher, "POST", f"/api/classroom/classrooms/{room}/join-code"))["join_code"]

    async def assign(kind: str, title: str, **more: Any) -> str:
        document = {"kind": kind, "title": title, "status": "published", **more}
        return str((await send(teacher, "POST", f"/api/classroom/classrooms/{room}/assignments", document))["id"])

    exercise = await assign("classwork", "Exercise", points_possible="20")
    homework = await assign("homework", "Essay", points_possible="10")
    quiz, talk = await assign("quiz", "Daily"), await assign("lecture", "Today")
    await send(teacher, "PUT", f"/api/classroom/assignments/{quiz}/questions", {"questions": QUESTIONS, "draws": []})
    await send(teacher, "PATCH", f"/api/classroom/assignments/{quiz}/quiz", {"attempts_allowed": None})
    for student in students:
        await send(student, "POST", "/api/classroom/enrollments", {"join_code": code})
    opened = await send(teacher, "POST", "/api/lecture-chat/lectures", {"assignment_id": talk})
    return Course(teacher, students, ids, room, exercise, homework, quiz, opened["lecture_id"])
