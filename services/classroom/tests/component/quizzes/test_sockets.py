"""The two sockets of a quiz: answers are acknowledged after their commit, and watchers see what the table says."""

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from chassis.realtime.sockets import Socket
from chassis.testing import PATIENCE_SECONDS
from classroom.quizzes.testing import Document, Line, QuizRoom, connected, open_quiz
from classroom.quizzes.testing_answers import right_answer
from classroom.testing import Actor, Sql

School = dict[str, Actor]
Break = Callable[[str, str, str], None]


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A published quiz with one question of each kind, that sam and sue take."""
    return await open_quiz(school["tara"], [school["sam"], school["sue"]])


def socket_of(quiz: QuizRoom) -> str:
    return f"{quiz.path}/attempts/me/socket"


def merged(rows: dict[str, Document], frames: list[Document]) -> dict[str, Document]:
    """What a console shows after these frames: of each student the newest row."""
    for frame in frames:
        for row in frame.get("rows", ()):
            known = rows.get(row["student_id"])
            if known is None or row["changed"] >= known["changed"]:
                rows[row["student_id"]] = row
    return rows


async def test_an_answer_is_saved_and_acknowledged(school: School, quiz: QuizRoom, sql: Sql) -> None:
    attempt = await quiz.start(school["sam"])
    async with connected(school["sam"], socket_of(quiz)) as line:
        hello = await line.next("hello")
        assert hello["attempt"]["id"] == attempt["id"]
        for question in quiz.questions:
            value = right_answer(question)
            await line.send(type="answer", question_id=question["id"], value=value, rev=1)
            saved = await line.next("saved")
            assert (saved["question_id"], saved["rev"]) == (question["id"], 1)
        await line.send(type="answer", question_id=quiz.questions[0]["id"], value="nonsense", rev=2)
        assert (await line.next("refused"))["code"] == "invalid"
        await line.send(type="answer", question_id=attempt["id"], value=1, rev=2)
        assert (await line.next("refused"))["code"] == "unknown_question"
    assert sql("SELECT answered_count, score::int FROM attempts") == [(8, 14)]
    assert sql("SELECT count(*)::int FROM answers WHERE rev = 1") == [(8,)]


async def two_windows(school: School, quiz: QuizRoom) -> None:
    """An older revision comes later and is refused; after the hand-in in one window, nothing is taken in any."""
    attempt = await quiz.start(school["sam"])
    path = f"/attempts/{attempt['id']}"
    word = quiz.question("short_text")["id"]
    async with connected(school["sam"], socket_of(quiz)) as one, connected(school["sam"], socket_of(quiz)) as two:
        for line in (one, two):
            await line.next("hello")
        await one.send(type="answer", question_id=word, value="new", rev=5)
        assert (await one.next("saved"))["rev"] == 5
        assert (await two.next("elsewhere"))["value"] == "new"
        await two.send(type="answer", question_id=word, value="old", rev=4)
        refused = await two.next("refused", "saved")
        assert (refused["type"], refused.get("code"), refused.get("newest_rev")) == ("refused", "stale", 5)
        # The same revision once more, its acknowledgement having been lost, is acknowledged again.
        await two.send(type="answer", question_id=word, value="new", rev=5)
        assert (await two.next("saved"))["rev"] == 5
        await two.send(type="answer", question_id=word, value="other", rev=5)
        assert (await two.next("refused"))["code"] == "stale"
    async with connected(school["sam"], socket_of(quiz)) as line:
        (answer,) = (await line.next("hello"))["attempt"]["answers"]
        assert (answer["value"], answer["rev"]) == ("new", 5)
        await school["sam"].post(f"{path}/submit")
        await line.send(type="answer", question_id=word, value="late", rev=6)
        assert await line.closed() == 4010
        assert not [frame for frame in line.frames if frame["type"] == "saved"]
    assert (await school["sam"].put(f"{path}/answers/{word}", {"value": "late", "rev": 6})).code == "submitted"
    assert [it["value"] for it in (await school["sam"].get(path))["answers"] if it["rev"]] == ["new"]


async def test_an_older_revision_never_overwrites(school: School, quiz: QuizRoom) -> None:
    """GUARANTEES 20: the newer answer of two windows is kept, and after the hand-in every window is read-only."""
    await two_windows(school, quiz)


@pytest.mark.parametrize(
    ("check", "instead"),
    [("WHEN r.rev > coalesce(n.rev, -1)", "WHEN TRUE"), ("WHEN t.status <> 'open'", "WHEN FALSE")],
)
async def test_an_answer_that_is_not_judged_would_be_seen(
    school: School, quiz: QuizRoom, break_function: Break, check: str, instead: str
) -> None:
    """Control of GUARANTEES 20: any revision overwrites; answers are taken after the hand-in."""
    break_function("save_work", check, instead)
    with pytest.raises(AssertionError):
        await two_windows(school, quiz)


async def direct(school: School, quiz: QuizRoom, within: float = PATIENCE_SECONDS) -> None:
    """All that a teacher does to an attempt, and what the student's socket says `within` seconds each time."""
    tara, sam = school["tara"], school["sam"]
    await quiz.rules(time_limit_seconds=600)
    attempt = await quiz.start(sam)
    path = f"/attempts/{attempt['id']}"
    truth = quiz.question("true_false")["id"]
    async with connected(sam, socket_of(quiz)) as line:
        await line.next("hello")
        await tara.post(f"{path}/pause")
        assert (await line.next("standing", within=within))["status"] == "paused"
        await line.send(type="answer", question_id=truth, value=True, rev=1)
        assert (await line.next("refused"))["code"] == "paused"
        await tara.post(f"{path}/resume")
        resumed = await line.next("standing", within=within)
        assert (resumed["status"], resumed["deadline_at"] > attempt["deadline_at"]) == ("open", True)
        await tara.post(f"{path}/extend", {"seconds": 3600})
        assert (await line.next("standing", within=within))["deadline_at"] > resumed["deadline_at"]
        await tara.post(f"{quiz.path}/messages", {"body": "Ten more minutes"})
        await tara.post(f"{path}/messages", {"body": "Well done"})
        assert [(await line.next("message"))["body"] for _ in range(2)] == ["Ten more minutes", "Well done"]
        await line.send(type="answer", question_id=truth, value=True, rev=1)
        assert (await line.next("saved"))["rev"] == 1
        await tara.post(f"{path}/submit-now")
        standing = await line.next("standing", within=within)
        assert (standing["status"], standing["submitted_by"]) == ("submitted", "teacher")
        assert await line.closed() == 4010
    late = await sam.put(f"{path}/answers/{truth}", {"value": False, "rev": 2})
    assert (late.status, late.code) == (409, "submitted")
    assert [it["body"] for it in (await sam.get(path))["messages"]] == ["Ten more minutes", "Well done"]
    # What a client says of its clock is not listened to.
    claim = {"value": True, "rev": 3, "saved_at": attempt["started_at"]}
    assert (await sam.put(f"{path}/answers/{truth}", claim)).status == 422


