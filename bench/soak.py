"""`python -m bench.soak [--minutes 10] [--students 40]`: a school day in small, against the whole running stack.

Every student reads the bootstrap document and the own figures, holds a chat socket and writes into it; the teacher
grades, releases, adds assignments and reads the gradebook. At the end: no error, no lost message, no memory and no
queue that grew. Exits with 1 otherwise. Results are printed as Markdown.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
import orjson
import psycopg2

from bench.table import percentile
from bench.usage import measure
from chassis.contracts import Contracts
from chassis.topology import dead_queue_of, queue_of
from dev import postgres, rabbitmq, services, tls
from dev.gateway_client import Api, ApiError, trust
from dev.layout import ROOT
from dev.stack import Stack

PASSWORD = "soak-correct-horse-2026"
SAMPLE_SECONDS = 10.0
# Caches, pools and arenas fill in this share of the time; from then on memory must stay where it is.
WARM_UP = 0.3
GROWTH_MIB, GROWTH_SHARE = 16.0, 0.15
JSON = {"Content-Type": "application/json"}


@dataclass
class Tally:
    """What was asked, how long it took (seconds) and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sent: set[str] = field(default_factory=set)
    acked: set[str] = field(default_factory=set)
    delivered: int = 0

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
    """One classroom with its people, a quiz and an open lecture."""

    teacher: Api
    students: list[Api]
    ids: list[str]
    room: str
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
        room = (await send(teacher, "POST", "/api/classroom/classrooms", {"title": "Soaked"}))["id"]
        code = (await send(teacher, "POST", f"/api/classroom/classrooms/{room}/join-code"))["join_code"]
        path = f"/api/classroom/classrooms/{room}/assignments"
        quiz = {"kind": "quiz", "title": "Daily", "points_possible": "20", "status": "published"}
        talk = {"kind": "lecture", "title": "Today", "status": "published"}
        quiz_id, talk_id = [(await send(teacher, "POST", path, document))["id"] for document in (quiz, talk)]
        members = [await person(f"student-{number}", "student") for number in range(count)]
        for student, _ in members:
            await send(student, "POST", "/api/classroom/enrollments", {"join_code": code})
        opened = await send(teacher, "POST", "/api/lecture-chat/lectures", {"assignment_id": talk_id})
        students, ids = [api for api, _ in members], [account_id for _, account_id in members]
        yield Course(teacher, students, ids, room, quiz_id, opened["lecture_id"])


async def study(course: Course, student: Api, tally: Tally) -> None:
    """Open the app, look at the own figures, again and again."""
    while True:
        await tally.timed("bootstrap", student.get("/api/classroom/bootstrap"))
        await asyncio.sleep(random.uniform(0.5, 2))
        await tally.timed("own figures", student.get(f"/api/grading/me/classrooms/{course.room}"))
        await asyncio.sleep(random.uniform(2, 6))


async def teach(course: Course, tally: Tally) -> None:
    """Grade and release, look at the gradebook, add work."""
    work = f"/api/classroom/classrooms/{course.room}/assignments"
    while True:
        graded = f"/api/classroom/assignments/{course.quiz}/grades/{random.choice(course.ids)}"
        score = {"score": str(random.randint(0, 20)), "released": True}
        current = await tally.timed("read a grade", _grade_version(course.teacher, graded))
        headers = JSON | ({"If-Match": current} if current else {})
        change = course.teacher.call("PUT", graded, lambda score=score: orjson.dumps(score), headers)  # type: ignore[misc]
        await tally.timed("grade", change)
        await tally.timed("gradebook", course.teacher.get(f"/api/grading/classrooms/{course.room}/gradebook"))
        if random.random() < 0.1:
            document = {"kind": "homework", "title": f"Work {token_hex(3)}", "status": "published"}
            await tally.timed("assign", send(course.teacher, "POST", work, document))
        await asyncio.sleep(random.uniform(0.5, 1.5))


async def _grade_version(teacher: Api, path: str) -> str:
    """The ETag of the grade, or nothing where there is none yet."""
    grades = (await teacher.get(path.rsplit("/", 1)[0]))["items"]
    own = [grade for grade in grades if grade["student_id"] == path.rsplit("/", 1)[1]]
    return f'"{own[0]["version"]}"' if own and own[0].get("version") else ""


async def chat(course: Course, student: Api, stack: Stack, tally: Tally) -> None:
    """Hold a socket, write now and then, come back where it is closed."""
    url = f"{stack.url}/api/lecture-chat/lectures/{course.lecture}/socket"
    while True:
        await student._renew()
        protocols = ("homeroom.v1", f"bearer.{student.token}")
        try:
            async with student._session.ws_connect(url, protocols=protocols, max_msg_size=0) as socket:
                await asyncio.gather(_listen(socket, tally), _talk(socket, tally))
        except (aiohttp.ClientError, ConnectionError) as error:
            tally.errors[f"socket: {type(error).__name__}"] += 1
        await asyncio.sleep(random.uniform(0.5, 1.5))


