"""What events tell, taken together, is what a fresh look at the database finds."""

import asyncio
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from chassis.db import Database
from chassis.events import Event
from chassis.rosters.work import work
from chassis.testing import uuid7
from classroom.rosters.importer import IMPORTER
from classroom.testing import Actor, Sql, events, settle_package, uncached

School = dict[str, Actor]

FRESH = {
    "classroom": "SELECT id, version, classroom_state(c) FROM classrooms c",
    "teacher": "SELECT id, version, teacher_state(t) FROM classroom_teachers t",
    "student": "SELECT id, version, enrolment_state(e) FROM enrolments e",
    "topic": "SELECT id, version, topic_state(t) FROM topics t",
}
ASSIGNMENTS = "SELECT id, NULL, assignment_state(a) FROM assignments a WHERE was_published"
GRADES = """
SELECT assignment_id, student_id, grade_state(g) FROM grades g
WHERE EXISTS (
    SELECT FROM grade_history h
    WHERE
        h.assignment_id = g.assignment_id AND h.student_id = g.student_id AND h.released_at IS NOT NULL
        AND h.version >= g.version - 1
)
"""

COUNTS = """
SELECT c.id::text, c.student_count, c.teacher_count FROM classrooms c
UNION ALL SELECT a.id::text, a.grade_count, a.released_count FROM assignments a ORDER BY 1
"""
RECOUNTS = """
SELECT
    c.id::text,
    (SELECT count(*)::int FROM enrolments e WHERE e.classroom_id = c.id AND e.status = 'active'),
    (SELECT count(*)::int FROM classroom_teachers t WHERE t.classroom_id = c.id AND t.status = 'active')
FROM classrooms c
UNION ALL
SELECT a.id::text, count(g.version)::int, count(g.released_at)::int
FROM assignments a LEFT JOIN grades g ON g.assignment_id = a.id GROUP BY a.id ORDER BY 1
"""


