"""A thousand students who answer at once, and teachers who watch: `python -m bench.quiz_answers [--students 1000]`.

One web process of classroom with its real database, Redis and broker (`make test-stack`); every student has a socket,
and sends the next answer a moment after the one before was acknowledged; then once more while teachers watch. CPU is
the service's own, from /proc. The peers are the same answer over HTTP (`PUT`), authorised and committed by itself,
while nobody else is there; and the floor, an aiohttp server that does nothing but send the same frames back.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import psycopg2
from psycopg2.extras import execute_values, register_uuid

from bench.chat.servers import process
from bench.table import Line, percentile, tell
from bench.usage import use_of_family
from bench.web_process import Running, web_process
from chassis.access import WEBSOCKET_PROTOCOL
from chassis.identity import Role
from chassis.tasks import end
from chassis.testing import Caller, database_copy, running_issuer, running_stack, uuid7
from classroom.quizzes.questions.content import stored
from classroom.quizzes.questions.models import QUESTION

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = 10
# A student's pause between an acknowledgement and the next answer, in seconds: evenly between these.
PAUSE = 0.2, 0.5
TARGETS = {"cpu": 40, "p99": 150, "memory": 20}
ARRIVALS = 50


async def lines(students: int = 1000, answers: int = 20, monitors: int = 5) -> list[Line]:
    """Microseconds of CPU and milliseconds of waiting for a saved answer, KiB for an idle socket."""
    stack = running_stack()
    with database_copy(stack, "classroom") as url:
        async with running_issuer() as issuer:
            school = uuid7()
            people = [issuer.caller(Role.STUDENT, school) for _ in range(students)]
            teachers = [issuer.caller(Role.TEACHER, school) for _ in range(monitors)]
            assignment, questions = prepare(url, school, people, teachers)
            settings = stack.services["classroom"] | {"DATABASE_URL": url, "JWKS_URL": issuer.url}
            floor = await _echoed(students, answers)
            async with web_process("classroom", settings) as running:
                return await _measure(floor, running, assignment, questions, people, teachers, answers)


def prepare(
    url: str, school: UUID, people: Sequence[Caller], teachers: Sequence[Caller] = ()
) -> tuple[UUID, list[UUID]]:
    """A quiz of short texts, started by everybody."""
    register_uuid()  # type: ignore[no-untyped-call]
    classroom, quiz, questions = uuid7(), uuid7(), [uuid7() for _ in range(QUESTIONS)]
    columns = stored(QUESTION.validate_python({"kind": "short_text", "title": "Q", "accepted": [{"text": "right"}]}))
    body, key = (orjson.dumps(columns[name]).decode() for name in ("body", "key"))
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO classrooms (id, school_id, title) VALUES (%s, %s, 'C')", [classroom, school])
        enrolled = [(school, classroom, it.account_id) for it in people]
        execute_values(cursor, "INSERT INTO enrolments (school_id, classroom_id, student_id) VALUES %s", enrolled)
        teaching = [(school, classroom, it.account_id) for it in teachers]
        execute_values(
            cursor, "INSERT INTO classroom_teachers (school_id, classroom_id, teacher_id) VALUES %s", teaching
        )
        cursor.execute(
            "INSERT INTO assignments (id, school_id, classroom_id, kind, title, status, was_published, counts)"
            " VALUES (%s, %s, %s, 'quiz', 'Q', 'published', TRUE, 'best')",
            [quiz, school, classroom],
        )
        cursor.execute("INSERT INTO quizzes (assignment_id, school_id) VALUES (%s, %s)", [quiz, school])
        rows = [(it, school, quiz, n, "short_text", "Q", 1, body, key) for n, it in enumerate(questions)]
        named = "id, school_id, assignment_id, position, kind, title, points, body, key"
        execute_values(cursor, f"INSERT INTO questions ({named}) VALUES %s", rows)
        started = [(school, quiz, it.account_id, 1, 1, questions, QUESTIONS, 1) for it in people]
        named = "school_id, assignment_id, student_id, number, seed, question_ids, max_score, changed"
        execute_values(cursor, f"INSERT INTO attempts ({named}) VALUES %s", started)
        cursor.execute("ANALYZE")
    connection.close()
    return quiz, questions


async def _echoed(students: int, answers: int) -> float:
    """Microseconds of CPU of a frame that comes back, with as many sockets and the same pauses."""
    async with (
        process([sys.executable, "-m", "bench.echo"], ROOT) as (pid, port),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        sockets = [await session.ws_connect("/") for _ in range(students)]
        done = await _round(pid, sockets, [uuid7()], 1, answers)
        return 1e6 * done.cpu / len(done.waits)


async def _measure(
    floor: float,
    running: Running,
    quiz: UUID,
    questions: list[UUID],
    people: Sequence[Caller],
    teachers: Sequence[Caller],
    answers: int,
) -> list[Line]:
    connector, pid = aiohttp.TCPConnector(limit=0), running.pid
    async with aiohttp.ClientSession(running.base, connector=connector) as session:
        single = await _singly(session, pid, quiz, questions, people[0])
        before = use_of_family(pid)
        sockets = await _connect(session, quiz, people)
        await asyncio.sleep(2)
        after = use_of_family(pid)
        memory, arrival = (1024 * (after.memory - before.memory), 1e3 * (after.cpu - before.cpu))
        alone = await _round(pid, sockets, questions, 1001, answers)
        seen: list[float] = []
        watching = [asyncio.create_task(_watch(session, quiz, it, seen)) for it in teachers]
        watched = await _round(pid, sockets, questions, 10_001, answers)
        await end(watching)
        await asyncio.gather(*(it.close() for it in sockets))
    work = f"quiz answer saved, {len(people)} students, {alone.rate:,.0f}/s"
    deltas = len(seen) / len(teachers) / watched.seconds if teachers else 0
    with_monitors = f"with {len(teachers)} monitors, {watched.rate:,.0f}/s, {deltas:.1f} deltas/s to each"
    return [
        *alone.lines(work, {"aiohttp echo": floor, "PUT, one commit each": single}),
        *(watched.lines(f"the same {with_monitors}", {"aiohttp echo": floor}) if teachers else ()),
        Line("quiz socket opened and greeted", "ms CPU", arrival / len(people), {}),
        _line("idle quiz socket", "KiB", memory / len(people), {}, TARGETS["memory"]),
    ]


@dataclass(frozen=True, slots=True)
class Round:
    """Everybody has answered so many times: seconds of CPU of the service, of the clock, and of each answer."""

    cpu: float
    seconds: float
    waits: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def lines(self, work: str, peers: dict[str, float]) -> list[Line]:
        """CPU of an answer, and how long the slowest of a hundred waited."""
        slow, usual = (1000 * percentile(self.waits, share) for share in (0.99, 0.5))
        return [
            _line(work, "µs CPU", 1e6 * self.cpu / len(self.waits), peers, TARGETS["cpu"]),
            _line(work, "ms p99", slow, {"p50": usual}, TARGETS["p99"]),
        ]


def _line(work: str, unit: str, ours: float, peers: dict[str, float], target: float) -> Line:
    return Line(work, unit, ours, peers, f"≤ {target}", ours <= target)


async def _round(
    pid: int, sockets: list[aiohttp.ClientWebSocketResponse], questions: list[UUID], first_rev: int, answers: int
) -> Round:
    waits: list[float] = []
    cpu, began = use_of_family(pid).cpu, time.perf_counter()
    await asyncio.gather(*(_answer(it, questions, range(first_rev, first_rev + answers), waits) for it in sockets))
    return Round(use_of_family(pid).cpu - cpu, time.perf_counter() - began, waits)


async def _watch(session: aiohttp.ClientSession, quiz: UUID, caller: Caller, seen: list[float]) -> None:
    """Read a console's frames until cancelled; note when a delta came. Nothing else, lest the generator be measured."""
    protocols = (WEBSOCKET_PROTOCOL, f"bearer.{caller.token}")
    path = f"/api/classroom/assignments/{quiz}/monitor"
    async with session.ws_connect(path, protocols=protocols, max_msg_size=0, decode_text=False) as console:
        async for message in console:
            if message.data.startswith(b'{"type":"delta"'):
                seen.append(time.perf_counter())


