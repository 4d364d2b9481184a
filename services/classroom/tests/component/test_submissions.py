"""Students' work: written, turned in for good, reclaimed, returned, graded."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis import inbox
from chassis.db import Database
from chassis.testing import uuid7
from classroom.consumers import HANDLERS
from classroom.testing import Actor, Sql, events, file_event, uncached, uploaded

School = dict[str, Actor]
ACCOUNT = """
INSERT INTO accounts (school_id, account_id, email, name, role, status, source_id, version)
VALUES (%s, %s, NULL, %s, 'student', 'active', %s, 1)
"""


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches, and sam and sue attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    return room


async def homework(school: School, room: str, **body: Any) -> str:
    whole = {"kind": "homework", "title": "H", "points_possible": 10, "status": "published"} | body
    return f"/assignments/{(await school['tara'].made(f'{room}/assignments', whole))['id']}"


@pytest.fixture
async def work(school: School, room: str) -> str:
    """The path of a homework of 10 points."""
    return await homework(school, room)


async def told(database: Database) -> list[Any]:
    return [event for event in await events(database) if ".submission-" in event.type]


async def test_a_submissions_life(school: School, work: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    me = f"{work}/submissions/me"
    assert (await sam.get(me)).status == 404
    essay = await uploaded(database, sam)
    draft = await sam.put(me, {"body": "First", "file_ids": [essay]})
    assert (draft.status, draft["status"], draft["number"], draft["files"][0]["file_id"]) == (200, "created", 0, essay)
    first = await sam.post(f"{me}/turn-in")
    assert (first["status"], first["number"], first["late_seconds"]) == ("turned_in", 1, None)
    assert (await sam.put(me, {"body": "Sly"})).code == "turned_in"
    assert (await sam.post(f"{me}/reclaim"))["status"] == "reclaimed"
    assert (await sam.post(f"{me}/reclaim")).code == "not_turned_in"
    await sam.put(me, {"body": "Second"})
    await sam.post(f"{me}/turn-in")
    path = f"/submissions/{first['id']}"
    assert (await tara.post(f"{path}/return"))["status"] == "returned"
    await sam.put(me, {"body": "Third"})
    last = await sam.post(f"{me}/turn-in")
    assert [(t["number"], t["body"], len(t["files"])) for t in last["turn_ins"]] == [
        (3, "Third", 0),
        (2, "Second", 0),
        (1, "First", 1),
    ]
    assert last["turn_ins"][2]["files"][0]["sha256"] == "a" * 64
    assert [
        (e.type.split("-", 1)[1], e.sequence, e.data["status"], e.data["number"]) for e in await told(database)
    ] == [
        ("created.v1", 1, "created", 0),
        ("turned-in.v1", 2, "turned_in", 1),
        ("reclaimed.v1", 3, "reclaimed", 1),
        ("turned-in.v1", 4, "turned_in", 2),
        ("returned.v1", 5, "returned", 2),
        ("turned-in.v1", 6, "turned_in", 3),
    ]
    assert {tuple(event.data["student_ids"]) for event in await told(database)} == {(sam.id,)}


async def test_what_is_still_written_is_nobody_elses(school: School, work: str) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    me = f"{work}/submissions/me"
    own = await sam.put(me, {"body": "SECRET draft"})
    path = f"/submissions/{own['id']}"
    seen = await tara.get(path)
    assert (seen.status, seen["body"], seen["turn_ins"]) == (200, "", [])
    for name in ("sue", "sid", "theo", "other_teacher", "other_student"):
        assert (await school[name].get(path)).status == 404, name
    assert (await sue.get(me)).status == 404
    await sam.post(f"{me}/turn-in")
    await sam.post(f"{me}/reclaim")
    await sam.put(me, {"body": "ANOTHER draft"})
    seen = await tara.get(path)
    assert (seen["body"], seen["turn_ins"][0]["body"]) == ("", "SECRET draft")


async def test_the_server_says_what_is_late(school: School, room: str, database: Database) -> None:
    sam, sue = school["sam"], school["sue"]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    late = await homework(school, room, due_at=yesterday)
    await sam.put(f"{late}/submissions/me", {"body": "x"})
    turned_in = await sam.post(f"{late}/submissions/me/turn-in", {}, Date="Mon, 01 Jan 2024 00:00:00 GMT")
    assert 86_400 <= turned_in["late_seconds"] < 86_500
    assert (await told(database))[-1].data["late_seconds"] == turned_in["late_seconds"]
    grade = await school["tara"].put(f"{late}/grades/{sam.id}", {"score": 5})
    assert (grade["late"], grade["late_seconds"], grade["number"]) == (True, turned_in["late_seconds"], 1)
    # A teacher's word stands above it, also for what a late policy takes off.
    for said, seconds in ((False, 0), (True, turned_in["late_seconds"])):
        grade = await school["tara"].put(
            f"{late}/grades/{sam.id}", {"score": 5, "late": said, "released": True}, If_Match="*"
        )
        assert (grade["late"], grade["late_seconds"]) == (said, seconds)
        (result,) = (await events(database))[-1].data["results"]
        assert [result["late_seconds"], *(it["late_seconds"] for it in result["submissions"])] == [seconds] * 2
    on_paper = await school["tara"].put(f"{late}/grades/{sue.id}", {"score": 5, "late": True})
    assert (on_paper["late"], on_paper["late_seconds"]) == (True, 1)
    strict = await homework(school, room, due_at=yesterday, accepts_late=False)
    await sue.put(f"{strict}/submissions/me", {"body": "x"})
    assert (await sue.post(f"{strict}/submissions/me/turn-in")).code == "too_late"
    # Who gets more time is in time.
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await school["tara"].patch(strict, {"due_at": tomorrow})
    assert (await sue.post(f"{strict}/submissions/me/turn-in"))["late_seconds"] == 0


async def test_it_is_turned_in_as_often_as_is_allowed(school: School, room: str) -> None:
    sam, work = school["sam"], await homework(school, room, turn_in_limit=2)
    me = f"{work}/submissions/me"
    await sam.put(me, {"body": "x"})
    await sam.post(f"{me}/turn-in")
    await sam.post(f"{me}/reclaim")
    last = await sam.post(f"{me}/turn-in")
    # What could not be turned in again is not taken back, or the student would end without any.
    assert (await sam.post(f"{me}/reclaim")).code == "turn_in_limit"
    await school["tara"].post(f"/submissions/{last['id']}/return")
    assert (await sam.post(f"{me}/turn-in")).code == "turn_in_limit"


async def test_turned_in_many_times_at_once_is_once(school: School, work: str, sql: Sql) -> None:
    """GUARANTEES 22"""
    sam = school["sam"]
    me = f"{work}/submissions/me"
    begun = await asyncio.gather(*(sam.put(me, {"body": str(n)}) for n in range(5)))
    assert {answer.status for answer in begun} <= {200, 409}
    answers = await asyncio.gather(*(sam.post(f"{me}/turn-in") for _ in range(8)))
    assert {(answer.status, answer["number"]) for answer in answers} == {(200, 1)}
    assert sql("SELECT count(*) FROM turn_ins") == [(1,)]
    assert sql("SELECT count(*) FROM submissions") == [(1,)]
    assert sql("SELECT turned_in_count FROM assignments") == [(1,)]


async def test_a_file_that_went_meanwhile_holds_the_turn_in_back(school: School, work: str, database: Database) -> None:
    sam = school["sam"]
    me = f"{work}/submissions/me"
    essay = await uploaded(database, sam)
    await sam.put(me, {"body": "x", "file_ids": [essay]})
    await inbox.apply(database, HANDLERS, [file_event(sam, "deleted", 2, file_id=essay)])
    assert (await sam.post(f"{me}/turn-in")).code == "file_not_ready"
    await sam.put(me, {"body": "x"})
    assert (await sam.post(f"{me}/turn-in")).status == 200


async def attached(database: Database) -> list[tuple[str, bool]]:
    """What files is told is attached: each file, and whether as a student's work."""
    newest = {e.subject: e.data for e in await events(database) if ".attachment-" in e.type}
    return sorted(
        (it["file_id"], it["submission_id"] is not None) for it in newest.values() if it["status"] == "active"
    )


