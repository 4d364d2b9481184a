"""The ledger of points: what it says follows from the work, whoever changed that and however."""

import asyncio
from collections import Counter
from contextlib import closing
from random import Random
from typing import Any

import psycopg2
import pytest

from chassis.db import Database
from chassis.testing import eventually
from chassis.testing_personal_data import exported
from classroom.quizzes.testing import QuizRoom, open_quiz
from classroom.testing import Actor, Sql, events

School = dict[str, Actor]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
TRUTH = {"kind": "true_false", "title": "Truth", "answer": True, "points": "4"}
PAST, FUTURE = "2020-01-01T08:00:00Z", "2099-01-01T08:00:00Z"
WORK = {"kind": "homework", "title": "Work", "points_possible": 10, "status": "published"}

DONE = """
SELECT m.student_id::text, m.assignment_id::text, s.turned_in_at FROM submission_members m
JOIN submissions s ON s.id = m.submission_id WHERE s.status IN ('turned_in', 'returned')
UNION ALL SELECT student_id::text, assignment_id::text, NULL FROM attempts WHERE status = 'submitted'
"""
GIVEN = """
SELECT student_id::text, assignment_id::text FROM grades
WHERE released_at IS NOT NULL AND graded_by IS NOT NULL AND (score IS NOT NULL OR excused)
"""
ASSIGNMENTS = """
SELECT id::text, classroom_id::text, topic_id::text, kind, due_at, assigned_to::text[] FROM assignments
WHERE status = 'published'
"""
RESULTS = "SELECT student_id::text, assignment_id::text, score / max_score FROM grades WHERE released_at IS NOT NULL"
ATTENDING = "SELECT classroom_id::text, student_id::text FROM enrolments WHERE status = 'active'"
LEDGER = """
SELECT classroom_id::text, student_id::text, reason, coalesce(assignment_id, topic_id)::text, points FROM points_entries
"""


def recount(sql: Sql) -> Counter[tuple[str, str, str]]:
    """What every student should have for what, from the tables it follows from, without the database's functions."""
    attending = set(sql(ATTENDING))
    done = {(student, assignment): at for student, assignment, at in sql(DONE)}
    finished = done.keys() | set(sql(GIVEN))
    results = {(student, assignment): share for student, assignment, share in sql(RESULTS)}
    due: Counter[tuple[str, str, str]] = Counter()
    asked: dict[tuple[str, str], list[bool]] = {}
    for id_, room, topic, kind, due_at, assigned_to in sql(ASSIGNMENTS):
        for student in (student for where, student in attending if where == room):
            at = done.get((student, id_))
            if at is not None and (due_at is None or at <= due_at):
                due[student, "on_time", id_] = 5
            share = results.get((student, id_))
            if kind == "quiz" and share is not None and (student, id_) in done:
                due[student, "quiz", id_] = min(10, int(10 * share))
            if topic and kind not in ("material", "lecture") and (assigned_to is None or student in assigned_to):
                asked.setdefault((student, topic), []).append((student, id_) in finished)
    for (student, topic), each in asked.items():
        if all(each):
            due[student, "topic", topic] = 10
    return +due


def ledger(sql: Sql) -> Counter[tuple[str, str, str]]:
    """What those who attend have by the ledger."""
    attending = set(sql(ATTENDING))
    found: Counter[tuple[str, str, str]] = Counter()
    for room, student, reason, subject, points in sql(LEDGER):
        if (room, student) in attending:
            found[student, reason, subject] += points
    assert min(found.values(), default=0) >= 0
    return +found


async def own(actor: Actor) -> tuple[int, list[str]]:
    """Points and badges as the store has them."""
    (shown,) = (await actor.get("/bootstrap"))["own"]
    totals = (await actor.get("/me/points"))["classrooms"]
    assert [(shown["points"], len(shown["badges"]))] == [(it["points"], it["badges"]) for it in totals]
    return shown["points"], [badge["title"] for badge in shown["badges"]]


