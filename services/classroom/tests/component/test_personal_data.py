"""What classroom gives of a person, and that nothing of them is left."""

from chassis.db import Database
from chassis.testing_personal_data import erased, exported, traces
from classroom.testing import Actor, Sql, event_types, run, uncached, uploaded

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


async def test_an_import_forgets_whom_it_named(
    school: School, database: Database, database_url: str, sample_package: bytes, sql: Sql
) -> None:
    """What changed is told with the first few people of each kind, by sourcedId."""
    roster = await run(school["admin"], database, sample_package)
    named = roster["changes"]["student-enrolled"]["first"]
    ((account_id,),) = sql(f"SELECT account_id FROM accounts WHERE source_id = '{named[0]}'")
    await erased(database, "classroom", school["admin"].school_id, account_id)
    assert traces(database_url, f'"{named[0]}"') == {}
    changes = (await school["admin"].get(f"/rosters/{roster['id']}")).data["changes"]
    assert changes["student-enrolled"] == roster["changes"]["student-enrolled"] | {
        "first": [name for name in named if name != named[0]]
    }
    assert changes | {"student-enrolled": None} == roster["changes"] | {"student-enrolled": None}


async def written(school: School, database: Database) -> str:
    """A lecture and a homework that sam and sue wrote on, and a group of both; the homework's path."""
    tara = school["tara"]
    room = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await tara.post(f"{room}/students", {"account_id": school[name].id})
    body = {"title": "W", "status": "published"}
    lecture, work = [
        f"/assignments/{(await tara.made(f'{room}/assignments', body | {'kind': kind}))['id']}"
        for kind in ("lecture", "homework")
    ]
    together = (await tara.made(f"{room}/assignments", body | {"kind": "group"}))["id"]
    both = [{"name": "Both", "student_ids": [school["sam"].id, school["sue"].id]}]
    assert (await tara.put(f"/assignments/{together}/groups", {"groups": both, "limit": 2})).status == 200
    for name in ("sam", "sue"):
        who, words = school[name], f"Words of {name}"
        file = await uploaded(database, who, name=f"{words}.pdf")
        await who.put(f"{lecture}/notes/me", {"rev": 1, "body": words})
        await who.post(f"{lecture}/comments", {"body": words})
        await tara.post(f"{lecture}/comments", {"body": words, "student_id": who.id})
        await who.put(f"{work}/submissions/me", {"body": words, "file_ids": [file]})
        assert (await who.post(f"{work}/submissions/me/turn-in")).status == 200
    return work


async def test_what_somebody_wrote_is_given_and_forgotten(
    school: School, database: Database, database_url: str, sql: Sql
) -> None:
    await written(school, database)
    sam = school["sam"]
    given = await exported(database, "classroom", sam.school_id, sam.caller.account_id)
    assert [len(given[name]) for name in ("submissions", "groups", "notes", "comments", "attachments")] == [
        1,
        1,
        1,
        1,
        2,
    ]
    assert given["submissions"][0]["turn_ins"][0]["body"] == "Words of sam"
    assert "sue" not in str(given)
    before = traces(database_url, "Words of sue")
    assert traces(database_url, "Words of sam").keys() == before.keys()
    await erased(database, "classroom", sam.school_id, sam.caller.account_id)
    assert traces(database_url, "Words of sam") == {}
    assert traces(database_url, "Words of sue") == before
    assert (await event_types(database)).count("attachment-removed") == 2
    assert sql("SELECT student_count, (SELECT count(*) FROM group_members) FROM groups") == [(1, 1)]


async def test_of_a_groups_work_the_others_keep_what_they_brought(
    school: School, database: Database, database_url: str
) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    await written(school, database)
    (shown,) = (await sue.get("/bootstrap"))["own"]
    together = f"/assignments/{shown['groups'][0]['assignment_id']}"
    sams, sues = [await uploaded(database, who, name=f"Words of {who.name}.pdf") for who in (sam, sue)]
    own = await sam.put(f"{together}/submissions/me", {"file_ids": [sams]})
    both = {"body": "Of both", "file_ids": [sams, sues]}
    await sue.put(f"{together}/submissions/me", both, If_Match=own.headers["Etag"])
    assert (await sue.post(f"{together}/submissions/me/turn-in")).status == 200
    await erased(database, "classroom", sam.school_id, sam.caller.account_id)
    assert traces(database_url, "Words of sam") == {}
    (turn_in,) = (await tara.get(f"/submissions/{own['id']}"))["turn_ins"]
    assert [file["file_id"] for file in turn_in["files"]] == [sues]
    assert turn_in["body"] == "Of both"
    await erased(database, "classroom", sue.school_id, sue.caller.account_id)
    assert traces(database_url, "Of both") == {}, "nobody is left whose it could be"
