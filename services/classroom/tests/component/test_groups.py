"""Groups: by hand, at random, by signing up; one submission a group; moving somebody later."""

import asyncio
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from aiohttp.test_utils import TestClient

from chassis import inbox
from chassis.db import Database
from chassis.identity import Role
from chassis.keys import CACHE
from chassis.testing import Issuer, eventually, uuid7
from classroom.consumers import HANDLERS
from classroom.testing import Actor, Answer, Sql, account_event, events, settle, uncached, uploaded

School = dict[str, Actor]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
async def pupils(school: School, client: TestClient[Any, Any], database: Database, issuer: Issuer) -> list[Actor]:
    """Eight students of tara's classroom."""
    here = school["tara"].school_id
    found = [Actor(client, f"pupil{n}", issuer.caller(Role.STUDENT, here)) for n in range(8)]
    await settle(database, found)
    return found


@pytest.fixture
async def room(school: School, pupils: list[Actor]) -> str:
    """The path of a classroom that tara teaches and the eight attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for pupil in pupils:
        assert (await school["tara"].post(f"{room}/students", {"account_id": pupil.id})).status == 204
    return room


@pytest.fixture
async def work(school: School, room: str) -> str:
    """The path of a group assignment of 10 points."""
    body = {"kind": "group", "title": "G", "points_possible": 10, "status": "published"}
    return f"/assignments/{(await school['tara'].made(f'{room}/assignments', body))['id']}"


def named(name: str, *students: Actor, **more: Any) -> dict[str, Any]:
    return {"name": name, "student_ids": [student.id for student in students]} | more


async def by_hand(teacher: Actor, work: str, *groups: dict[str, Any], **more: Any) -> Answer:
    return await teacher.put(f"{work}/groups", {"groups": list(groups)} | more)


def shape(grouping: Answer) -> dict[str, list[str]]:
    return {group["name"]: [student["student_id"] for student in group["students"]] for group in grouping["groups"]}


async def check_bootstraps(database: Database, *actors: Actor) -> None:
    for actor in actors:
        assert (await actor.get("/bootstrap")).data == await uncached(actor, database), actor.name


async def test_groups_by_hand(school: School, pupils: list[Actor], work: str, database: Database) -> None:
    tara, (one, two, three, *_) = school["tara"], pupils
    assert (await tara.get(f"{work}/groups"))["groups"] == []
    made = await by_hand(tara, work, named("Red", one, two), named("Blue", three))
    assert (made.status, {name: set(ids) for name, ids in shape(made).items()}) == (
        200,
        {"Red": {one.id, two.id}, "Blue": {three.id}},
    )
    assert len(made["ungrouped"]) == 5
    red, blue = (group["id"] for group in made["groups"])
    # Names may be exchanged, and an older edition is refused.
    tag = made.headers["Etag"]
    swapped = await by_hand(tara, work, named("Red", three, id=blue), named("Blue", one, id=red))
    assert shape(swapped) == {"Red": [three.id], "Blue": [one.id]}
    stale = await tara.put(f"{work}/groups", {"groups": []}, If_Match=tag)
    assert (stale.status, len(stale["current"]["groups"])) == (412, 2)
    own = (await one.get("/bootstrap"))["own"][0]["groups"]
    assert [(group["name"], [s["name"] for s in group["students"]]) for group in own] == [("Blue", ["Pupil0"])]
    assert (await two.get("/bootstrap"))["own"][0]["groups"] == []
    # A student learns who is in their own group and of no other.
    assert [group["name"] for group in (await one.get(f"{work}/groups"))["groups"]] == ["Blue"]
    await check_bootstraps(database, tara, *pupils)


async def test_wrong_groups_are_named(school: School, pupils: list[Actor], work: str) -> None:
    tara, (one, two, *_) = school["tara"], pupils
    await by_hand(tara, work, named("Kept", one))
    for groups, field in (
        ([named("Red", one), named("red", two)], "body.groups.1.name"),
        ([named("Red", one, id=str(uuid7()))], "body.groups.0.id"),
        ([named("Red", one, two), named("Blue", one)], "body.groups.1.student_ids.0"),
        ([named("Red", one, school["sue"])], "body.groups.0.student_ids.1"),
        ([named("Red", school["other_student"])], "body.groups.0.student_ids.0"),
        ([named("Red"), named("Blue", *pupils[:3])], "body.groups.1.student_ids"),
    ):
        answer = await by_hand(tara, work, *groups, limit=2)
        assert (answer.status, answer["errors"][0]["field"]) == (422, field)
    assert shape(await tara.get(f"{work}/groups")) == {"Kept": [one.id]}
    quiz = (await tara.made(f"/classrooms/{(await tara.get(work))['classroom_id']}/assignments",
                            {"kind": "quiz", "title": "Q"}))["id"]  # fmt: skip
    assert (await by_hand(tara, f"/assignments/{quiz}", named("Red"))).code == "no_groups"


@pytest.mark.parametrize(
    ("body", "sizes"), [({"size": 3}, [3, 3, 2]), ({"count": 3}, [3, 3, 2]), ({"count": 20}, [1] * 8)]
)
async def test_groups_at_random_are_even(
    school: School, pupils: list[Actor], work: str, body: dict[str, int], sizes: list[int]
) -> None:
    answer = await school["tara"].post(f"{work}/groups/random", body)
    assert sorted((group["student_count"] for group in answer["groups"]), reverse=True) == sizes
    assert {id_ for ids in shape(answer).values() for id_ in ids} == {pupil.id for pupil in pupils}
    assert (answer["ungrouped"], answer["seed"]) == ([], None)


async def test_a_seed_draws_the_same_again(school: School, pupils: list[Actor], work: str) -> None:
    tara = school["tara"]
    first = await tara.post(f"{work}/groups/random", {"size": 2, "seed": "2026-11-25"})
    await tara.post(f"{work}/groups/random", {"size": 2})
    again = await tara.post(f"{work}/groups/random", {"size": 2, "seed": "2026-11-25"})
    assert (shape(first), again["seed"]) == (shape(again), "2026-11-25")
    # Students do not learn what would let them foresee the next draw.
    assert (await pupils[0].get(f"{work}/groups"))["seed"] is None
    await pupils[0].put(f"{work}/submissions/me", {"body": "x"})
    assert (await tara.post(f"{work}/groups/random", {"size": 2})).code == "work_begun"


async def test_the_last_place_goes_to_one(
    school: School, pupils: list[Actor], work: str, sql: Sql, database: Database
) -> None:
    tara = school["tara"]
    made = await by_hand(tara, work, named("Red"), named("Blue"), mode="self_sign_up", limit=3)
    red, blue = (f"/groups/{group['id']}/members/me" for group in made["groups"])
    answers = await asyncio.gather(*(pupil.post(red) for pupil in pupils))
    assert sorted(answer.status for answer in answers) == [200] * 3 + [409] * 5
    assert {answer.code for answer in answers if answer.status == 409} == {"group_full"}
    assert sql("SELECT student_count, (SELECT count(*) FROM group_members) FROM groups WHERE name = 'Red'") == [(3, 3)]
    inside = [pupil for pupil, answer in zip(pupils, answers, strict=True) if answer.status == 200]
    outside = next(pupil for pupil in pupils if pupil not in inside)
    assert (await inside[0].post(red)).status == 200
    assert (await inside[0].post(blue)).code == "in_a_group"
    shown = {group["name"]: group for group in (await outside.get(f"{work}/groups"))["groups"]}
    assert (shown["Red"]["student_count"], shown["Red"]["students"]) == (3, None)
    assert (await inside[0].delete(red)).status == 204
    assert (await outside.post(red)).status == 200
    await check_bootstraps(database, tara, *pupils)
    # Who has begun stays, and where teachers make the groups nobody chooses.
    await outside.put(f"{work}/submissions/me", {"body": "x"})
    assert (await inside[1].delete(red)).code == "work_begun"
    await by_hand(tara, work, *[named(g["name"], id=g["id"]) | {"student_ids": [s["student_id"] for s in g["students"]]}
                                for g in (await tara.get(f"{work}/groups"))["groups"]])  # fmt: skip
    assert (await inside[0].post(blue)).code == "no_sign_up"


async def test_a_group_that_goes_while_one_signs_up_is_not_there(
    school: School, pupils: list[Actor], work: str, database_url: str, sql: Sql
) -> None:
    made = await by_hand(school["tara"], work, named("Red"), named("Blue"), mode="self_sign_up")
    red = made["groups"][0]["id"]
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("SELECT FROM assignments FOR NO KEY UPDATE")
        cursor.execute("DELETE FROM groups WHERE id = %s", [red])
        signing_up = asyncio.create_task(pupils[0].post(f"/groups/{red}/members/me"))

        async def waits() -> bool:
            return sql(WAITING) == [(1,)]

        await eventually(waits)
        other.commit()
    answer = await signing_up
    assert (answer.status, answer["detail"]) == (404, "There is no such group.")


async def test_a_group_turns_in_once(school: School, pupils: list[Actor], work: str, database: Database) -> None:
    tara, (one, two, three, *_) = school["tara"], pupils
    me = f"{work}/submissions/me"
    assert (await one.put(me, {"body": "x"})).code == "no_group"
    await by_hand(tara, work, named("Red", one, two))
    essay = await uploaded(database, one)
    answers = await asyncio.gather(one.put(me, {"body": "1", "file_ids": [essay]}), two.put(me, {"body": "2"}))
    assert 200 in {answer.status for answer in answers} <= {200, 409}
    begun = await one.put(me, {"body": "Ours", "file_ids": [essay]})
    assert set(begun["student_ids"]) == {one.id, two.id}
    # Any member writes and turns in; a file of another member stays.
    assert (await two.put(me, {"body": "Ours too", "file_ids": [essay]})).status == 200
    turned = await asyncio.gather(one.post(f"{me}/turn-in"), two.post(f"{me}/turn-in"))
    assert {(answer.status, answer["number"]) for answer in turned} == {(200, 1)}
    assert set(turned[0]["turn_ins"][0]["student_ids"]) == {one.id, two.id}
    attached = [event.data for event in await events(database) if event.type == "classroom.attachment-added.v1"]
    assert set(attached[-1]["reader_ids"]) == {one.id, two.id}
    # All get the grade, and one of them another.
    path = f"/submissions/{begun['id']}"
    assert len((await tara.put(f"{path}/grade", {"score": 8, "released": True}))["items"]) == 2
    assert (await tara.put(f"{work}/grades/{two.id}", {"score": 5, "released": True}, If_Match='"1"')).status == 200
    own = [(await who.get("/bootstrap"))["own"][0]["grades"][0]["score"] for who in (one, two)]
    assert own == ["8", "5"]
    told = [event for event in await events(database) if event.type.startswith("classroom.grade-")]
    assert [sorted(r["student_id"] for r in event.data["results"]) for event in told] == [
        sorted([one.id, two.id]), [two.id],
    ]  # fmt: skip
    assert (await three.get(path)).status == 404
    listed = {item["student_id"]: item["status"] for item in (await tara.get(f"{work}/submissions"))["items"]}
    assert (listed[one.id], listed[two.id], listed[three.id]) == ("turned_in", "turned_in", "missing")
    await check_bootstraps(database, tara, one, two, three)


async def two_groups(school: School, pupils: list[Actor], work: str, database: Database) -> tuple[str, str]:
    """Red (one, two) has 8 points released for its work, Blue (three, four) 6, Green is empty; the first two's ids."""
    tara, (one, two, three, four, *_) = school["tara"], pupils
    made = await by_hand(tara, work, named("Red", one, two), named("Blue", three, four), named("Green"))
    for who, score in ((one, 8), (three, 6)):
        files = [await uploaded(database, who)]
        own = await who.put(f"{work}/submissions/me", {"body": who.name, "file_ids": files})
        await who.post(f"{work}/submissions/me/turn-in")
        await tara.put(f"/submissions/{own['id']}/grade", {"score": score, "released": True})
    return made["groups"][0]["id"], made["groups"][1]["id"]


