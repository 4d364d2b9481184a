"""Taking a quiz over HTTP: starting, answering, handing in, and what shows when."""

import pytest

from chassis.db import Database
from classroom.quizzes.testing import CANARY, QuizRoom, connected, open_quiz
from classroom.quizzes.testing_answers import right_answer
from classroom.testing import Actor, event_types

School = dict[str, Actor]


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A published quiz with one question of each kind, that sam and sue take."""
    return await open_quiz(school["tara"], [school["sam"], school["sue"]])


async def answer_all(student: Actor, quiz: QuizRoom, attempt_id: str) -> None:
    for question in quiz.questions:
        path = f"/attempts/{attempt_id}/answers/{question['id']}"
        answer = await student.put(path, {"value": right_answer(question), "rev": 1})
        assert answer.status == 200, (question["kind"], answer.data)


async def test_a_whole_quiz(school: School, quiz: QuizRoom, database: Database) -> None:
    sam, tara = school["sam"], school["tara"]
    rules = await sam.get(f"{quiz.path}/quiz")
    assert (rules["question_count"], rules["max_score"], rules["own"]["attempts_used"]) == (8, "16", 0)
    attempt = await quiz.start(sam)
    assert (attempt["status"], len(attempt["questions"]), attempt["answers"]) == ("open", 8, [])
    assert (await quiz.start(sam))["id"] == attempt["id"]
    await answer_all(sam, quiz, attempt["id"])
    done = await sam.post(f"/attempts/{attempt['id']}/submit")
    assert (done["status"], done["submitted_by"], done["score"]) == ("submitted", "student", None)
    seen = await tara.get(f"/attempts/{attempt['id']}")
    assert (seen["score"], seen["unmarked_count"]) == ("14", 1)
    assert {it["title"] for it in seen["questions"]} == {it["title"] for it in quiz.questions}
    essay = quiz.question("essay")["id"]
    queue = await tara.get(f"{quiz.path}/marking")
    assert [(it["question_id"], it["waiting"]) for it in queue["questions"]] == [(essay, 1)]
    marked = await tara.put(f"/attempts/{attempt['id']}/marks/{essay}", {"mark": "1.5", "feedback": "Good"})
    assert (marked.status, marked["mark"]) == (200, "1.5"), marked.data
    (grade,) = (await tara.get(f"{quiz.path}/grades"))["items"]
    assert (grade["score"], grade["max_score"], grade["released_at"]) == ("15.5", "16", None)
    assert (await sam.get(f"/attempts/{attempt['id']}"))["score"] is None
    assert (await tara.post(f"{quiz.path}/release"))["released"] == 1
    shown = await sam.get(f"/attempts/{attempt['id']}")
    assert (shown["score"], shown["questions"][0]["solution"]["explanation"]) == ("15.5", f"{CANARY} because")
    types = await event_types(database)
    assert [it for it in types if it.startswith("attempt")] == ["attempt-started", "attempt-submitted"]


async def test_a_closing_that_all_were_given_is_not_moved_back_unseen(school: School, quiz: QuizRoom) -> None:
    """GUARANTEES 24: more time for all is a change of the rules, more time for one is none."""
    tara = school["tara"]
    rules = await quiz.rules(closes_at="2999-01-01T00:00:00Z")
    attempt = await quiz.start(school["sam"])
    await tara.post(f"/attempts/{attempt['id']}/extend", {"seconds": 600})
    assert (await tara.get(f"{quiz.path}/quiz")).headers["Etag"] == rules.headers["Etag"]
    await tara.post(f"{quiz.path}/attempts/extend", {"seconds": 600})
    stale = await tara.patch(f"{quiz.path}/quiz", {"closes_at": "2999-01-01T00:00:00Z"}, If_Match=rules.headers["Etag"])
    assert (stale.status, stale["current"]["closes_at"]) == (412, "2999-01-01T00:10:00Z")


@pytest.mark.parametrize("how", ["for others", "deleted"])
async def test_a_quiz_that_is_not_theirs_any_more_takes_no_answer(school: School, quiz: QuizRoom, how: str) -> None:
    """On a socket that was open before, as over HTTP."""
    sam, truth = school["sam"], quiz.question("true_false")["id"]
    attempt = await quiz.start(sam)
    async with connected(sam, f"{quiz.path}/attempts/me/socket") as line:
        await line.next("hello")
        await line.send(type="answer", question_id=truth, value=True, rev=1)
        await line.next("saved")
        if how == "deleted":
            await school["tara"].delete(quiz.path)
        else:
            await school["tara"].patch(quiz.path, {"assigned_to": [school["sue"].id]})
        await line.send(type="answer", question_id=truth, value=False, rev=2)
        assert (await line.next("saved", "refused")).get("code") == "gone"
    answer = await sam.put(f"/attempts/{attempt['id']}/answers/{truth}", {"value": False, "rev": 2})
    assert answer.status == 404
