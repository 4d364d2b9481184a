"""What becomes of an attempt when nobody hands it in, when many do at once, and when an answer meets the end."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis.db import Database
from chassis.errors import Conflict
from classroom.quizzes.attempts import commands
from classroom.quizzes.attempts.models import SubmittedBy
from classroom.quizzes.live.keys import LIVE
from classroom.quizzes.marking.handing_in import hand_in
from classroom.quizzes.testing import QuizRoom, open_quiz
from classroom.testing import Actor, Answer, Sql

School = dict[str, Actor]
Break = Callable[[str, str, str], None]
WORD = {"kind": "short_text", "title": "Word", "points": "4", "accepted": [{"text": "right"}]}
Submit = Callable[[Database, dict[str, Any]], Awaitable[None]]


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A quiz of one word, ten minutes long, that sam and sue may take as often as they like."""
    quiz = await open_quiz(school["tara"], [school["sam"], school["sue"]], [WORD])
    await quiz.rules(time_limit_seconds=600, attempts_allowed=None)
    return quiz


def age(sql: Sql, seconds: float) -> None:
    """Let so much time pass for every attempt."""
    sql("UPDATE attempts SET deadline_at = deadline_at - %s * interval '1 second'", seconds)


async def answered(student: Actor, quiz: QuizRoom, value: str, rev: int = 1) -> str:
    attempt = await quiz.start(student)
    path = f"/attempts/{attempt['id']}/answers/{quiz.questions[0]['id']}"
    assert (await student.put(path, {"value": value, "rev": rev})).status == 200
    return str(attempt["id"])


def is_due(database: Database, sql: Sql, seconds: float) -> bool:
    """Whether the job takes attempts up whose deadline was so long ago: in one transaction, where no time passes."""
    sql("BEGIN")
    sql("UPDATE attempts SET deadline_at = now() - %s * interval '1 second'", seconds)
    found = sql(database._queries["list_due_quizzes"])
    sql("ROLLBACK")
    return bool(found)


async def vanish(school: School, quiz: QuizRoom, database: Database, sql: Sql) -> None:
    """Two answer and go, one of them paused by a teacher; the deadline passes."""
    attempt = await answered(school["sam"], quiz, "right")
    assert not is_due(database, sql, 0.9)
    assert is_due(database, sql, 1)
    assert await commands.close_due(database) == []
    paused = await answered(school["sue"], quiz, "wrong")
    await school["tara"].post(f"/attempts/{paused}/pause")
    age(sql, 602)
    assert [str(it) for it in await commands.close_due(database)] == [quiz.id]
    seen = await school["tara"].get(f"/attempts/{attempt}")
    assert (seen["status"], seen["submitted_by"], seen["score"]) == ("submitted", "time", "4")
    assert seen["submitted_at"] == seen["deadline_at"]
    assert (await school["tara"].get(f"/attempts/{paused}"))["status"] == "paused"
    grades = (await school["tara"].get(f"{quiz.path}/grades"))["items"]
    assert [(it["score"], it["max_score"]) for it in grades] == [("4", "4")]
    assert await commands.close_due(database) == []


async def test_a_student_who_vanishes_is_marked_by_what_was_saved(
    school: School, quiz: QuizRoom, database: Database, sql: Sql
) -> None:
    """GUARANTEES 19: nothing but the database's clock and the job decide; a deadline is over a second late."""
    await vanish(school, quiz, database, sql)


async def test_a_job_that_forgets_who_left_would_be_seen(
    school: School, quiz: QuizRoom, database: Database, sql: Sql, break_query: Break
) -> None:
    """Control of GUARANTEES 19: only who is still connected is handed in."""
    break_query("list_due_quizzes", "WHERE status = 'open'", "WHERE status = 'open' AND connected_until > now()")
    with pytest.raises(AssertionError):
        await vanish(school, quiz, database, sql)


