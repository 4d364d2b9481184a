"""A classroom as a package: imported again it changes nothing, into an empty school it is the same there."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from chassis import inbox
from chassis.db import Database
from chassis.events import Event
from chassis.oneroster import CLASSROOM_FILES, Category, Class, Enrollment, LineItem, Package, Result, rows, validate
from chassis.testing import uuid7
from classroom.consumers import HANDLERS
from classroom.testing import Actor, Sql, account_event, counts, events, run, settle_package

School = dict[str, Actor]
ODD = ("=1+1", 'a "quoted", text', "two\nlines", "ünïcödé 🎓", " ", "")
STATE = (
    "SELECT id, source_id, title, subject, term_id, owner_id, student_count, teacher_count, version FROM classrooms",
    "SELECT id, status, version FROM classroom_teachers UNION ALL SELECT id, status, version FROM enrolments",
    "SELECT id, title, position, version FROM topics",
    "SELECT id, topic_id, position, kind, title, description, due_at, points_possible, version FROM assignments",
    "SELECT assignment_id, student_id, score, late, excused, feedback, released_at, graded_at, version FROM grades",
)


async def random_room(chance: Random, school: School, sql: Sql) -> str:
    """The path of a classroom of tara's and theo's with all kinds of work, for sam and sue."""
    tara = school["tara"]
    subject = chance.choice([None, "Maths, applied"])
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra', 'subject': subject}))['id']}"
    if chance.random() < 0.5:
        sql(
            "WITH term AS (INSERT INTO terms (school_id, source_id, title, starts_on, ends_on)"
            " VALUES (%s, 'autumn', 'Autumn', '2026-08-01', '2026-12-31') RETURNING id)"
            " UPDATE classrooms SET term_id = term.id FROM term",
            str(tara.school_id),
        )
    for name in ("sam", "sue"):
        await tara.post(f"{room}/students", {"account_id": school[name].id})
    await tara.post(f"{room}/teachers", {"account_id": school["theo"].id})
    if chance.random() < 0.5:
        await tara.put(f"{room}/owner", {"account_id": school["theo"].id})
    topics: list[Any] = [None]
    topics += [(await tara.made(f"{room}/topics", {"title": title}))["id"] for title in ("Quizzes", "Work")]
    work = [await random_work(chance, school, room, topics) for _ in range(10)]
    moved = chance.sample(work, 5)
    await tara.put(f"{room}/assignments/order", {"topic_id": chance.choice(topics), "assignment_ids": moved})
    return room


async def random_work(chance: Random, school: School, room: str, topics: list[Any]) -> str:
    kind = chance.choice(["material", "lecture", "classwork", "homework", "quiz", "group"])
    body: dict[str, Any] = {"kind": kind, "title": f"W {chance.random()}", "topic_id": chance.choice(topics)}
    body |= {"status": chance.choice(["draft", "published", "published"]), "description": chance.choice(ODD)}
    if kind != "material" and chance.random() < 0.8:
        body["points_possible"] = chance.choice([10, "12.5", "0.0001"])
    if chance.random() < 0.5:
        body["due_at"] = (datetime.now(UTC) + timedelta(days=chance.randint(-9, 9))).isoformat()
    work = (await school["tara"].made(f"{room}/assignments", body))["id"]
    for name in ("sam", "sue"):
        grade: dict[str, Any] = {"released": chance.random() < 0.8, "feedback": chance.choice(ODD)}
        grade |= chance.choice([{"score": "0.5", "late": True}, {"score": 7}, {"score": None, "excused": True}])
        await school["tara"].put(f"/assignments/{work}/grades/{school[name].id}", grade)
    return str(work)


async def exported(actor: Actor, room: str) -> bytes:
    url = f"/api/classroom{room}/oneroster.zip"
    async with actor.client.get(url, headers=actor.caller.headers) as response:
        assert response.status == 200
        return await response.read()


def said(package: bytes) -> dict[str, Any]:
    """What a package says, but for the ids that each school gives itself."""
    with Package(io.BytesIO(package)) as opened:
        topics = {row.sourced_id: (row.sourced_id.split(":")[1], row.title) for row in rows(opened, Category)}
        return {
            "class": [(row.sourced_id, row.title, row.subjects) for row in rows(opened, Class)],
            "texts": [row.description for row in rows(opened, LineItem)],
            "people": sorted((row.user_sourced_id, row.role, bool(row.primary)) for row in rows(opened, Enrollment)),
            "work": [
                (*topics[row.category_sourced_id], row.sourced_id, row.title, row.due_date, row.result_value_max)
                for row in rows(opened, LineItem)
            ],
            # Who is excused has no result, which nothing is made of where there was none.
            "results": sorted(
                (row.line_item_sourced_id, row.student_sourced_id, row.score, row.late, row.comment, row.score_date)
                for row in rows(opened, Result)
                if row.score is not None
            ),
        }


async def all_known(database: Database, school_id: Any, package: bytes) -> None:
    """Auth tells that the people of the package are all known."""
    with Package(io.BytesIO(package)) as opened:
        done = {"roster_id": str(uuid7()), "package_sha256": opened.sha256, "accounts": 4}
    event = Event("auth.roster-imported.v1", "/homeroom/auth", uuid7(), school_id, 1, done)
    await inbox.apply(database, HANDLERS, [event])


@pytest.mark.parametrize("seed", range(3))
async def test_it_imports_back_to_the_same(school: School, database: Database, sql: Sql, seed: int) -> None:
    chance, tara = Random(seed), school["tara"]
    room = await random_room(chance, school, sql)
    package = await exported(tara, room)
    report = validate(io.BytesIO(package), CLASSROOM_FILES)
    assert report.ok, report.problems
    before = len(await events(database)), [sorted(map(repr, sql(query))) for query in STATE]
    await all_known(database, tara.school_id, package)
    roster = await run(school["admin"], database, package, known=False)
    assert (roster["status"], counts(roster)) == ("done", {}), roster
    assert before == (len(await events(database)), [sorted(map(repr, sql(query))) for query in STATE])
    # Into another school, where nothing of it is yet, and out of it again.
    other = school["other_admin"]
    await settle_package(database, other.school_id, package)
    there = await run(other, database, package, known=False)
    assert there["status"] == "done", there
    (copy,) = (await other.get("/classrooms"))["items"]
    assert said(await exported(other, f"/classrooms/{copy['id']}")) == said(package)


async def test_nothing_of_it_is_unreleased_or_anothers(school: School, database: Database, sql: Sql) -> None:
    tara, sam = school["tara"], school["sam"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    await tara.post(f"{room}/students", {"account_id": sam.id})
    work = {"kind": "homework", "title": "W", "points_possible": 10, "status": "published"}
    path = f"/assignments/{(await tara.made(f'{room}/assignments', work))['id']}"
    await tara.made(f"{room}/assignments", work | {"title": "DRAFT", "status": "draft"})
    await tara.put(f"{path}/grades/{sam.id}", {"score": "7.125", "feedback": "HIDDEN"})
    await inbox.apply(database, HANDLERS, [account_event(sam, 2, name="Sam")])
    with zipfile.ZipFile(io.BytesIO(await exported(tara, room))) as opened:
        text = "".join(opened.read(name).decode() for name in opened.namelist())
    assert "HIDDEN" not in text
    assert "DRAFT" not in text
    assert (await school["theo"].get(f"{room}/oneroster.zip")).code == "not_your_classroom"
