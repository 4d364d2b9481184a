"""What shows to whom and when: the leak oracle, corrected keys, events, item analysis."""

from collections.abc import AsyncIterator
from typing import Any

import numpy
import pytest

from chassis.db import Database
from chassis.testing_personal_data import erased, exported, traces
from classroom.quizzes.attempts import views
from classroom.quizzes.marking.telling import tell_all
from classroom.quizzes.testing import CANARY, Document, QuizRoom, connected, open_quiz
from classroom.quizzes.testing_answers import right_answer
from classroom.testing import Actor, Sql, events

School = dict[str, Actor]
# A key's own words, which no student may read before answers show.
SECRET = (CANARY, "1234.5678", '"correct"', '"accepted"', '"pairs"', '"guidance"', '"void"')
SCORE = '"score":"13.25"'


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A quiz with one question of each kind, answered and handed in by sam, marked, not released."""
    quiz = await open_quiz(school["tara"], [school["sam"], school["sue"]])
    sam, attempt = school["sam"], await quiz.start(school["sam"])
    path = f"/attempts/{attempt['id']}"
    for question in (it for it in quiz.questions if it["kind"] not in ("short_text", "essay")):
        near = {"number": "1234.57"} if question["kind"] == "numeric" else right_answer(question)
        await sam.put(f"{path}/answers/{question['id']}", {"value": near, "rev": 1})
    await sam.put(f"{path}/answers/{quiz.question('essay')['id']}", {"value": "Words", "rev": 1})
    await sam.post(f"{path}/submit")
    mark = {"mark": "1.25", "feedback": f"{CANARY} says the teacher"}
    assert (await school["tara"].put(f"{path}/marks/{quiz.question('essay')['id']}", mark)).status == 200
    return quiz


async def readable(student: Actor, quiz: QuizRoom) -> AsyncIterator[tuple[str, str]]:
    """Everything about the quiz that a student can get hold of, as text."""
    attempts = (await student.get(f"{quiz.path}/attempts"))["items"]
    paths = ["/bootstrap", quiz.path, f"{quiz.path}/quiz", f"{quiz.path}/attempts", f"{quiz.room}/assignments"]
    paths += [f"/attempts/{it['id']}{rest}" for it in attempts for rest in ("", "/receipt")]
    for path in paths:
        url = f"/api/classroom{path}"
        async with student.client.get(url, headers=student.caller.headers) as response:
            assert response.status == 200, path
            yield path, await response.text()
    if any(it["status"] != "submitted" for it in attempts):
        async with connected(student, f"{quiz.path}/attempts/me/socket") as line:
            yield "socket", str(await line.next("hello")).replace("'", '"')


async def leaks(students: list[Actor], quiz: QuizRoom, database: Database) -> set[str]:
    """Where a secret can be read: by a student, or in an event."""
    found = set()
    for student in students:
        async for place, text in readable(student, quiz):
            found |= {f"{place}: {secret}" for secret in (*SECRET, SCORE) if secret in text}
    for event in await events(database):
        found |= {f"{event.type}: {secret}" for secret in (CANARY, "13.25") if secret in str(event.data)}
    return found


async def test_nothing_leaks_before_it_may_show(school: School, quiz: QuizRoom, database: Database) -> None:
    """GUARANTEES 26: marked but not released; released, but answers not before the quiz closes."""
    await quiz.start(school["sue"])
    both = [school["sam"], school["sue"]]
    await tell_all(database)
    assert await leaks(both, quiz, database) == set()
    await quiz.rules(closes_at="2999-01-01T00:00:00Z")
    await school["tara"].post(f"{quiz.path}/release")
    await tell_all(database)
    sues = await leaks([school["sue"]], quiz, database)
    assert {place for place in sues if "grade-" not in place} == set()
    found = {place.partition(": ")[2] for place in await leaks([school["sam"]], quiz, database)}
    # The score and what the teacher wrote to the answer are released, the key is not.
    assert found <= {SCORE, CANARY, "13.25"}
    attempt = (await school["sam"].get(f"{quiz.path}/attempts"))["items"][0]
    shown = await school["sam"].get(f"/attempts/{attempt['id']}")
    assert (shown["score"], {it["solution"] for it in shown["questions"]}) == ("13.25", {None})


async def test_a_view_that_reads_the_key_would_be_seen(
    school: School, quiz: QuizRoom, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 26: a student's view that shows what a teacher's does."""
    monkeypatch.setattr(views, "answers_may_show", lambda rules: True)
    honest = views._questions

    async def careless(*args: Any, **_: Any) -> Any:
        return await honest(*args, keys=True)

    monkeypatch.setattr(views, "_questions", careless)
    await quiz.start(school["sue"])
    assert await leaks([school["sue"]], quiz, database) >= {f"socket: {CANARY}"}