async def race(client: TestClient[Any, Any], quiz: QuizRoom, sam: Actor, database: Database, submit: Submit) -> int:
    """Save against hand-in at random moments; returns how often an acknowledged revision was not the marked one."""
    room, wrong = client.app[LIVE].room, 0
    for _ in range(40):
        attempt = (await quiz.start(sam))["id"]
        row = await database.row("find_attempt", id=attempt, school_id=sam.school_id)
        assert row is not None
        async with room(sam.school_id, row["assignment_id"]) as live:
            marker = row["question_ids"][0]

            async def save(rev: int, value: str, live: Any = live, row: Any = row, marker: Any = marker) -> bool:
                await asyncio.sleep(random.uniform(0, 0.03))
                try:
                    await commands.save(live, row["id"], marker, rev, value)
                except Conflict:
                    return False
                return True

            async def close(row: Any = row) -> None:
                await asyncio.sleep(random.uniform(0, 0.05))
                await submit(database, row)

            first, second, _ = await asyncio.gather(save(1, "wrong"), save(2, "right"), close())
        wrong += await is_wrong(sam, database, attempt, acked=2 if second else 1 if first else 0)
    return wrong


async def is_wrong(sam: Actor, database: Database, attempt: str, acked: int) -> bool:
    """Whether an acknowledged revision is not the marked one; the second is right."""
    seen = await sam.client.get(f"/api/classroom/attempts/{attempt}/receipt", headers=sam.caller.headers)
    (answer,) = (await seen.json())["answers"]
    marked = (await database.row("find_attempt", id=attempt, school_id=sam.school_id) or {})["score"]
    return bool(answer["rev"] < acked or marked != (4 if answer["rev"] == 2 else 0))


async def test_an_answer_is_accepted_if_and_only_if_it_is_marked(
    client: TestClient[Any, Any], school: School, quiz: QuizRoom, database: Database
) -> None:
    """GUARANTEES 18, 21: whichever of save and hand-in comes first, what was acknowledged is what is marked."""

    async def submit(db: Database, row: dict[str, Any]) -> None:
        await commands.submit(db, row, school["sam"].school_id, SubmittedBy.TIME)

    assert await race(client, quiz, school["sam"], database, submit) == 0


async def test_a_hand_in_without_the_lock_would_be_seen(
    client: TestClient[Any, Any], school: School, quiz: QuizRoom, database: Database
) -> None:
    """Control of GUARANTEES 18, 21: an answer is acknowledged after all were read and before they are marked."""
    sam, read, saved = school["sam"], asyncio.Event(), asyncio.Event()

    class Hasty:
        """Reads, waits, and only then writes, in statements of their own."""

        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        async def rows(self, query: str, /, **params: Any) -> Any:
            found = await database.rows(query, **params)
            if query == "list_answers_of":
                read.set()
                await saved.wait()
            return found

    attempt = (await quiz.start(sam))["id"]
    row = await database.row("find_attempt", id=attempt, school_id=sam.school_id)
    assert row is not None
    async with client.app[LIVE].room(sam.school_id, row["assignment_id"]) as live:
        closing = asyncio.create_task(
            hand_in(Hasty(), sam.school_id, row["assignment_id"], [row["id"]], SubmittedBy.TIME)
        )
        await read.wait()
        await commands.save(live, row["id"], row["question_ids"][0], 2, "right")
        saved.set()
        await closing
    assert await is_wrong(sam, database, attempt, acked=2)


async def handed_in(sam: Actor, path: str) -> Answer:
    """Once more for as long as it is told to come again, which a busy machine may say of so many."""
    while (answer := await sam.post(path)).status == 503:
        pass
    return answer


async def hand_in_often(sam: Actor, quiz: QuizRoom, sql: Sql, times: int = 50) -> None:
    """Start twenty times and submit so often, all at once."""
    starts = await asyncio.gather(*(quiz.start(sam) for _ in range(20)))
    assert len({it["id"] for it in starts}) == 1
    path = f"/attempts/{starts[0]['id']}/submit"
    answers = await asyncio.gather(*(handed_in(sam, path) for _ in range(times)))
    assert {(it.status, it["submitted_at"]) for it in answers} == {(200, answers[0]["submitted_at"])}
    assert sql("SELECT count(*)::int FROM attempts") == [(1,)]
    told = sql(
        "SELECT type, count(*)::int FROM outbox WHERE type LIKE 'classroom.attempt-%%' GROUP BY type ORDER BY type"
    )
    assert told == [("classroom.attempt-started.v1", 1), ("classroom.attempt-submitted.v1", 1)]
    late = await sam.put(f"/attempts/{starts[0]['id']}/answers/{quiz.questions[0]['id']}", {"value": "x", "rev": 9})
    assert late.code == "submitted"


