"""The process that takes answers is killed right after acknowledgements; what was acknowledged is what is marked."""

import asyncio
import signal
import time
from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
import orjson
import psycopg2

from bench.quiz_answers import prepare
from bench.web_process import web_process
from chassis.access import WEBSOCKET_PROTOCOL
from chassis.identity import Role
from chassis.testing import Issuer, Stack, database_copy, eventually, uuid7
from tests.faults.report import ROUNDS, Report, judge

STUDENTS, QUESTIONS = 4, 10


Acked = dict[tuple[str, str], int]  # student and question: the highest acknowledged revision


async def take(path: str, questions: list[Any], caller: Any, acked: Acked, report: Report, rev: int) -> None:
    """Answer until the process is gone; note every acknowledgement."""
    protocols = (WEBSOCKET_PROTOCOL, f"bearer.{caller.token}")
    async with aiohttp.ClientSession() as session:
        with suppress(aiohttp.ClientError, ConnectionError):
            async with session.ws_connect(path, protocols=protocols) as line:
                while True:
                    rev += 1
                    question = str(questions[rev % len(questions)])
                    report.attempted += 1
                    await line.send_json({"type": "answer", "question_id": question, "value": str(rev), "rev": rev})
                    if not await saved(line):
                        return
                    report.acked += 1
                    acked[str(caller.account_id), question] = rev


async def saved(line: aiohttp.ClientWebSocketResponse) -> bool:
    """Wait for the acknowledgement; False when the process is gone."""
    seen: dict[str, Any] = {}
    while seen.get("type") != "saved":
        message = await line.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            return False
        seen = orjson.loads(message.data)
    return True


async def test_an_acknowledged_answer_survives_a_kill(stack: Stack, issuer: Issuer) -> None:
    """GUARANTEES 18: after each kill the table holds the acknowledged revision of every answer, or a later one."""
    report = Report()
    acked: Acked = {}
    with database_copy(stack, "classroom") as url:
        school = uuid7()
        people = [issuer.caller(Role.STUDENT, school) for _ in range(STUDENTS)]
        quiz, questions = prepare(url, school, people)
        settings = stack.services["classroom"] | {"DATABASE_URL": url, "JWKS_URL": issuer.url}
        for number in range(ROUNDS):
            began = time.monotonic()
            async with web_process("classroom", settings, ending=signal.SIGKILL) as process:
                report.recovery_s = max(report.recovery_s, time.monotonic() - began)
                path, first = f"{process.base}/api/classroom/assignments/{quiz}/attempts/me/socket", 100_000 * number
                takers = [asyncio.create_task(take(path, questions, it, acked, report, first)) for it in people]
                await eventually(partial(has_acked, report, report.acked + STUDENTS * QUESTIONS))
            await asyncio.gather(*takers)
            # Before the next round answers the same questions again, with higher revisions.
            report.lost += lost(url, acked)
        judge(report, broken=False, within=60)


async def has_acked(report: Report, count: int) -> bool:
    return report.acked >= count


def lost(url: str, acked: Acked) -> int:
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