async def live(school: School) -> None:
    """A day in a school."""
    tara, sam = school["tara"], school["sam"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await tara.post(f"{room}/students", {"account_id": school[name].id})
    await tara.delete(f"{room}/students/{school['sue'].id}")
    await tara.post(f"{room}/teachers", {"account_id": school["theo"].id})
    await tara.delete(f"{room}/teachers/{school['theo'].id}")
    topic = await tara.made(f"{room}/topics", {"title": "One"})
    other = await tara.made(f"{room}/topics", {"title": "Two"})
    body = {"kind": "quiz", "title": "Quiz", "points_possible": 10, "topic_id": topic["id"], "status": "published"}
    quiz = f"/assignments/{(await tara.made(f'{room}/assignments', body))['id']}"
    gone = f"/assignments/{(await tara.made(f'{room}/assignments', body))['id']}"
    draft = await tara.made(f"{room}/assignments", body | {"status": "draft"})
    await tara.put(f"{quiz}/grades/{sam.id}", {"score": 5})
    await tara.post(f"{quiz}/release")
    await tara.put(f"{quiz}/grades/{sam.id}", {"score": 6, "released": True}, If_Match='"2"')
    await tara.put(f"{gone}/grades/{sam.id}", {"score": 7, "released": True})
    await tara.put(f"{gone}/grades/{sam.id}", {"score": 7}, If_Match='"1"')
    await tara.patch(f"/assignments/{draft['id']}", {"status": "published", "due_at": "2026-12-01T08:00:00Z"})
    await tara.delete(gone)
    await tara.delete(f"/topics/{topic['id']}")
    await tara.patch(f"/topics/{other['id']}", {"title": "Three"})
    await tara.patch(room, {"status": "archived"})


def told_state(told: list[Event]) -> dict[str, dict[str, tuple[int, Any]]]:
    """The state of highest sequence for each subject of each kind."""
    found: dict[str, dict[str, tuple[int, Any]]] = {}
    for event in told:
        kind = event.type.split(".")[1].split("-")[0]
        known = found.setdefault(kind, {})
        if kind == "grade":
            for result in event.data["results"]:
                _newer(known, f"{event.subject} {result['student_id']}", result["version"], result)
        else:
            _newer(known, str(event.subject), event.sequence, event.data)
    return found


def _newer(known: dict[str, tuple[int, Any]], key: str, sequence: int, data: Any) -> None:
    if key not in known or known[key][0] < sequence:
        known[key] = (sequence, data)


async def test_state_after_events_equals_a_fresh_look(
    school: School, database: Database, sql: Sql, sample_roster: Any
) -> None:
    await live(school)
    package = sample_roster.sample_package()
    await settle_package(database, school["admin"].school_id, package)
    await _import(database, school["admin"], package)
    await check_told(database, sql)


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_people_do_events_counters_and_caches_are_right(
    school: School, database: Database, sql: Sql, seed: int
) -> None:
    """Random commands, most of them allowed, many of them at once."""
    chance = Random(seed)
    for _ in range(25):
        await asyncio.gather(*(_command(chance, school, sql) for _ in range(4)))
    await check_told(database, sql)
    assert sql(COUNTS) == sql(RECOUNTS)
    for name in ("tara", "theo", "sam", "sue", "sid", "admin"):
        assert (await school[name].get("/bootstrap")).data == await uncached(school[name], database), name


async def _command(chance: Random, school: School, sql: Sql) -> None:
    """Something that somebody does to something."""

    def one(table: str) -> str:
        found = sql(f"SELECT id FROM {table} ORDER BY id")
        return str(chance.choice(found)[0]) if found else str(uuid7())

    room, topic, work_ = f"/classrooms/{one('classrooms')}", one("topics"), f"/assignments/{one('assignments')}"
    student, teacher = (school[chance.choice(names)].id for names in (("sam", "sue", "sid"), ("tara", "theo")))
    status, kind = chance.choice(["draft", "published"]), chance.choice(["quiz", "homework"])
    new = {"kind": kind, "title": "W", "points_possible": 9, "status": status, "topic_id": chance.choice([None, topic])}
    grade = {"score": chance.choice([None, 1, 2.5]), "released": chance.random() < 0.5}
    commands: list[tuple[str, str, Any]] = [
        ("POST", "/classrooms", {"title": "C"}),
        (
            "PATCH",
            room,
            {"title": str(chance.random()), "status": chance.choice(["active"] * 5 + ["archived"])},
        ),
        *[("POST", f"{room}/students", {"account_id": student})] * 4,
        ("DELETE", f"{room}/students/{student}", None),
        ("POST", f"{room}/teachers", {"account_id": teacher}),
        ("DELETE", f"{room}/teachers/{teacher}", None),
        *[("POST", f"{room}/topics", {"title": str(chance.randrange(9))})] * 2,
        ("PATCH", f"/topics/{topic}", {"title": str(chance.randrange(9))}),
        ("DELETE", f"/topics/{topic}", None),
        *[("POST", f"{room}/assignments", new)] * 4,
        ("PATCH", work_, {"status": "published", "topic_id": new["topic_id"]}),
        *[("PUT", f"{work_}/grades/{student}", grade)] * 6,
        ("POST", f"{work_}/release", {}),
        ("DELETE", chance.choice([work_, work_, room]), None),
    ]
    headers: dict[str, str] = chance.choice([{}, {"If_Match": "*"}])
    answer = await school[chance.choice(["tara", "theo", "admin"])].call(*chance.choice(commands), **headers)
    assert answer.status < 500, answer.data


async def check_told(database: Database, sql: Sql) -> None:
    """What has been told is what is there."""
    told = told_state(await events(database))
    for kind, query in FRESH.items():
        assert told.get(kind, {}) == {str(id_): (version, state) for id_, version, state in sql(query)}, kind
    states = {id_: state for id_, (_, state) in told.get("assignment", {}).items()}
    assert states == {str(id_): state for id_, _, state in sql(ASSIGNMENTS)}
    results = {key: state for key, (_, state) in told.get("grade", {}).items()}
    known = {f"{item} {student}": state for item, student, state in sql(GRADES)}
    assert {key: results.get(key) for key in known} == known
    # What was withdrawn is told once; drafts that come after it are nobody's to know.
    assert {results[key]["score"] for key in results.keys() - known.keys()} <= {None}


async def _import(database: Database, admin: Actor, package: bytes) -> None:
    who = {"school_id": admin.school_id, "account_id": admin.caller.account_id}
    roster_id = await database.value("roster_begin", dry_run=False, **who)
    await database.execute("roster_add_chunk", roster_id=roster_id, number=0, data=package)
    digest = sha256(package).hexdigest()
    await database.execute("roster_uploaded", id=roster_id, sha256=digest, size=len(package), options={})
    await work(database, IMPORTER)