async def test_handing_in_fifty_times_is_handing_in_once(school: School, quiz: QuizRoom, sql: Sql) -> None:
    """GUARANTEES 22: one attempt, one submission, one event."""
    await hand_in_often(school["sam"], quiz, sql)


async def test_a_second_hand_in_would_be_seen(school: School, quiz: QuizRoom, sql: Sql, break_query: Break) -> None:
    """Control of GUARANTEES 22: what is submitted already is submitted again."""
    break_query("hold_unfinished_attempts", "AND status <> 'submitted'", "")
    break_query("submit_attempts", "AND t.status <> 'submitted'", "")
    with pytest.raises(AssertionError):
        await hand_in_often(school["sam"], quiz, sql, times=3)


async def test_when_one_may_start(school: School, quiz: QuizRoom, sql: Sql) -> None:
    sam, tara = school["sam"], school["tara"]
    await quiz.rules(opens_at="2999-01-01T00:00:00Z")
    assert (await sam.post(f"{quiz.path}/attempts")).code == "not_open_yet"
    await quiz.rules(opens_at=None, closes_at="2001-01-01T00:00:00Z")
    assert (await sam.post(f"{quiz.path}/attempts")).code == "closed"
    wrong = await tara.patch(f"{quiz.path}/quiz", {"opens_at": "2002-01-01T00:00:00Z"})
    assert (wrong.status, wrong.code) == (422, "closes_before_it_opens")
    await quiz.rules(closes_at=None, attempts_allowed=1)
    attempt = await quiz.start(sam)
    await sam.post(f"/attempts/{attempt['id']}/submit")
    assert (await sam.post(f"{quiz.path}/attempts")).code == "no_attempts_left"
    empty = await open_quiz(tara, [sam], [])
    assert (await sam.post(f"{empty.path}/attempts")).code == "no_questions"
    assert (await tara.put(f"{quiz.path}/questions", {"questions": [WORD]})).code == "attempts_exist"


async def test_late_arrivals_and_additional_time(school: School, quiz: QuizRoom, sql: Sql) -> None:
    """Who starts late has what is left, unless the quiz gives the whole time; additional time comes on top."""
    sql("UPDATE quizzes SET closes_at = now() + interval '100 seconds'")
    sam, sue = school["sam"], school["sue"]
    assert (await school["tara"].put(f"{quiz.path}/extra-time/{sue.id}", {"seconds": 300})).status == 204
    assert (await school["tara"].put(f"{quiz.path}/extra-time/{school['theo'].id}", {"seconds": 300})).status == 404
    for student in (sam, sue):
        await quiz.start(student)
    left = (
        "SELECT round(extract(epoch FROM deadline_at - q.closes_at))::int"
        " FROM attempts JOIN quizzes AS q USING (assignment_id) ORDER BY number, deadline_at"
    )
    assert sql(left) == [(0,), (300,)]
    await school["tara"].post(f"{quiz.path}/attempts/submit-now")
    await quiz.rules(late_full_time=True)
    await quiz.start(sam)
    full = "SELECT round(extract(epoch FROM deadline_at - started_at))::int FROM attempts WHERE number = 2"
    assert sql(full) == [(600,)]


@pytest.mark.parametrize(("counts", "score"), [("best", "4"), ("latest", "0"), ("first", "0"), ("average", "1.3333")])
async def test_which_attempt_counts(school: School, quiz: QuizRoom, counts: str, score: str) -> None:
    await school["tara"].patch(quiz.path, {"counts": counts})
    for value in ("wrong", "right", "wrong"):
        attempt = await answered(school["sam"], quiz, value)
        await school["sam"].post(f"/attempts/{attempt}/submit")
    (grade,) = (await school["tara"].get(f"{quiz.path}/grades"))["items"]
    assert grade["score"] == score
