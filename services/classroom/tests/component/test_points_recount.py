"""The ledger of points counted again from the work: what is missing or too much is found, named and entered."""

from argparse import Namespace
from typing import Any

import pytest

from chassis.db import Database
from classroom.points import recount
from classroom.quizzes.testing import QuizRoom, open_quiz
from classroom.testing import Actor, Sql, events

School = dict[str, Actor]
TRUTH = {"kind": "true_false", "title": "Truth", "answer": True, "points": "4"}
WORK = {"kind": "homework", "title": "Work", "points_possible": 10, "status": "published"}
ENTRIES = "SELECT count(*) FROM points_entries"
LEDGER = """
SELECT student_id::text, reason, sum(points) FROM points_entries GROUP BY 1, 2 HAVING sum(points) <> 0 ORDER BY 1, 2
"""
WRONG = """
INSERT INTO points_entries (school_id, classroom_id, student_id, reason, assignment_id, topic_id, number, points)
SELECT
    school_id, classroom_id, student_id, reason, assignment_id, topic_id, number + 1,
    CASE reason WHEN 'topic' THEN -10 ELSE 7 END
FROM points_entries WHERE student_id = %s
"""
FORGET = "ALTER TABLE points_entries DISABLE TRIGGER USER; DELETE FROM points_entries"


async def differences(database: Database, *, mend: bool) -> list[tuple[Any, ...]]:
    found = [it async for it in recount.recount(database, mend=mend)]
    return [(str(it["student_id"]), it["reason"], it["kept"], it["due"]) for it in found]


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A quiz that sam took, with a result that is a draft, and homework of a topic that sam and sue turned in."""
    sam, sue = school["sam"], school["sue"]
    quiz = await open_quiz(school["tara"], [sam, sue], [TRUTH])
    topic = (await quiz.teacher.made(f"{quiz.room}/topics", {"title": "Numbers"}))["id"]
    work = await quiz.teacher.made(f"{quiz.room}/assignments", WORK | {"topic_id": topic})
    for student in (sam, sue):
        await student.put(f"/assignments/{work['id']}/submissions/me", {"body": "x"})
        await student.post(f"/assignments/{work['id']}/submissions/me/turn-in")
    await sam.post(f"/attempts/{(await quiz.start(sam))['id']}/submit")
    path = f"{quiz.path}/grades/{sam.id}"
    assert (await quiz.teacher.put(path, {"score": 3}, If_Match='"1"')).status == 200
    return quiz


async def test_work_from_before_the_ledger_gets_its_points(
    school: School, quiz: QuizRoom, database: Database, sql: Sql
) -> None:
    """What an upgrade runs; a grade that is not released earns nothing."""
    sam, sue = school["sam"].id, school["sue"].id
    kept = sql(LEDGER)
    sql(FORGET)
    missing = [(id_, reason, 0, due) for id_ in sorted((sam, sue)) for reason, due in (("on_time", 5), ("topic", 10))]
    assert await differences(database, mend=False) == missing
    assert sql(ENTRIES) == [(0,)]
    told = len(await events(database))
    assert await differences(database, mend=True) == missing
    assert sql(LEDGER) == kept
    assert len(await events(database)) - told == len(missing)
    assert await differences(database, mend=True) == []
    assert sql(ENTRIES) == [(4,)]
    await quiz.teacher.post(f"{quiz.path}/release")
    sql(FORGET)
    assert (sam, "quiz", 0, 7) in await differences(database, mend=True)


async def test_a_difference_is_named_and_mended_by_entries(
    school: School, quiz: QuizRoom, database: Database, sql: Sql, capsys: pytest.CaptureFixture[str]
) -> None:
    sam = school["sam"].id
    kept = sql(LEDGER)
    entries = sql(ENTRIES)[0][0]
    sql(WRONG, sam)
    assert await recount.COMMAND.run(database, Namespace(check=True)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ", 2)[1] for line in lines[:-1]] == [sam, sam]
    assert ["badge" in line for line in lines[:-1]] == [False, True]
    assert ("kept 12, due 5" in lines[0], "kept 0, due 10" in lines[1]) == (True, True)
    assert lines[-1] == "2 differences"
    assert await recount.COMMAND.run(database, Namespace(check=False)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 differences mended"
    assert sql(LEDGER) == kept
    assert sql(ENTRIES) == [(entries + 4,)]
    assert await recount.COMMAND.run(database, Namespace(check=True)) == 0
    assert capsys.readouterr().out == "0 differences\n"


async def test_it_pages_through_classrooms(
    school: School, database: Database, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each page one query, however many students it has."""
    tara, sam = school["tara"], school["sam"]
    for title in ("A", "B", "C"):
        room = f"/classrooms/{(await tara.made('/classrooms', {'title': title}))['id']}"
        await tara.post(f"{room}/students", {"account_id": sam.id})
        work = f"/assignments/{(await tara.made(f'{room}/assignments', WORK))['id']}"
        await sam.put(f"{work}/submissions/me", {"body": "x"})
        await sam.post(f"{work}/submissions/me/turn-in")
    sql(FORGET)
    monkeypatch.setattr(recount, "CLASSROOMS_PER_STATEMENT", 2)
    asked: list[str] = []
    rows = Database.rows

    async def counted(self: Database, query: str, /, **params: Any) -> Any:
        asked.append(query)
        return await rows(self, query, **params)

    monkeypatch.setattr(Database, "rows", counted)
    assert len(await differences(database, mend=True)) == 3
    assert asked.count("points_differences") == 2
    assert await differences(database, mend=False) == []