async def test_events_tell_what_is_released_once(school: School, quiz: QuizRoom, database: Database) -> None:
    """Questions and marks are published with the release, again when they change, and never twice the same."""
    tara = school["tara"]
    await tell_all(database)
    await tara.post(f"{quiz.path}/release")
    for _ in range(2):
        await tell_all(database)
    told = [it for it in await events(database) if "quiz-" in it.type or "attempts-" in it.type]
    assert [it.type.split(".")[1] for it in told] == ["quiz-questions-released", "attempts-marked"]
    assert [it.sequence for it in told] == [1, 2]
    (attempt,) = told[1].data["attempts"]
    marks = {it["question_id"]: (it["mark"], len(it["choices"])) for it in attempt["items"]}
    assert (attempt["counts"], marks[quiz.question("multiple_choice")["id"]]) == (True, ("2", 2))
    assert marks[quiz.question("short_text")["id"]] == ("0", 0)
    question = quiz.question("short_text")
    path = f"{quiz.path}/questions/{question['id']}/correction"
    fixed = question | {"accepted": [*question["accepted"], {"text": "nothing"}], "void": True}
    preview = await tara.post(path, {"question": fixed, "preview": True})
    assert (preview["applied"], preview["raised"], preview["lowered"]) == (False, 1, 0)
    assert (await tara.get(f"{quiz.path}/grades"))["items"][0]["score"] == "13.25"
    assert (await tara.post(path, {"question": fixed, "reason": "ambiguous"}))["applied"] is True
    assert (await tara.get(f"{quiz.path}/grades"))["items"][0]["score"] == "15.25"
    await tell_all(database)
    types = [it.type.split(".")[1] for it in await events(database) if "points" not in it.type]
    assert types[-3:] == ["grade-changed", "quiz-questions-released", "attempts-marked"]
    (past,) = (await tara.get(f"{path}s"))["items"]
    assert (past["reason"], past["key"]["void"]) == ("ambiguous", False)
    other = await tara.post(path, {"question": quiz.question("essay")})
    assert (other.status, other.code) == (422, "other_question")


async def test_a_quiz_with_nothing_to_tell_yet_is_not_looked_at(
    school: School, quiz: QuizRoom, database: Database
) -> None:
    """The job takes fifty at a time: those that wait for a release or a mark would keep the others from being told."""
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    attempt = await quiz.start(sue)
    await sue.put(f"/attempts/{attempt['id']}/answers/{quiz.question('essay')['id']}", {"value": "Words", "rev": 1})
    await sue.post(f"/attempts/{attempt['id']}/submit")
    assert await database.rows("list_untold_quizzes") == []
    await tara.post(f"{quiz.path}/release", {"student_ids": [sam.id]})
    assert len(await database.rows("list_untold_quizzes")) == 1
    await tell_all(database)
    assert await database.rows("list_untold_quizzes") == []
    marked = f"/attempts/{attempt['id']}/marks/{quiz.question('essay')['id']}"
    await tara.put(marked, {"mark": "1"})
    assert await database.rows("list_untold_quizzes") == []
    await tara.post(f"{quiz.path}/release")
    await tell_all(database)
    told = [it.data["attempts"] for it in await events(database) if "attempts-marked" in it.type]
    assert [[it["student_id"] for it in attempts] for attempts in told] == [[sam.id], [sue.id]]