async def turn_in(actor: Actor, work: str) -> None:
    assert (await actor.put(f"{work}/submissions/me", {"body": "x"}, If_Match="*")).status == 200
    assert (await actor.post(f"{work}/submissions/me/turn-in")).status == 200


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """A quiz of one question worth 4 points, in a classroom of tara's with sam and sue."""
    return await open_quiz(school["tara"], [school["sam"], school["sue"]], [TRUTH])


async def test_work_on_time_and_a_finished_topic_earn_points(
    school: School, quiz: QuizRoom, database: Database, sql: Sql
) -> None:
    tara, sam = school["tara"], school["sam"]
    topic = (await tara.made(f"{quiz.room}/topics", {"title": "Numbers"}))["id"]
    first, late, more = [
        f"/assignments/{(await tara.made(f'{quiz.room}/assignments', WORK | {'topic_id': topic, 'due_at': due}))['id']}"
        for due in (FUTURE, PAST, None)
    ]
    await turn_in(sam, first)
    assert await own(sam) == (5, [])
    await turn_in(sam, late)
    assert await own(sam) == (5, [])
    await turn_in(sam, more)
    assert await own(sam) == (20, ["Numbers"])
    await sam.post(f"{first}/submissions/me/reclaim")
    assert await own(sam) == (5, [])
    await sam.post(f"{first}/submissions/me/turn-in")
    await tara.patch(late, {"due_at": FUTURE})
    assert ledger(sql) == recount(sql)
    entries = (await sam.get("/me/points?limit=3")).data
    assert sorted(entry["points"] for entry in entries["items"]) == [5, 5, 10]
    older = (await sam.get(f"/me/points?cursor={entries['next_cursor']}"))["items"]
    # Entries of one moment come in either order.
    assert sorted(entry["points"] for entry in older[:2]) == [-10, -5]
    told = [event.data["points"] for event in await events(database) if event.type == "classroom.points-awarded.v1"]
    assert sum(told) == 25
    given = await exported(database, "classroom", sam.school_id, sam.caller.account_id)
    assert len(given["points"]) == len(told)


async def test_work_on_paper_finishes_a_topic_once_its_result_is_released(
    school: School, quiz: QuizRoom, sql: Sql
) -> None:
    tara, sam = school["tara"], school["sam"]
    topic = (await tara.made(f"{quiz.room}/topics", {"title": "Numbers"}))["id"]
    paper, other = [
        f"/assignments/{(await tara.made(f'{quiz.room}/assignments', WORK | {'topic_id': topic}))['id']}"
        for _ in range(2)
    ]
    await turn_in(sam, other)
    grade = f"{paper}/grades/{sam.id}"
    steps: list[tuple[Any, list[str]]] = [
        ({"score": 8}, []),
        ({"score": 8, "released": True}, ["Numbers"]),
        ({"score": None}, []),
        ({"score": None, "excused": True, "released": True}, ["Numbers"]),
        ({"score": 8, "released": False}, []),
    ]
    for version, (body, badges) in enumerate(steps):
        tag = {"If_Match": f'"{version}"'} if version else {}
        assert (await tara.put(grade, body, **tag)).status == 200
        assert await own(sam) == (5 + 10 * len(badges), badges), body
        assert ledger(sql) == recount(sql)
    await tara.post(f"{paper}/release")
    assert await own(sam) == (15, ["Numbers"])
    # Moved out of the topic and back, and where nothing at all was handed in.
    for work, where, count in ((other, None, 1), (paper, None, 0), (paper, topic, 1)):
        await tara.patch(work, {"topic_id": where})
        assert (await sam.get("/me/points"))["classrooms"][0]["badges"] == count
        assert ledger(sql) == recount(sql)
    # An import takes the result over: it was given by nobody here.
    sql("UPDATE grades SET graded_by = NULL")
    assert ledger(sql) == recount(sql)
    assert (await sam.get("/me/points"))["classrooms"][0]["badges"] == 0


