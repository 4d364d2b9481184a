"""The process that takes answers is killed right after acknowledgements; what was acknowledged is what is marked."""

import asyncio
import signal
import time
from functools import partial
from typing import Any

import aiohttp
import orjson
import psycopg2

from bench.quiz_answers import prepare
from chassis.access import WEBSOCKET_PROTOCOL
from chassis.identity import Role
from chassis.testing import Issuer, Stack, database_copy, eventually, uuid7
from tests.faults.report import ROUNDS, Report, judge
from tests.faults.web_process import classroom

STUDENTS, QUESTIONS = 4, 10


async def take(
    base: str, quiz: Any, questions: list[Any], caller: Any, acked: dict[tuple[str, str], int], rev: int
) -> None:
    """Answer until the process is gone; note every acknowledgement."""
    path = f"{base}/api/classroom/assignments/{quiz}/attempts/me/socket"
    protocols = (WEBSOCKET_PROTOCOL, f"bearer.{caller.token}")
    async with aiohttp.ClientSession() as session, session.ws_connect(path, protocols=protocols) as line:
        while True:
            rev += 1
            frame = {
                "type": "answer",
                "question_id": str(questions[rev % len(questions)]),
                "value": str(rev),
                "rev": rev,
            }
            try:
                await line.send_str(orjson.dumps(frame).decode())
            except ConnectionError:
                return
            seen: dict[str, Any] = {}
            while seen.get("type") != "saved":
                message = await line.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                seen = orjson.loads(message.data)
            acked[str(caller.account_id), seen["question_id"]] = rev


async def test_an_acknowledged_answer_survives_a_kill(stack: Stack, issuer: Issuer) -> None:
    """GUARANTEES 18: after each kill the table holds the acknowledged revision of every answer, or a later one."""
    report = Report()
    acked: dict[tuple[str, str], int] = {}
    with database_copy(stack, "classroom") as url:
        school = uuid7()
        people = [issuer.caller(Role.STUDENT, school) for _ in range(STUDENTS)]
        quiz, questions = prepare(url, school, people)
        settings = stack.services["classroom"] | {"DATABASE_URL": url, "JWKS_URL": issuer.url}
        for number in range(ROUNDS):
            began = time.monotonic()
            async with classroom(settings, ending=signal.SIGKILL) as base:
                report.recovery_s = max(report.recovery_s, time.monotonic() - began)
                takers = [
                    asyncio.create_task(take(base, quiz, questions, it, acked, 100_000 * number)) for it in people
                ]
                before = len(acked)
                await eventually(partial(is_busy, acked, before), within=30)
            await asyncio.gather(*takers)
        report.attempted = report.acked = len(acked)
        report.lost = lost(url, acked)
        judge(report, broken=False, within=60)


async def is_busy(acked: dict[tuple[str, str], int], before: int) -> bool:
    return len(acked) >= min(before + STUDENTS * QUESTIONS // 2, STUDENTS * QUESTIONS)


def lost(url: str, acked: dict[tuple[str, str], int]) -> int:
    """How many answers stand at a revision below the acknowledged one."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.student_id, n.question_id, n.rev FROM answers AS n JOIN attempts AS t ON t.id = attempt_id"
        )
        stored = {(str(student), str(question)): rev for student, question, rev in cursor.fetchall()}
    connection.close()
    return sum(stored.get(key, 0) < rev for key, rev in acked.items())


def test_a_lost_answer_would_be_counted(stack: Stack) -> None:
    """Control of GUARANTEES 18: an acknowledgement without its row."""
    with database_copy(stack, "classroom") as url:
        assert lost(url, {("somebody", "something"): 1}) == 1