async def test_a_correction_that_changes_no_mark_is_told(school: School, quiz: QuizRoom, database: Database) -> None:
    tara, question = school["tara"], quiz.question("true_false")
    await tara.post(f"{quiz.path}/release")
    await tell_all(database)
    path = f"{quiz.path}/questions/{question['id']}/correction"
    for title in ("Clearer", "Clearest"):
        assert (await tara.post(path, {"question": question | {"title": title}})).status == 200
        for _ in range(2):
            await tell_all(database)
    told = [it for it in await events(database) if "quiz-questions" in it.type or "attempts-marked" in it.type]
    assert [it.sequence for it in told] == [1, 2, 3, 4]
    titles = [
        next(it["title"] for it in event.data["questions"] if it["question_id"] == question["id"])
        for event in told
        if "quiz-questions" in event.type
    ]
    assert titles == ["Truth", "Clearer", "Clearest"]


async def test_who_comes_back_finds_the_result_of_what_ended_meanwhile(school: School, quiz: QuizRoom) -> None:
    """Handed in, marked and corrected while they did not attend, or while it was not for them."""
    tara, sue = school["tara"], school["sue"]
    attempt = await quiz.start(sue)
    path, truth, essay = f"/attempts/{attempt['id']}", quiz.question("true_false"), quiz.question("essay")
    await sue.put(f"{path}/answers/{truth['id']}", {"value": False, "rev": 1})
    await tara.delete(f"{quiz.room}/students/{sue.id}")
    assert (await tara.post(f"{path}/submit-now")).status == 200
    assert (await tara.put(f"{path}/marks/{essay['id']}", {"mark": "1"})).status == 200
    await tara.post(f"{quiz.room}/students", {"account_id": sue.id})
    grades = f"{quiz.path}/grades"
    assert {it["student_id"]: it["score"] for it in (await tara.get(grades))["items"]}[sue.id] == "1"
    await tara.patch(quiz.path, {"assigned_to": [school["sam"].id]})
    fixed = {"question": truth | {"answer": False}}
    assert (await tara.post(f"{quiz.path}/questions/{truth['id']}/correction", fixed))["raised"] == 1
    await tara.patch(quiz.path, {"assigned_to": None})
    await tara.post(f"{quiz.path}/release")
    assert (await sue.get(path))["score"] == "3"
    own = (await sue.get("/bootstrap"))["own"][0]["grades"]
    assert [grade["score"] for grade in own] == ["3"]


async def test_a_mark_given_by_hand_stays(school: School, quiz: QuizRoom) -> None:
    """A stale mark gets 412, one above the points 422, and neither a correction nor a new sum overwrites a hand."""
    tara, essay = school["tara"], quiz.question("essay")
    attempt = (await tara.get(f"{quiz.path}/attempts"))["items"][0]
    path = f"/attempts/{attempt['id']}/marks/{essay['id']}"
    stale = await tara.put(path, {"mark": 2}, If_Match='"1"')
    assert (stale.status, stale["current"]["mark"], stale["yours"]["mark"]) == (412, "1.25", "2")
    assert (await tara.put(path, {"mark": "2.5"})).code == "above_points"
    correction = {"question": essay | {"void": True}}
    report = await tara.post(f"{quiz.path}/questions/{essay['id']}/correction", correction)
    assert (report["by_hand"], report["raised"]) == (1, 0)
    await quiz.rules(anonymous_marking=True)
    (answer,) = (await tara.get(f"{quiz.path}/marking/{essay['id']}?waiting=false"))["items"]
    assert (answer["mark"], answer["student_id"], answer["name"]) == ("1.25", None, None)
    given = await tara.put(f"{quiz.path}/grades/{school['sam'].id}", {"score": 16}, If_Match="*")
    assert given.status == 200
    await tara.put(path, {"mark": 2}, If_Match='"2"')
    assert (await tara.get(f"{quiz.path}/grades"))["items"][0]["score"] == "16"