async def test_points_of_a_quiz_follow_its_released_result_alone(school: School, quiz: QuizRoom, sql: Sql) -> None:
    """GUARANTEES 26, of points: before release nothing of them tells the result."""
    tara, sam = school["tara"], school["sam"]
    attempt = await quiz.start(sam)
    await sam.post(f"/attempts/{attempt['id']}/submit")
    before = await own(sam), (await sam.get(f"{quiz.room}/leaderboard")).data
    grade = await tara.get(f"{quiz.path}/grades")
    (row,) = grade["items"]
    assert row["released_at"] is None
    path = f"{quiz.path}/grades/{sam.id}"
    drafted = await tara.put(path, {"score": 3}, If_Match=f'"{row["version"]}"')
    assert (await own(sam), (await sam.get(f"{quiz.room}/leaderboard")).data) == before
    assert sql("SELECT count(*) FROM points_entries") == [(0,)]
    await tara.post(f"{quiz.path}/release")
    assert await own(sam) == (7, [])
    released = drafted["version"] + 1
    await tara.put(path, {"score": None, "released": False}, If_Match=f'"{released}"')
    assert await own(sam) == (0, [])
    assert [points for *_, points in sql(LEDGER + " ORDER BY id")] == [7, -7]
    await tara.put(path, {"score": "4", "released": True}, If_Match=f'"{released + 1}"')
    assert await own(sam) == (10, [])


async def test_each_member_of_a_group_gets_the_points(school: School, quiz: QuizRoom, sql: Sql) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    work = f"/assignments/{(await tara.made(f'{quiz.room}/assignments', WORK | {'kind': 'group'}))['id']}"
    groups = [{"name": "One", "student_ids": [sam.id, sue.id]}]
    answer = await tara.put(f"{work}/groups", {"mode": "by_hand", "groups": groups}, If_Match="*")
    assert answer.status == 200, answer.data
    await turn_in(sam, work)
    assert (await own(sam), await own(sue)) == ((5, []), (5, []))
    assert ledger(sql) == recount(sql)


async def test_the_leaderboard_is_shown_or_not(school: School, quiz: QuizRoom, sql: Sql) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    board = f"{quiz.room}/leaderboard"
    work = f"/assignments/{(await tara.made(f'{quiz.room}/assignments', WORK))['id']}"
    await turn_in(sue, work)
    places = [(row["rank"], row["name"], row["points"]) for row in (await sam.get(board))["rows"]]
    assert places == [(1, "Sue", 5), (2, "Sam", 0)]
    first = (await tara.get(f"{board}?limit=1")).data
    (second,) = (await tara.get(f"{board}?limit=1&cursor={first['next_cursor']}"))["rows"]
    assert (first["own"], second["name"]) == (None, "Sam")
    assert (await tara.patch(quiz.room, {"leaderboard_shown": False})).status == 200
    hidden = (await sam.get(board)).data
    assert hidden == {"shown": False, "rows": [], "own": {"rank": 2, "points": 0, "badges": 0}, "next_cursor": None}
    assert len((await tara.get(board))["rows"]) == 2
    assert (await school["sid"].get(board)).status == 404
    with pytest.raises(psycopg2.errors.RaiseException):
        sql("UPDATE points_entries SET points = 100")


async def test_handing_in_and_grading_lock_in_one_order(
    school: School, quiz: QuizRoom, sql: Sql, database_url: str
) -> None:
    """The assignment, then its students' points: whoever grades and has the one is not kept from the other."""
    sam = school["sam"]
    attempt = await quiz.start(sam)
    with closing(psycopg2.connect(database_url)) as grading, grading.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        cursor.execute("SELECT FROM assignments WHERE id = %s FOR NO KEY UPDATE", [quiz.id])
        handing_in = asyncio.create_task(sam.post(f"/attempts/{attempt['id']}/submit"))

        async def waits() -> bool:
            return sql(WAITING) == [(1,)]

        await eventually(waits)
        await asyncio.to_thread(cursor.execute, "SELECT hold_points(ARRAY[%s]::uuid[])", [sam.id])
        grading.rollback()
        assert (await handing_in).status == 200