async def test_what_was_turned_in_keeps_its_files(school: School, work: str, database: Database) -> None:
    """Whatever becomes of the draft: they stay attached, so nobody deletes them and teachers go on reading them."""
    sam, me = school["sam"], f"{work}/submissions/me"
    first, second = [await uploaded(database, sam, name=f"{n}.pdf") for n in range(2)]
    await sam.put(me, {"file_ids": [first]})
    # A draft is no work yet: teachers are given none of it.
    assert await attached(database) == [(first, False)]
    await sam.post(f"{me}/turn-in")
    assert await attached(database) == sorted([(first, False), (first, True)])
    await sam.post(f"{me}/reclaim")
    await sam.put(me, {"file_ids": [second]})
    assert await attached(database) == sorted([(first, True), (second, False)])
    await sam.post(f"{me}/turn-in")
    # The work is what was turned in last; what was before can still be read.
    assert await attached(database) == sorted([(first, False), (second, False), (second, True)])
    turn_ins = (await school["tara"].get(f"/submissions/{(await sam.get(me))['id']}"))["turn_ins"]
    assert [[file["file_id"] for file in it["files"]] for it in turn_ins] == [[second], [first]]


async def test_two_windows_see_each_other(school: School, work: str) -> None:
    sam, me = school["sam"], f"{work}/submissions/me"
    tag = (await sam.put(me, {"body": "1"})).headers["Etag"]
    await sam.put(me, {"body": "2"}, If_Match=tag)
    stale = await sam.put(me, {"body": "3"}, If_Match=tag)
    assert (stale.status, stale["current"]["body"], stale["yours"]["body"]) == (412, "2", "3")


