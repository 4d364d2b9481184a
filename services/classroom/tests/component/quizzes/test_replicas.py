"""Two web processes' worth of the service on one database: what one commits, the other's sockets show."""

from typing import Any

from aiohttp.test_utils import TestClient

from chassis.testing import eventually
from classroom.quizzes.jobs import JOBS
from classroom.quizzes.testing import QuizRoom, at, connected, open_quiz
from classroom.testing import Actor, Sql

School = dict[str, Actor]
TRUTH = {"kind": "true_false", "title": "Truth", "answer": True}


async def test_a_quiz_works_across_replicas(school: School, elsewhere: TestClient[Any, Any], sql: Sql) -> None:
    """Answers on one replica show on another's console; actions and the closing job reach the student's socket."""
    quiz: QuizRoom = await open_quiz(school["tara"], [school["sam"]], [TRUTH])
    await quiz.rules(time_limit_seconds=600)
    sam, tara = school["sam"], at(elsewhere, school["tara"])
    attempt = await quiz.start(sam)
    question, socket = quiz.questions[0]["id"], f"{quiz.path}/attempts/me/socket"
    async with connected(sam, socket) as line, connected(tara, f"{quiz.path}/monitor") as console:
        await line.next("hello")
        await console.next("snapshot")
        await line.send(type="answer", question_id=question, value=True, rev=1)
        await line.next("saved")

        async def shown() -> bool:
            frame = await console.next("delta")
            return any(row["answered_count"] == 1 for row in frame["rows"])

        await eventually(shown)
        await tara.post(f"/attempts/{attempt['id']}/pause")
        assert (await line.next("standing"))["status"] == "paused"
        await tara.post(f"/attempts/{attempt['id']}/resume")
        assert (await line.next("standing"))["status"] == "open"
    async with connected(at(elsewhere, sam), socket) as line:
        (answer,) = (await line.next("hello"))["attempt"]["answers"]
        assert (answer["value"], answer["rev"]) == (True, 1)
        await line.send(type="answer", question_id=question, value=False, rev=1)
        assert (await line.next("refused"))["code"] == "stale"
        sql("UPDATE attempts SET deadline_at = now() - interval '2 seconds'")
        close = next(it for it in JOBS if it.name == "close-attempts")
        await close.run(elsewhere.app)
        assert (await line.next("standing"))["submitted_by"] == "time"
        assert await line.closed() == 4010
    assert (await tara.get(f"/attempts/{attempt['id']}"))["score"] == "1"
