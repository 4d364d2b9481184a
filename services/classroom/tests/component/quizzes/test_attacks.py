"""What a student tries who reads the browser's traffic: other attempts, other windows, other replicas, the key."""

from typing import Any
from urllib.parse import quote

import pytest
import redis.asyncio
from aiohttp.test_utils import TestClient

from chassis.keys import CONFIG
from classroom.quizzes.testing import CANARY, Document, Line, QuizRoom, at, connected, open_quiz
from classroom.quizzes.testing_answers import right_answer
from classroom.testing import Actor, Sql

School = dict[str, Actor]


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A quiz with one question of each kind, that sam and sue take."""
    quiz = await open_quiz(school["tara"], [school["sam"], school["sue"]])
    for name in ("sam", "sue"):
        await quiz.start(school[name])
    return quiz


async def attempt_of(student: Actor, quiz: QuizRoom) -> str:
    (attempt,) = (await student.get(f"{quiz.path}/attempts"))["items"]
    return str(attempt["id"])


async def drained(line: Line) -> list[Document]:
    """All frames up to the next heartbeat."""
    await line.next("head")
    return line.frames


async def test_anothers_attempt_is_not_there(
    school: School, quiz: QuizRoom, elsewhere: TestClient[Any, Any], sql: Sql
) -> None:
    """By no operation, on no replica, and by no frame."""
    truth = quiz.question("true_false")["id"]
    sams, before = await attempt_of(school["sam"], quiz), sql("SELECT * FROM attempts ORDER BY id")
    for sue in (school["sue"], at(elsewhere, school["sue"])):
        tried = [
            await sue.get(f"/attempts/{sams}"),
            await sue.get(f"/attempts/{sams}/receipt"),
            await sue.put(f"/attempts/{sams}/answers/{truth}", {"value": True, "rev": 1}),
            await sue.post(f"/attempts/{sams}/signs", {"away": True}),
            await sue.post(f"/attempts/{sams}/submit"),
        ]
        assert {it.status for it in tried} == {404}
    assert sql("SELECT * FROM attempts ORDER BY id") == before
    async with connected(school["sue"], f"{quiz.path}/attempts/me/socket") as line:
        await line.next("hello")
        await line.send(type="answer", question_id=truth, value=True, rev=1, attempt_id=sams)
        assert (await line.next("error"))["code"] == "invalid"
    assert sql("SELECT count(*)::int FROM answers") == [(0,)]


async def test_what_is_handed_in_stays_so_in_every_window(
    school: School, quiz: QuizRoom, elsewhere: TestClient[Any, Any], sql: Sql
) -> None:
    sam, there = school["sam"], at(elsewhere, school["sam"])
    attempt, truth = await attempt_of(sam, quiz), quiz.question("true_false")["id"]
    socket, path = f"{quiz.path}/attempts/me/socket", f"/attempts/{attempt}/answers/{truth}"
    async with connected(sam, socket) as one, connected(there, socket) as two:
        for line in (one, two):
            await line.next("hello")
        assert (await there.post(f"/attempts/{attempt}/submit")).status == 200
        for line in (one, two):
            await line.send(type="answer", question_id=truth, value=True, rev=9)
        for line in (one, two):
            assert await line.closed() == 4010
            assert not [frame for frame in line.frames if frame["type"] == "saved"]
    assert [(await it.put(path, {"value": True, "rev": 9})).code for it in (sam, there)] == ["submitted"] * 2
    assert sql("SELECT count(*)::int FROM answers WHERE rev > 0") == [(0,)]


async def test_a_socket_hears_its_own_attempt_alone(school: School, quiz: QuizRoom) -> None:
    """Not what others answer, nor what they are told; and nothing that watchers hear."""
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    sams, socket = await attempt_of(sam, quiz), f"{quiz.path}/attempts/me/socket"
    async with connected(sam, socket) as his, connected(sue, socket) as hers, connected(tara, f"{quiz.path}/monitor"):
        for line in (his, hers):
            await line.next("hello")
        await his.send(type="answer", question_id=quiz.question("essay")["id"], value="Sam wrote this", rev=1)
        await his.next("saved")
        await tara.post(f"/attempts/{sams}/messages", {"body": "For Sam alone"})
        await tara.post(f"/attempts/{sams}/extend", {"seconds": 60})
        await his.next("message")
        heard = str(await drained(hers))
        assert not any(it in heard for it in (sams, sam.id, "Sam wrote this", "For Sam alone"))
        assert {frame["type"] for frame in hers.frames} <= {"hello", "head"}


async def test_the_key_is_in_no_frame_cache_header_or_log(
    school: School, quiz: QuizRoom, client: TestClient[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """While the quiz is taken: right and wrong answers look alike, and nothing says which is which."""
    sam = school["sam"]
    async with connected(sam, f"{quiz.path}/attempts/me/socket") as line:
        await line.next("hello")
        for rev in (1, 2):
            for question in (it for it in quiz.questions if it["kind"] in ("true_false", "single_choice")):
                right = right_answer(question)
                wrong = not right if isinstance(right, bool) else question["choices"][-1]["id"]
                await line.send(type="answer", question_id=question["id"], value=(right, wrong)[rev - 1], rev=rev)
                assert set(await line.next("saved")) == {"type", "question_id", "rev", "hash", "saved_at"}
        assert CANARY not in str(line.frames)
    for path in (quiz.path, f"{quiz.path}/quiz", f"{quiz.path}/attempts", "/bootstrap"):
        answer = await sam.get(path)
        assert CANARY not in str((answer.headers, answer.data))
    kept = redis.asyncio.Redis.from_url(client.app[CONFIG].redis_url.get_secret_value())
    values = [await kept.get(key) async for key in kept.scan_iter("classroom:*", count=1000, _type="string")]
    await kept.aclose()
    assert not any(CANARY.encode() in (value or b"") for value in values)
    assert CANARY not in caplog.text


async def test_a_student_gets_nothing_of_the_console(school: School, quiz: QuizRoom) -> None:
    sam = school["sam"]
    question = quiz.questions[0]["id"]
    reads = ["progress", "questions", "marking", f"marking/{question}", "statistics", "gift"]
    reads += [f"questions/{question}/corrections", "extra-time", quote("../monitor", safe="")]
    for path in reads:
        assert (await sam.get(f"{quiz.path}/{path}")).status in (403, 404), path
    for act in ("pause", "resume", "extend", "submit-now"):
        body = {"seconds": 600} if act == "extend" else None
        assert (await sam.post(f"/attempts/{await attempt_of(sam, quiz)}/{act}", body)).status == 403
        assert (await sam.post(f"{quiz.path}/attempts/{act}", body)).status == 403
