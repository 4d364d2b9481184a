"""What classroom gives of a person, and that nothing of them is left."""

from chassis.db import Database
from chassis.testing import erased, exported, traces
from classroom.testing import Actor, Sql, event_types, uncached

School = dict[str, Actor]


async def graded(school: School, released: bool) -> None:
    """A classroom of tara's, in which sam and sue have a grade."""
    tara = school["tara"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    body = {"kind": "quiz", "title": "Quiz", "points_possible": "20", "status": "published"}
    quiz = f"/assignments/{(await tara.made(f'{room}/assignments', body))['id']}"
    for name in ("sam", "sue"):
        await tara.post(f"{room}/students", {"account_id": school[name].id})
        await tara.put(f"{quiz}/grades/{school[name].id}", {"score": "12.50", "feedback": f"Bravo {name}"})
    if released:
        await tara.post(f"{quiz}/release")


async def test_a_person_is_given_what_they_may_see(school: School, database: Database) -> None:
    await graded(school, released=False)
    sam = school["sam"]
    draft = await exported(database, "classroom", sam.school_id, sam.caller.account_id)
    assert draft.keys() == {"account", "enrolments"}
    await graded(school, released=True)
    given = await exported(database, "classroom", sam.school_id, sam.caller.account_id)
    assert [grade["score"] for grade in given["grades"]] == ["12.5"]
    assert "sue" not in str(given).lower()


async def test_nothing_of_a_student_is_left(school: School, database: Database, database_url: str, sql: Sql) -> None:
    await graded(school, released=True)
    await graded(school, released=False)
    sam, tara = school["sam"], school["tara"]
    assert traces(database_url, "sam@elm", "Bravo sam").keys() == {"accounts", "grades", "grade_history"}
    before = await uncached(tara, database)
    await erased(database, "classroom", sam.school_id, sam.caller.account_id)
    assert traces(database_url, "sam@elm", "Bravo sam", '"sam"') == {}
    assert sql("SELECT DISTINCT student_count FROM classrooms WHERE teacher_count > 0") == [(1,)]
    assert sql("SELECT DISTINCT grade_count FROM assignments") == [(1,)]
    assert (await event_types(database)).count("student-removed") == 2
    assert (await event_types(database)).count("grade-changed") == 1
    assert await uncached(tara, database) != before
    assert traces(database_url, "Bravo sue").keys() == {"grades", "grade_history"}


async def test_what_an_erased_teacher_made_stays(school: School, database: Database, database_url: str) -> None:
    await graded(school, released=True)
    tara = school["tara"]
    await erased(database, "classroom", tara.school_id, tara.caller.account_id)
    assert traces(database_url, "tara@elm", "Tara") == {}
    assert len((await school["sue"].get("/classrooms")).data["items"]) == 1