async def test_another_students_file_is_not_attached(school: School, work: str, database: Database) -> None:
    theirs = await uploaded(database, school["sue"])
    answer = await school["sam"].put(f"{work}/submissions/me", {"body": "x", "file_ids": [theirs]})
    nothing = await school["sam"].put(f"{work}/submissions/me", {"body": "x", "file_ids": [str(uuid7())]})
    assert (answer.status, answer["detail"]) == (nothing.status, nothing["detail"]) == (404, "There is no such file.")


async def test_teachers_list_everybody_with_work_and_grade(school: School, work: str) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    own = await sam.put(f"{work}/submissions/me", {"body": "x"})
    await sam.post(f"{work}/submissions/me/turn-in")
    grade = await tara.put(f"/submissions/{own['id']}/grade", {"score": "7.5", "feedback": "Good"})
    assert (grade.status, grade["items"][0]["number"], grade.headers["Etag"]) == (200, 1, '"1"')
    listed = await tara.get(f"{work}/submissions")
    shown = {item["name"]: (item["status"], item["score"], item["number"]) for item in listed["items"]}
    assert shown == {"Sam": ("turned_in", "7.5", 1), "Sue": ("missing", None, 0)}
    assert [i["name"] for i in (await tara.get(f"{work}/submissions?status=missing"))["items"]] == ["Sue"]
    first = await tara.get(f"{work}/submissions?limit=1")
    rest = await tara.get(f"{work}/submissions?limit=1&cursor={first['next_cursor']}")
    assert {item["student_id"] for item in first["items"] + rest["items"]} == {sam.id, sue.id}
    assert rest["next_cursor"] is None


async def test_work_and_grades_are_listed_by_name(school: School, room: str, sql: Sql) -> None:
    """Names that are alike are told apart by their ids, and no page leaves one out or tells one twice."""
    tara, work = school["tara"], await homework(school, room)
    for name in ("Zoe", "Ada", "Mia", "Ada", "Bo", "Mia", "Ada"):
        id_ = str(uuid7())
        sql(ACCOUNT, str(tara.school_id), id_, name, id_)
        await tara.post(f"{room}/students", {"account_id": id_})
        await tara.put(f"{work}/grades/{id_}", {"score": 5})
    everybody, graded = "Ada Ada Ada Bo Mia Mia Sam Sue Zoe", "Ada Ada Ada Bo Mia Mia Zoe"
    for path, names in (("submissions", everybody), ("grades", graded)):
        for limit in (1, 2, 50):
            found: list[Any] = []
            more = ""
            while not found or more:
                page = await tara.get(f"{work}/{path}?limit={limit}{more}")
                found += page["items"]
                more = f"&cursor={page['next_cursor']}" if page["next_cursor"] else ""
            assert [item["name"] for item in found] == names.split(), (path, limit)
            assert len({item["student_id"] for item in found}) == len(found)


async def test_of_two_teachers_with_the_same_etag_one_is_told(school: School, work: str) -> None:
    """GUARANTEES 24"""
    tara, admin, sam = school["tara"], school["admin"], school["sam"]
    own = await sam.put(f"{work}/submissions/me", {"body": "x"})
    await sam.post(f"{work}/submissions/me/turn-in")
    path = f"/submissions/{own['id']}/grade"
    tag = (await tara.put(path, {"score": 1})).headers["Etag"]
    answers = await asyncio.gather(*(who.put(path, {"score": n}, If_Match=tag) for n, who in ((2, tara), (3, admin))))
    assert sorted(answer.status for answer in answers) == [200, 412]
    (refused,) = [answer for answer in answers if answer.status == 412]
    (stored,) = [answer for answer in answers if answer.status == 200]
    assert refused["current"][0]["score"] == stored["items"][0]["score"] != refused["yours"]["score"]