async def test_what_a_teacher_does_is_pushed(school: School, quiz: QuizRoom) -> None:
    """GUARANTEES 23: pause, resumption, extension and submission reach the student; the server's clock counts."""
    await direct(school, quiz)


async def test_a_pause_that_is_not_told_would_be_seen(school: School, quiz: QuizRoom, break_query: Break) -> None:
    """Control of GUARANTEES 23: the attempt is paused, but its student does not hear of it."""
    break_query("pause_attempts", ", standing = counted.progress", "")
    with pytest.raises(TimeoutError):
        await direct(school, quiz, within=2)


async def test_the_console_shows_what_the_table_says(school: School, quiz: QuizRoom) -> None:
    """State after the snapshot and its deltas equals a fresh read."""
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    async with connected(tara, f"{quiz.path}/monitor") as console:
        snapshot = await console.next("snapshot")
        assert [row["status"] for row in snapshot["rows"]] == [None, None]
        attempt = await quiz.start(sam)
        await quiz.start(sue)
        async with connected(sam, socket_of(quiz)) as line:
            await line.next("hello")
            first = quiz.questions[0]["id"]
            await line.send(type="at", question_id=first)
            await line.send(type="flag", question_id=first, up=True)
            await line.send(type="focus", away=True)
            await line.send(type="focus", away=False)
            await line.send(type="answer", question_id=first, value=right_answer(quiz.questions[0]), rev=1)
            await line.next("saved")
            row = await seen(console, sam, lambda it: it["answered_count"] == 1 and it["focus_losses"] == 1)
            assert (row["connected"], row["current_question_id"], row["flagged_count"]) == (True, first, 1)
            assert (row["score"], row["away"]) == ("2", False)
        await seen(console, sam, lambda it: not it["connected"])
        await sam.post(f"/attempts/{attempt['id']}/submit")
        await seen(console, sam, lambda it: it["status"] == "submitted")
        fresh = await tara.get(f"{quiz.path}/progress")
        shown = merged({}, console.frames)
        assert shown == {row["student_id"]: row for row in fresh["items"]}


async def seen(console: Line, student: Actor, condition: Any) -> Document:
    """Read deltas until the student's row is as wished."""
    while True:
        row = merged({}, console.frames).get(student.id)
        if row and row["status"] and condition(row):
            return row
        await console.next("delta")