@pytest.mark.parametrize(("choice", "score"), [("keep", "8"), ("follow", "6")])
async def test_a_student_is_moved_with_their_work_or_without(
    school: School, pupils: list[Actor], work: str, database: Database, sql: Sql, choice: str, score: str
) -> None:
    tara, (one, *_) = school["tara"], pupils
    _, blue = await two_groups(school, pupils, work, database)
    asked = {"student_id": one.id, "group_id": blue, "work": choice}
    before = len(await events(database)), (await one.get("/bootstrap")).data
    preview = await tara.post(f"{work}/groups/moves?dry_run=true", asked)
    assert (len(await events(database)), (await one.get("/bootstrap")).data) == before
    moved = await tara.post(f"{work}/groups/moves", asked)
    assert (moved.status, moved.data) == (200, preview.data)
    assert (moved["before"]["score"], moved["after"]["score"], moved["after"]["group_name"]) == ("8", score, "Blue")
    assert (await one.get("/bootstrap"))["own"][0]["grades"][0]["score"] == score
    follows = choice == "follow"
    assert (await one.get(f"{work}/submissions/me"))["body"] == ("pupil2" if follows else "pupil0")
    # Who was whose at the time of turning in is never rewritten, and files follow the people.
    assert {len(ids) for (ids,) in sql("SELECT student_ids FROM turn_ins")} == {2}
    readers = {e.subject: e.data["reader_ids"] for e in await events(database) if "attachment-added" in e.type}
    assert sorted(map(len, readers.values())) == ([1, 1, 3, 3] if follows else [2, 2, 2, 2])
    told = {e.subject: e.data["student_ids"] for e in await events(database) if ".submission-" in e.type}
    assert sorted(map(len, told.values())) == ([1, 3] if follows else [2, 2])
    await check_bootstraps(database, tara, *pupils)