async def test_results_may_show_as_soon_as_they_are_marked(school: School, database: Database) -> None:
    quiz = await open_quiz(school["tara"], [school["sam"]], [{"kind": "true_false", "title": "T", "answer": True}])
    await quiz.rules(results_show="when_marked", answers_show="with_results")
    sam, attempt = school["sam"], await quiz.start(school["sam"])
    path = f"/attempts/{attempt['id']}"
    await sam.put(f"{path}/answers/{quiz.questions[0]['id']}", {"value": True, "rev": 1})
    done = await sam.post(f"{path}/submit")
    assert (done["score"], done["questions"][0]["solution"]["answer"]) == ("1", True)
    assert (await sam.get("/bootstrap")).status == 200
    assert "grade-released" in [it.type.split(".")[1] for it in await events(database)]


async def test_results_follow_a_change_of_what_they_follow_from(school: School, database: Database) -> None:
    """Which attempt counts, what the quiz is worth, and when results show."""
    tara, sam = school["tara"], school["sam"]
    quiz = await open_quiz(tara, [sam], [{"kind": "true_false", "title": "T", "answer": True, "points": "4"}])
    await quiz.rules(attempts_allowed=2)
    for value in (False, True):
        path = f"/attempts/{(await quiz.start(sam))['id']}"
        await sam.put(f"{path}/answers/{quiz.questions[0]['id']}", {"value": value, "rev": 1})
        await sam.post(f"{path}/submit")

    async def result() -> tuple[str, str, bool]:
        (grade,) = (await tara.get(f"{quiz.path}/grades"))["items"]
        return grade["score"], grade["max_score"], grade["released_at"] is not None

    assert await result() == ("4", "4", False)
    await tara.patch(quiz.path, {"counts": "first"})
    assert await result() == ("0", "4", False)
    await tara.patch(quiz.path, {"counts": "average", "points_possible": 10})
    assert await result() == ("5", "10", False)
    await tara.patch(quiz.path, {"title": "Again"})
    await quiz.rules(results_show="when_marked")
    assert await result() == ("5", "10", True)
    assert (await sam.get(f"{quiz.path}/quiz"))["own"]["results_show_now"] is True
    await tara.patch(quiz.path, {"counts": "best"})
    assert await result() == ("10", "10", True)
    told = [event.data["results"] for event in await events(database) if ".grade-" in event.type]
    assert [(it["score"], it["max_score"]) for (it,) in told] == [("5", "10"), ("10", "10")]


async def test_item_analysis_follows_its_formulas(school: School, sql: Sql) -> None:
    """Against numpy, on marks that are known; hidden below five."""
    tara, school_id = school["tara"], str(school["tara"].school_id)
    items: list[Document] = [
        {"kind": "short_text", "title": f"Q{n}", "points": "4", "accepted": [{"text": "x"}]} for n in range(3)
    ]
    quiz = await open_quiz(tara, [], items)
    assert (await tara.get(f"{quiz.path}/item-analysis"))["mean"] is None
    marks = numpy.array([[4, 2, 0], [4, 4, 1], [3, 2, 2], [0, 1, 0], [4, 3, 4], [2, 0, 1], [1, 4, 0.5]])
    ids = [it["id"] for it in quiz.questions]
    for row in marks.tolist():
        ((attempt,),) = sql(
            "INSERT INTO attempts (school_id, assignment_id, student_id, number, status, seed, question_ids, score,"
            " max_score, submitted_at, submitted_by, changed)"
            " VALUES (%s, %s, uuid7(), 1, 'submitted', 1, %s::uuid[], %s, 12, now(), 'student', 1) RETURNING id",
            school_id, quiz.id, ids, sum(row),
        )  # fmt: skip
        for question, mark in zip(ids, row, strict=True):
            values = (attempt, question, school_id, "0" * 64, mark)
            sql(
                "INSERT INTO answers (attempt_id, question_id, school_id, rev, hash, mark)"
                " VALUES (%s, %s, %s, 1, %s, %s)",
                *values,
            )
    seen, totals = await tara.get(f"{quiz.path}/item-analysis"), marks.sum(axis=1)
    assert (seen["n"], seen["median"]) == (7, numpy.median(totals))
    assert seen["standard_deviation"] == pytest.approx(totals.std(ddof=1))
    part = 1.5 * (1 - marks.var(axis=0, ddof=1).sum() / totals.var(ddof=1))
    assert seen["internal_consistency"] == pytest.approx(100 * part)
    for item, x in zip(seen["items"], marks.T, strict=True):
        rest = totals - x
        best = numpy.cov(numpy.sort(x), numpy.sort(rest))[0, 1]
        assert item["facility"] == pytest.approx(x.mean() / 4)
        assert item["discrimination_index"] == pytest.approx(100 * numpy.corrcoef(x, rest)[0, 1])
        assert item["discriminative_efficiency"] == pytest.approx(100 * numpy.cov(x, rest)[0, 1] / best)


