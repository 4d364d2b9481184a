"""Taking a quiz over HTTP: starting, answering, handing in, and what shows when."""

import pytest

from chassis.db import Database
from classroom.quizzes.testing import CANARY, QuizRoom, open_quiz
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