async def _talk(socket: aiohttp.ClientWebSocketResponse, tally: Tally) -> None:
    while not socket.closed:
        await asyncio.sleep(random.uniform(3, 9))
        client_id = token_hex(8)
        tally.sent.add(client_id)
        with suppress(ConnectionError, aiohttp.ClientError):
            await socket.send_str(orjson.dumps({"type": "send", "client_id": client_id, "body": "a word"}).decode())


async def _listen(socket: aiohttp.ClientWebSocketResponse, tally: Tally) -> None:
    async for message in socket:
        frame = orjson.loads(message.data)
        if frame["type"] == "ack":
            tally.acked.add(frame["client_id"])
        elif frame["type"] in ("message", "messages"):
            tally.delivered += len(frame.get("items", frame.get("messages", [None])))


async def queues(stack: Stack) -> dict[str, int]:
    """What waits in the broker and in the outboxes."""
    names = [find(name) for name in Contracts.load().services() for find in (queue_of, dead_queue_of)]
    found: dict[str, int] = {}
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{rabbitmq.management_url(stack.plan())}/api/queues")
        for queue in await answer.json():
            if queue["name"] in names:
                found[queue["name"]] = queue.get("messages", 0)
    with closing(psycopg2.connect(postgres.admin_url(stack.plan()))) as connection, connection.cursor() as cursor:
        for name in services.NAMES:
            cursor.execute(f"SELECT count(*) FROM {services.package(name)}.outbox WHERE published_at IS NULL")
            found[f"outbox {name}"] = int((cursor.fetchone() or (0,))[0])
    return found


def memory(stack: Stack) -> dict[str, float]:
    """MiB of each program of ours, its children included."""
    ours = {"gateway", *(name for service in services.NAMES for name in services.program_names(service))}
    return {name: use.memory for name, use in measure(stack).items() if name in ours}


async def soak(stack: Stack, minutes: float, students: int) -> tuple[Tally, list[dict[str, float]], dict[str, int]]:
    """Run the load; what was seen, the memory over time, and what waited half a minute after its end."""
    tally, samples = Tally(), []
    async with course(stack, students) as made:
        work: list[Callable[[], Awaitable[None]]] = [lambda: teach(made, tally)]
        tasks = [asyncio.ensure_future(begin()) for begin in work]
        tasks += [asyncio.ensure_future(study(made, student, tally)) for student in made.students]
        tasks += [asyncio.ensure_future(chat(made, student, stack, tally)) for student in made.students]
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end and not any(task.done() for task in tasks):
            await asyncio.sleep(min(SAMPLE_SECONDS, max(0.1, end - time.monotonic())))
            samples.append(memory(stack))
        broken = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        await asyncio.sleep(2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if broken:
        raise RuntimeError("a part of the load ended early") from broken[0]
    return tally, samples, await _drained(stack)


async def _drained(stack: Stack) -> dict[str, int]:
    waiting: dict[str, int] = {}
    for _ in range(30):
        if not any((waiting := await queues(stack)).values()):
            break
        await asyncio.sleep(1)
    return waiting


def grown(samples: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """The programs whose memory grew after warming up: from, to, in MiB."""
    before, after = samples[int(len(samples) * WARM_UP)], samples[-1]
    limit = {name: size + max(GROWTH_MIB, size * GROWTH_SHARE) for name, size in before.items()}
    return {name: (before[name], after[name]) for name in before if after.get(name, 0) > limit[name]}


def report(tally: Tally, samples: list[dict[str, float]], waiting: dict[str, int]) -> list[str]:
    """The result as Markdown; returns what went wrong, one line each."""
    print("\n| work | times | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, seconds in sorted(tally.seconds.items()):
        middle, high = (1000 * percentile(seconds, share) for share in (0.5, 0.99))
        print(f"| {name} | {len(seconds)} | {middle:.1f} | {high:.1f} |")
    print(f"| chat messages sent, acked | {len(tally.sent)}, {len(tally.acked)} | | |")
    print(f"| chat deliveries | {tally.delivered} | | |")
    print("\n| program | MiB after warming up | MiB at the end |\n|---|---|---|")
    before = samples[int(len(samples) * WARM_UP)]
    for name, size in sorted(samples[-1].items()):
        print(f"| {name} | {before.get(name, 0):.0f} | {size:.0f} |")
    wrong = [f"{name}: {count} times" for name, count in tally.errors.items()]
    wrong += [f"{name} grew from {low:.0f} to {high:.0f} MiB" for name, (low, high) in grown(samples).items()]
    wrong += [f"{count} wait in {name}" for name, count in waiting.items() if count]
    wrong += [f"{len(lost)} messages were never acked"] if (lost := tally.sent - tally.acked) else []
    return wrong


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--state", type=Path, default=ROOT / ".homeroom")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--students", type=int, default=40)
    options = parser.parse_args()
    wrong = report(*asyncio.run(soak(Stack(options.state), options.minutes, options.students)))
    print("\nNothing went wrong." if not wrong else "\nWrong:\n" + "\n".join(f"- {line}" for line in wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