async def _connect(
    session: aiohttp.ClientSession, quiz: UUID, people: Sequence[Caller]
) -> list[aiohttp.ClientWebSocketResponse]:
    """A socket each, greeted; so many at once."""
    gate = asyncio.Semaphore(ARRIVALS)

    async def one(caller: Caller) -> aiohttp.ClientWebSocketResponse:
        async with gate:
            path = f"/api/classroom/assignments/{quiz}/attempts/me/socket"
            protocols = (WEBSOCKET_PROTOCOL, f"bearer.{caller.token}")
            opened = await session.ws_connect(path, protocols=protocols, max_msg_size=0)
            hello = orjson.loads((await opened.receive()).data)
            assert hello["type"] == "hello", hello
            return opened

    return list(await asyncio.gather(*map(one, people)))


async def _answer(
    opened: aiohttp.ClientWebSocketResponse, questions: list[UUID], revs: Iterable[int], waits: list[float]
) -> None:
    for rev in revs:
        await asyncio.sleep(random.uniform(*PAUSE))
        question = str(random.choice(questions))
        began = time.perf_counter()
        frame = {"type": "answer", "question_id": question, "value": f"word {rev}", "rev": rev}
        await opened.send_str(orjson.dumps(frame).decode())
        while True:
            seen: dict[str, Any] = orjson.loads((await opened.receive()).data)
            assert seen["type"] != "refused", seen
            # An echo answers with the frame itself.
            if seen["type"] in ("saved", "answer"):
                break
        waits.append(time.perf_counter() - began)


async def _singly(
    session: aiohttp.ClientSession, pid: int, quiz: UUID, questions: list[UUID], caller: Caller, count: int = 200
) -> float:
    """The same by `PUT`, one after the other."""
    async with session.post(f"/api/classroom/assignments/{quiz}/attempts", headers=caller.headers) as response:
        attempt = (await response.json())["id"]
    cpu = use_of_family(pid).cpu
    for rev in range(1, count + 1):
        path = f"/api/classroom/attempts/{attempt}/answers/{random.choice(questions)}"
        body = {"value": str(uuid4()), "rev": rev}
        async with session.put(path, json=body, headers=caller.headers) as response:
            assert response.status == 200, await response.text()
    return 1e6 * (use_of_family(pid).cpu - cpu) / count


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--answers", type=int, default=20)
    parser.add_argument("--monitors", type=int, default=5)
    given = parser.parse_args()
    tell("quiz_answers", asyncio.run(lines(given.students, given.answers, given.monitors)))


if __name__ == "__main__":
    main()