async def test_moves_that_leave_nothing_behind(
    school: School, pupils: list[Actor], work: str, database: Database, sql: Sql
) -> None:
    tara, (one, two, _, four, five, *_) = school["tara"], pupils
    red, blue = await two_groups(school, pupils, work, database)
    moves = f"{work}/groups/moves"
    # Into no group, the work left behind: the grade goes too, and its history stays.
    gone = await tara.post(moves, {"student_id": one.id, "group_id": None, "work": "follow"})
    assert (gone["after"]["work"], gone["after"]["score"], gone["after"]["released"]) == ("missing", None, False)
    last = [e for e in await events(database) if e.type == "classroom.grade-changed.v1"][-1].data["results"]
    assert [(result["student_id"], result["score"]) for result in last] == [(one.id, None)]
    history = (await tara.get(f"{work}/grades/{one.id}/history"))["items"]
    assert [past["score"] for past in history] == [None, "8"]
    # What nobody is left of is no work that came in; it is there again for who comes back.
    await tara.post(moves, {"student_id": two.id, "group_id": blue, "work": "follow"})
    assert (await tara.get(work))["turned_in_count"] == 1
    back = await tara.post(moves, {"student_id": one.id, "group_id": red, "work": "follow"})
    assert (back["after"]["work"], (await tara.get(work))["turned_in_count"]) == ("turned_in", 2)
    # Who has no work yet takes that of the group, whatever was chosen.
    joined = await tara.post(moves, {"student_id": five.id, "group_id": blue, "work": "keep"})
    assert (joined["after"]["work"], joined["after"]["score"]) == ("turned_in", "6")
    # Grades that differ in a group have nothing in common to follow.
    await tara.put(f"{work}/grades/{four.id}", {"score": 1, "released": True}, If_Match="*")
    odd = await tara.post(moves, {"student_id": one.id, "group_id": blue, "work": "follow"})
    assert (odd["after"]["work"], odd["after"]["score"]) == ("turned_in", None)
    await check_bootstraps(database, tara, *pupils)