async def test_each_graded_turn_in_is_told_once_released(school: School, work: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    me = f"{work}/submissions/me"
    own = await sam.put(me, {"body": "x"})
    for score, tag in (("4", {}), ("8", {"If_Match": "*"})):
        await sam.post(f"{me}/turn-in")
        await tara.put(f"/submissions/{own['id']}/grade", {"score": score}, **tag)
        await sam.post(f"{me}/reclaim")
    assert not [event for event in await events(database) if ".grade-" in event.type]
    await tara.post(f"{work}/release", {"student_ids": [sam.id]})
    (event,) = [event for event in await events(database) if ".grade-" in event.type]
    result = event.data["results"][0]
    assert (result["score"], [(s["number"], s["score"]) for s in result["submissions"]]) == ("8", [(1, "4"), (2, "8")])
    shown = (await sam.get("/bootstrap"))["own"][0]["grades"][0]
    assert shown["submissions"] == result["submissions"]


async def test_nothing_before_release_shows_a_grade(school: School, work: str) -> None:
    """GUARANTEES 26"""
    assert await leaks(school, work, "/bootstrap", "7.125") == []


async def test_a_leak_would_be_seen(school: School, work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of GUARANTEES 26"""
    await school["tara"].put(f"{work}/grades/{school['sam'].id}", {"score": "7.125", "released": True})
    assert await leaks(school, work, "/bootstrap", "7.125", graded=True) == ["/bootstrap"]


async def leaks(school: School, work: str, *extra: str, graded: bool = False) -> list[str]:
    """The paths that show a student the drafted score or feedback."""
    *paths, score = extra
    tara, sam = school["tara"], school["sam"]
    own = await sam.put(f"{work}/submissions/me", {"body": "x"})
    await sam.post(f"{work}/submissions/me/turn-in")
    if not graded:
        grade = {"score": score, "feedback": "HIDDEN words"}
        assert (await tara.put(f"/submissions/{own['id']}/grade", grade)).status == 200
    paths += [work, f"{work}/submissions/me", f"{work}/submissions", f"/submissions/{own['id']}", f"{work}/grades"]
    paths += [f"{work}/comments", f"{work}/notes", f"{work}/attendance", f"{work}/grades/{sam.id}/history"]
    texts = {path: str((await sam.get(path)).data) for path in paths}
    return [path for path, text in texts.items() if score in text or "HIDDEN" in text]


async def test_the_bootstrap_shows_own_work_at_once(school: School, work: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    me = f"{work}/submissions/me"
    own = await sam.put(me, {"body": "One"})
    for who, method, path, body in (
        (sam, "POST", f"{me}/turn-in", None),
        (sam, "POST", f"{me}/reclaim", None),
        (sam, "PUT", me, {"body": "Two"}),
        (sam, "POST", f"{me}/turn-in", None),
        (tara, "POST", f"/submissions/{own['id']}/return", None),
    ):
        assert (await who.call(method, path, body)).status == 200, path
        for other in (sam, tara, school["sue"]):
            assert (await other.get("/bootstrap")).data == await uncached(other, database), (path, other.name)
    assert (await tara.get("/bootstrap"))["classrooms"][0]["assignments"][0]["turned_in_count"] == 1


async def test_what_takes_no_work(school: School, room: str, work: str) -> None:
    sam = school["sam"]
    lecture = await homework(school, room, kind="lecture", points_possible=None)
    assert (await sam.put(f"{lecture}/submissions/me", {"body": "x"})).code == "no_submissions"
    await school["tara"].patch(room, {"status": "archived"})
    assert (await sam.put(f"{work}/submissions/me", {"body": "x"})).code == "classroom_archived"


@pytest.mark.parametrize("extra", ["role", "school_id", "grade", "released", "status", "turned_in_at", "score"])
async def test_a_student_sends_nothing_else(school: School, work: str, extra: str) -> None:
    """GUARANTEES 44"""
    answer = await school["sam"].put(f"{work}/submissions/me", {"body": "x", extra: "1"})
    assert (answer.status, answer["errors"][0]["field"]) == (422, f"body.{extra}")
    assert (await school["sam"].get(f"{work}/submissions/me")).status == 404


async def test_who_comes_back_finds_their_work(school: School, room: str, work: str) -> None:
    tara, sam = school["tara"], school["sam"]
    me = f"{work}/submissions/me"
    await sam.put(me, {"body": "Kept"})
    await sam.post(f"{me}/turn-in")
    before = (await sam.get("/bootstrap"))["own"]
    await tara.delete(f"{room}/students/{sam.id}")
    assert (await sam.get(me)).status == 404
    assert [i["name"] for i in (await tara.get(f"{work}/submissions"))["items"]] == ["Sue"]
    await tara.post(f"{room}/students", {"account_id": sam.id})
    assert (await sam.get("/bootstrap"))["own"] == before
