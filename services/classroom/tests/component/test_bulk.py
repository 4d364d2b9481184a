"""A class of a thousand with a hundred assignments costs as many statements as one of three with two."""

from collections import Counter
from contextlib import closing

import psycopg2
import pytest

from chassis.db import QUERY_SECONDS
from classroom.testing import Actor

School = dict[str, Actor]
GROWN = (1000, 100)

GROW = """
INSERT INTO accounts (school_id, account_id, email, name, role, status, source_id, version)
SELECT c.school_id, uuid7(), 'p' || n, 'P ' || n, 'student', 'active', 'p-' || n, 1
FROM classrooms AS c, generate_series(1, %(students)s) AS n WHERE c.id = %(room)s;
INSERT INTO enrolments (school_id, classroom_id, student_id)
SELECT school_id, %(room)s, account_id FROM accounts WHERE source_id LIKE 'p-%%';
INSERT INTO assignments
(school_id, classroom_id, topic_id, kind, title, points_possible, status, was_published, position)
SELECT t.school_id, t.classroom_id, t.id, 'homework', 'A ' || n, 10, 'published', TRUE, 100 + n
FROM topics AS t, generate_series(1, %(assignments)s) AS n WHERE t.classroom_id = %(room)s;
INSERT INTO grades (school_id, assignment_id, student_id, score, max_score, released_at)
SELECT a.school_id, a.id, e.student_id, 5, 10, now()
FROM assignments AS a JOIN enrolments AS e USING (classroom_id)
WHERE a.classroom_id = %(room)s AND a.position IN (101, 102, 103);
INSERT INTO comments (school_id, assignment_id, author_id, body)
SELECT a.school_id, a.id, e.student_id, 'words'
FROM assignments AS a JOIN enrolments AS e USING (classroom_id) WHERE a.id = %(work)s;
ANALYZE;
"""


def statements() -> Counter[str]:
    """How often each named query was asked so far."""
    (metric,) = QUERY_SECONDS.collect()
    return Counter({s.labels["query"]: int(s.value) for s in metric.samples if s.name.endswith("_count")})


async def asked(actor: Actor, path: str) -> tuple[Counter[str], int]:
    """The statements of one answer, and how many items it has."""
    before = statements()
    answer = await actor.get(path)
    assert answer.status == 200, (path, answer.data)
    items: list[object] = next(
        (answer[name] for name in ("items", "rows", "notifications") if name in (answer.data or {})), []
    )
    return statements() - before, len(items)


@pytest.fixture
async def paths(school: School) -> tuple[str, str, dict[str, list[str]]]:
    """A classroom with a topic and two assignments; what its teacher and its student read."""
    tara = school["tara"]
    room = (await tara.made("/classrooms", {"title": "Algebra"}))["id"]
    for name in ("sam", "sue", "sid"):
        await tara.post(f"/classrooms/{room}/students", {"account_id": school[name].id})
    topic = (await tara.made(f"/classrooms/{room}/topics", {"title": "Numbers"}))["id"]
    body = {"kind": "homework", "title": "Work", "points_possible": 10, "status": "published", "topic_id": topic}
    work = (await tara.made(f"/classrooms/{room}/assignments", body))["id"]
    group = (await tara.made(f"/classrooms/{room}/assignments", body | {"kind": "group"}))["id"]
    both = ["/bootstrap", "/classrooms", f"/classrooms/{room}", f"/classrooms/{room}/topics"]
    both += [f"/classrooms/{room}/assignments", f"/assignments/{work}", f"/assignments/{work}/comments"]
    both += [f"/classrooms/{room}/leaderboard", f"/classrooms/{room}/announcements", "/notifications"]
    staff = [f"/classrooms/{room}/students", f"/classrooms/{room}/teachers", f"/assignments/{work}/submissions"]
    staff += [f"/assignments/{work}/grades", f"/classrooms/{room}/grades?student_id={school['sam'].id}"]
    staff += [f"/assignments/{group}/groups", f"/classrooms/{room}/invitations"]
    return room, work, {"tara": both + staff, "sam": [*both, "/me/points", f"/assignments/{group}/groups"]}


async def test_statements_do_not_grow_with_the_class(
    school: School, database_url: str, paths: tuple[str, str, dict[str, list[str]]]
) -> None:
    room, work, read = paths
    small = {(name, path): (await asked(school[name], path))[0] for name in read for path in read[name]}
    students, assignments = GROWN
    named = {"room": room, "work": work, "students": students, "assignments": assignments}
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(GROW, named)
        connection.commit()
    # What was cached is of the small class.
    await school["tara"].patch(f"/classrooms/{room}", {"subject": "Mathematics"})
    for name in read:
        for path in read[name]:
            large, items = await asked(school[name], path)
            assert large.total() <= small[name, path].total() + 1, (name, path, large, small[name, path])
            assert items <= 200, (name, path)
    assert (await asked(school["tara"], f"/classrooms/{room}/students?limit=200"))[1] == 200
    assert (await asked(school["sam"], f"/classrooms/{room}/assignments?limit=200"))[1] == assignments + 2