async def test_marks_of_a_sheet_hold_all_its_works_before_any_points(
    school: School, quiz: QuizRoom, sql: Sql, database_url: str
) -> None:
    """Who hands one of them in meanwhile has its assignment, and needs the points of the same student."""
    tara, sam = school["tara"], school["sam"]
    topic = (await tara.made(f"{quiz.room}/topics", {"title": "Numbers"}))["id"]
    works = [(await tara.made(f"{quiz.room}/assignments", WORK | {"topic_id": topic}))["id"] for _ in range(2)]
    csv = f"student_id,{','.join(f'W [{work}]' for work in works)}\n{sam.id},1,2\n"
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        cursor.execute("SELECT FROM assignments WHERE id = %s FOR NO KEY UPDATE", [max(works)])
        marking = asyncio.create_task(tara.post(f"{quiz.room}/marks?dry_run=false", {"csv": csv, "release": True}))

        async def waits() -> bool:
            return sql(WAITING) == [(1,)]

        await eventually(waits)
        await asyncio.to_thread(cursor.execute, "SELECT hold_points(ARRAY[%s]::uuid[])", [sam.id])
        other.rollback()
        assert (await marking).status == 200
    assert (await own(sam))[1] == ["Numbers"]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_done_the_ledger_equals_a_recount(
    school: School, quiz: QuizRoom, sql: Sql, seed: int
) -> None:
    """Random commands, many at once."""
    chance, tara = Random(seed), school["tara"]
    topics = [(await tara.made(f"{quiz.room}/topics", {"title": f"T{n}"}))["id"] for n in range(2)]
    made = [await tara.made(f"{quiz.room}/assignments", WORK | {"topic_id": topics[n % 2]}) for n in range(4)]
    works = [f"/assignments/{it['id']}" for it in made]
    await tara.patch(quiz.path, {"topic_id": topics[0]})

    async def command() -> None:
        student, work = school[chance.choice(["sam", "sue"])], chance.choice(works)
        grade = {"score": chance.randrange(5), "released": chance.random() < 0.7}
        actor, what = chance.choice(
            [
                *[(student, ("PUT", f"{work}/submissions/me", {"body": "x"}))] * 3,
                *[(student, ("POST", f"{work}/submissions/me/turn-in", {}))] * 6,
                (student, ("POST", f"{work}/submissions/me/reclaim", {})),
                (tara, ("PATCH", work, {"due_at": chance.choice([PAST, FUTURE])})),
                (tara, ("PATCH", work, {"topic_id": chance.choice([None, *topics])})),
                (tara, ("PATCH", work, {"assigned_to": chance.choice([None, [student.id]])})),
                *[(tara, ("PUT", f"{quiz.path}/grades/{student.id}", grade))] * 2,
                (tara, ("POST", f"{quiz.path}/release", {})),
                (tara, ("DELETE", f"{quiz.room}/students/{student.id}", None)),
                *[(tara, ("POST", f"{quiz.room}/students", {"account_id": student.id}))] * 3,
                (student, ("POST", f"{quiz.path}/attempts", {})),
            ]
        )
        answer = await actor.call(*what, If_Match="*")
        assert answer.status < 500, answer.data
        if what[1].endswith("/attempts") and answer.status == 200:
            assert (await actor.post(f"/attempts/{answer['id']}/submit")).status < 500

    for _ in range(50):
        await asyncio.gather(*(command() for _ in range(6)))
    assert ledger(sql) == recount(sql)
    assert len(sql(LEDGER)) > 10