async def test_a_slow_console_hears_all_of_it_later(
    school: School, quiz: QuizRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it still reads what came before it is sent nothing; it is not closed, and misses nothing."""
    sam, (first, second) = school["sam"], quiz.questions[:2]
    path = f"/attempts/{(await quiz.start(sam))['id']}/answers"
    monkeypatch.setattr(Socket, "is_behind", property(lambda _: True))
    async with connected(school["tara"], f"{quiz.path}/monitor") as console:
        await console.next("snapshot")
        await sam.put(f"{path}/{first['id']}", {"value": right_answer(first), "rev": 1})
        with pytest.raises(TimeoutError):
            await console.next(within=1.2)
        monkeypatch.undo()
        await sam.put(f"{path}/{second['id']}", {"value": right_answer(second), "rev": 1})
        row = await seen(console, sam, lambda it: it["answered_count"] == 2)
        assert row in (await school["tara"].get(f"{quiz.path}/progress"))["items"]


async def test_who_may_open_a_socket(school: School, quiz: QuizRoom) -> None:
    """Membership is checked before the upgrade, and a removed student's socket closes."""
    await quiz.start(school["sam"])
    for name, path, status in (
        ("sue", socket_of(quiz), 409),
        ("sid", socket_of(quiz), 404),
        ("tara", socket_of(quiz), 403),
        ("theo", f"{quiz.path}/monitor", 403),
        ("sam", f"{quiz.path}/monitor", 403),
        ("other_teacher", f"{quiz.path}/monitor", 404),
    ):
        with pytest.raises(WSServerHandshakeError) as refused:
            async with connected(school[name], path):
                pass
        assert refused.value.status == status, name
    async with connected(school["sam"], socket_of(quiz)) as line:
        await line.next("hello")
        await school["tara"].delete(f"{quiz.room}/students/{school['sam'].id}")
        await line.send(type="answer", question_id=quiz.question("true_false")["id"], value=True, rev=1)
        assert (await line.next("refused"))["code"] == "gone"
        assert await line.closed() == 4005


async def test_many_answers_at_once(school: School, quiz: QuizRoom, sql: Sql) -> None:
    """Revisions that race end with the newest, and each acknowledged one is at most what stands."""
    await quiz.start(school["sam"])
    word = quiz.question("short_text")["id"]
    async with connected(school["sam"], socket_of(quiz)) as line:
        await line.next("hello")
        for rev in range(1, 61):
            await line.send(type="answer", question_id=word, value=f"w{rev}", rev=rev)
        acked = [(await line.next("saved"))["rev"] for _ in range(60)]
        assert sorted(acked) == list(range(1, 61))
    assert sql("SELECT rev::int, value FROM answers") == [(60, "w60")]


async def test_one_answer_that_cannot_be_stored_holds_up_no_other(school: School, quiz: QuizRoom) -> None:
    """What goes into one commit with it is saved: U+0000 is refused before."""
    for name in ("sam", "sue"):
        await quiz.start(school[name])
    word, truth = quiz.question("short_text")["id"], quiz.question("true_false")["id"]
    async with connected(school["sam"], socket_of(quiz)) as bad, connected(school["sue"], socket_of(quiz)) as good:
        for line in (bad, good):
            await line.next("hello")
        for rev in range(1, 6):
            await bad.send(type="answer", question_id=word, value="\0", rev=rev)
            await good.send(type="answer", question_id=truth, value=True, rev=rev)
        assert [(await good.next("saved", "refused"))["type"] for _ in range(5)] == ["saved"] * 5
        assert {(await bad.next("saved", "refused"))["code"] for _ in range(5)} == {"invalid"}


async def test_a_head_comes_by_itself(school: School, quiz: QuizRoom) -> None:
    await quiz.start(school["sam"])
    async with (
        connected(school["sam"], socket_of(quiz)) as line,
        connected(school["tara"], f"{quiz.path}/monitor") as console,
    ):
        assert (await line.next("head"))["progress"] >= 1
        assert (await console.next("head"))["progress"] >= 1


async def test_hints_may_all_be_lost(school: School, quiz: QuizRoom, sql: Sql) -> None:
    """What another process committed while Redis was away shows with the next heartbeat."""
    attempt = await quiz.start(school["sam"])
    async with connected(school["sam"], socket_of(quiz)) as line:
        await line.next("hello")
        sql("UPDATE quizzes SET progress = progress + 1")
        sql(
            "UPDATE attempts SET status = 'paused', paused_at = now(), changed = q.progress, standing = q.progress"
            " FROM quizzes AS q WHERE attempts.id = %s",
            attempt["id"],
        )
        assert (await line.next("standing"))["status"] == "paused"