async def test_a_receipt_proves_what_was_handed_in(school: School, quiz: QuizRoom) -> None:
    attempt = (await school["sam"].get(f"{quiz.path}/attempts"))["items"][0]
    receipt = await school["sam"].get(f"/attempts/{attempt['id']}/receipt")
    assert receipt.headers["Content-Disposition"].startswith("attachment")
    assert [it["rev"] for it in receipt["answers"]] == [1, 1, 1, 1, 0, 1, 1, 1]
    assert (await school["tara"].get(f"/attempts/{attempt['id']}/receipt"))["hash"] == receipt["hash"]


async def test_an_export_tells_no_mark_of_an_attempt_under_way(
    school: School, quiz: QuizRoom, database: Database
) -> None:
    """GUARANTEES 26: answers are marked as they are saved, and an earlier result may be released by then."""
    sam, truth = school["sam"], quiz.question("true_false")
    await school["tara"].post(f"{quiz.path}/release")
    await quiz.rules(attempts_allowed=2)
    attempt = await quiz.start(sam)
    await sam.put(f"/attempts/{attempt['id']}/answers/{truth['id']}", {"value": True, "rev": 1})

    async def marks() -> list[set[str | None]]:
        given = await exported(database, "classroom", sam.school_id, sam.caller.account_id)
        attempts = sorted(given["attempts"], key=lambda it: it["number"])
        return [{answer["mark"] for answer in attempt["answers"]} for attempt in attempts]

    first, second = await marks()
    assert ("2" in first, second) == (True, {None})
    await sam.post(f"/attempts/{attempt['id']}/submit")
    assert "2" in (await marks())[1]


async def test_nothing_of_a_student_is_left(
    school: School, quiz: QuizRoom, database: Database, database_url: str
) -> None:
    """An export has the answers, and marks only once they are released; an erasure takes all of it."""
    sam = school["sam"]
    given = await exported(database, "classroom", sam.school_id, sam.caller.account_id)
    answers = given["attempts"][0]["answers"]
    assert ([it["mark"] for it in answers], answers[-1]["value"]) == ([None] * 8, "Words")
    assert CANARY not in str(given)
    await school["tara"].post(
        f"/attempts/{(await sam.get(f'{quiz.path}/attempts'))['items'][0]['id']}/messages", {"body": "Hm"}
    )
    await erased(database, "classroom", sam.school_id, sam.caller.account_id)
    assert traces(database_url, "Words", sam.id).keys() <= {"outbox", "enrolments", "accounts", "erased_accounts"}


async def test_a_copy_has_the_questions(school: School, quiz: QuizRoom) -> None:
    copied = await school["tara"].post(f"{quiz.path}/copy", {"classroom_id": quiz.room.rsplit("/", 1)[1]})
    assert copied.status == 201, copied.data
    shown = await school["tara"].get(f"/assignments/{copied['id']}/questions")
    assert [it["title"] for it in shown["questions"]] == [it["title"] for it in quiz.questions]
    assert not {it["id"] for it in shown["questions"]} & {it["id"] for it in quiz.questions}