async def test_refused_moves(school: School, pupils: list[Actor], work: str, database: Database) -> None:
    tara, (one, *_) = school["tara"], pupils
    _, blue = await two_groups(school, pupils, work, database)
    moves = f"{work}/groups/moves"
    for student, group, field in ((school["sue"].id, blue, "student_id"), (one.id, str(uuid7()), "group_id")):
        answer = await tara.post(moves, {"student_id": student, "group_id": group, "work": "keep"})
        assert (answer.status, answer["errors"][0]["field"]) == (422, f"body.{field}")
    # By hand nobody is torn from their work, and no group of work goes.
    assert (await by_hand(tara, work)).code == "group_has_work"
    everybody = (await tara.get(f"{work}/groups"))["groups"]
    same = [{"id": g["id"], "name": g["name"], "student_ids": []} for g in everybody]
    assert (await by_hand(tara, work, *same)).code == "has_work"
    same = [
        g | {"student_ids": [s["student_id"] for s in known["students"]]}
        for g, known in zip(same, everybody, strict=True)
    ]
    assert (await by_hand(tara, work, *same, limit=2)).status == 200
    assert (await tara.post(moves, {"student_id": one.id, "group_id": blue, "work": "keep"})).code == "group_full"


async def test_who_comes_back_is_in_their_group_again(
    school: School, pupils: list[Actor], room: str, work: str, database: Database
) -> None:
    tara, (one, two, *_) = school["tara"], pupils
    await two_groups(school, pupils, work, database)
    lecture = await tara.made(f"{room}/assignments", {"kind": "lecture", "title": "L", "status": "published"})
    await one.put(f"/assignments/{lecture['id']}/notes/me", {"rev": 1, "body": "Mine"})
    before = (await one.get("/bootstrap"))["own"]
    assert [len(before[0][kind]) for kind in ("groups", "submissions", "grades", "notes")] == [1, 1, 1, 1]
    await tara.delete(f"{room}/students/{one.id}")
    shown = (await tara.get(f"{work}/groups"))["groups"][0]["students"]
    assert {(s["student_id"], s["attends"]) for s in shown} == {(one.id, False), (two.id, True)}
    await tara.post(f"{room}/students", {"account_id": one.id})
    assert (await one.get("/bootstrap"))["own"] == before


