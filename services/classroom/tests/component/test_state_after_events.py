"""What events tell, taken together, is what a fresh look at the database finds."""

from hashlib import sha256
from typing import Any

from chassis.db import Database
from chassis.events import Event
from chassis.rosters.work import work
from classroom.rosters.importer import IMPORTER
from classroom.testing import Actor, Sql, events, settle_package

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
    WHERE h.assignment_id = g.assignment_id AND h.student_id = g.student_id AND h.released_at IS NOT NULL
)
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
    told = told_state(await events(database))
    for kind, query in FRESH.items():
        assert told[kind] == {str(id_): (version, state) for id_, version, state in sql(query)}, kind
    states = {id_: state for id_, (_, state) in told["assignment"].items()}
    assert states == {str(id_): state for id_, _, state in sql(ASSIGNMENTS)}
    results = {key: state for key, (_, state) in told["grade"].items()}
    assert results == {f"{item} {student}": state for item, student, state in sql(GRADES)}


async def _import(database: Database, admin: Actor, package: bytes) -> None:
    who = {"school_id": admin.school_id, "account_id": admin.caller.account_id}
    roster_id = await database.value("roster_begin", dry_run=False, **who)
    await database.execute("roster_add_chunk", roster_id=roster_id, number=0, data=package)
    digest = sha256(package).hexdigest()
    await database.execute("roster_uploaded", id=roster_id, sha256=digest, size=len(package), options={})
    await work(database, IMPORTER)