async def test_a_group_is_graded_again_after_one_of_it_left(
    school: School, pupils: list[Actor], room: str, work: str, database: Database
) -> None:
    """The ETag of its grades is what replaces them, whoever of them is here."""
    tara, (one, two, *_) = school["tara"], pupils
    await two_groups(school, pupils, work, database)
    path = f"/submissions/{(await one.get(f'{work}/submissions/me'))['id']}/grade"
    await tara.delete(f"{room}/students/{two.id}")
    stale = await tara.put(path, {"score": 3}, If_Match='"1"')
    assert (stale.status, [grade["version"] for grade in stale["current"]]) == (412, [1, 1])
    again = await tara.put(path, {"score": 3}, If_Match='"2"')
    assert (again.status, {grade["student_id"]: grade["score"] for grade in again["items"]}) == (
        200,
        {one.id: "3", two.id: "8"},
    )
    assert (await tara.put(path, {"score": 4}, If_Match=again.headers["Etag"])).status == 200


async def test_a_new_name_reaches_the_group(
    school: School, pupils: list[Actor], work: str, database: Database, client: TestClient[Any, Any]
) -> None:
    one, two = pupils[:2]
    await by_hand(school["tara"], work, named("Red", one, two))
    await one.get("/bootstrap")
    await inbox.apply(database, HANDLERS, [account_event(two, 2, name="Renamed")])
    *_, owed = await database.rows("outbox_invalidations", limit=100)
    assert client.app is not None
    await client.app[CACHE].invalidate(owed["invalidates"])
    students = (await one.get("/bootstrap"))["own"][0]["groups"][0]["students"]
    assert {student["name"] for student in students} == {"Pupil0", "Renamed"}
