"""Inviting students by e-mail, and who owns a classroom."""

import asyncio
from typing import Any

import pytest

from chassis import inbox
from chassis.db import Database
from chassis.identity import Role
from chassis.testing import Issuer
from chassis.testing_personal_data import erased, exported, traces
from classroom.consumers import HANDLERS
from classroom.invitations.commands import accept_awaited
from classroom.testing import Actor, Sql, account_event, events, uncached

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara owns."""
    return f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"


@pytest.fixture
def nora(school: School, issuer: Issuer) -> Actor:
    """A student whose account is not made yet."""
    tara = school["tara"]
    return Actor(tara.client, "nora", issuer.caller(Role.STUDENT, tara.school_id))


async def told(database: Database) -> list[tuple[int, str, str]]:
    found = [event for event in await events(database) if event.type == "classroom.student-invited.v1"]
    return [(event.sequence, event.data["email"], event.data["status"]) for event in found]


async def test_who_is_invited_attends_as_soon_as_they_have_an_account(
    school: School, room: str, nora: Actor, database: Database
) -> None:
    tara = school["tara"]
    invited = await tara.post(f"{room}/invitations", {"email": " Nora@Elm.example "})
    assert (invited.status, invited["email"], invited["status"]) == (201, "nora@elm.example", "pending")
    assert (await nora.get(room)).status == 404
    await inbox.apply(database, HANDLERS, [account_event(nora)])
    assert (await nora.get(room)).status == 200
    assert (await tara.get(f"{room}/invitations"))["items"][0]["status"] == "accepted"
    assert await told(database) == [(1, "nora@elm.example", "pending"), (2, "nora@elm.example", "accepted")]
    assert [event.type for event in await events(database)].count("classroom.student-enrolled.v1") == 1
    assert (await tara.post(f"{room}/invitations", {"email": "nora@elm.example"})).code == "attends_already"
    path = f"{room}/invitations/{invited['id']}"
    assert (await tara.delete(path)).code == "accepted_already"
    assert (await uncached(tara, database))["classrooms"][0]["classroom"]["student_count"] == 1


async def test_a_student_of_the_school_is_enrolled_at_once(school: School, room: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    assert (await tara.post(f"{room}/invitations", {"email": "sam@elm.example"}))["status"] == "accepted"
    assert (await sam.get("/bootstrap")).data == await uncached(sam, database)
    assert len((await sam.get("/bootstrap"))["classrooms"]) == 1
    assert await told(database) == [(1, "sam@elm.example", "accepted")]
    assert (await tara.post(f"{room}/invitations", {"email": "theo@elm.example"})).code == "wrong_role"
    await inbox.apply(database, HANDLERS, [account_event(school["sue"], 2, status="deactivated")])
    assert (await tara.post(f"{room}/invitations", {"email": "sue@elm.example"})).code == "deactivated"
    assert (await tara.post(f"{room}/invitations", {"email": "no address"})).status == 422


async def test_the_same_address_is_one_invitation(school: School, room: str, database: Database, sql: Sql) -> None:
    tara, address = school["tara"], {"email": "new@oak.example"}
    answers = await asyncio.gather(*(tara.post(f"{room}/invitations", address) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201, 429, 429, 429, 429]
    (first,) = [answer for answer in answers if answer.status == 201]
    path = f"{room}/invitations/{first['id']}"
    assert [(await tara.delete(path)).status for _ in range(2)] == [204, 204]
    # Withdrawn and invited again is no way to write to somebody more often.
    refused = await tara.post(f"{room}/invitations", address)
    assert (refused.code, 3500 < int(refused.headers["Retry-After"]) <= 3600) == ("invited_just_now", True)
    sql("UPDATE invitations SET invited_at = now() - interval '2 hours'")
    again = await tara.post(f"{room}/invitations", address)
    assert (again["id"], again["status"]) == (first["id"], "pending")
    assert [(number, status) for number, _, status in await told(database)] == [
        (1, "pending"), (2, "withdrawn"), (3, "pending"),
    ]  # fmt: skip
    other = f"/classrooms/{(await tara.made('/classrooms', {'title': 'Other'}))['id']}"
    assert (await tara.delete(f"{other}/invitations/{first['id']}")).status == 404


async def test_invitations_are_listed_and_limited(school: School, room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tara = school["tara"]
    for name in "cab":
        await tara.made(f"{room}/invitations", {"email": f"{name}@oak.example"})
    page = await tara.get(f"{room}/invitations?limit=2")
    rest = await tara.get(f"{room}/invitations?limit=2&cursor={page['next_cursor']}")
    assert [item["email"][0] for item in page["items"] + rest["items"]] == ["a", "b", "c"]
    assert (await tara.get(f"{room}/invitations?status=accepted"))["items"] == []
    monkeypatch.setattr("classroom.invitations.routes.PER_ACCOUNT", 1)
    assert (await tara.post(f"{room}/invitations", {"email": "d@oak.example"})).code == "too_many_invitations"


async def test_who_joins_another_way_has_accepted_too(
    school: School, room: str, nora: Actor, database: Database, sql: Sql
) -> None:
    tara = school["tara"]
    await tara.made(f"{room}/invitations", {"email": "nora@elm.example"})
    # A teacher with that address is nobody's student, until they are one.
    await inbox.apply(database, HANDLERS, [account_event(nora, role="teacher")])
    assert await accept_awaited(database) == 0
    sql("UPDATE accounts SET role = 'student' WHERE name = 'Nora'")
    assert (await accept_awaited(database), await accept_awaited(database)) == (1, 0)
    assert (await nora.get(room)).status == 200
    sql("UPDATE invitations SET status = 'pending'")
    await tara.delete(f"{room}/students/{nora.id}")
    code = (await tara.post(f"{room}/join-code"))["join_code"]
    assert (await nora.post("/enrollments", {"join_code": code})).status == 201
    assert sql("SELECT status FROM invitations") == [("accepted",)]


async def test_an_address_is_given_and_forgotten(
    school: School, room: str, nora: Actor, database: Database, database_url: str
) -> None:
    await school["tara"].made(f"{room}/invitations", {"email": "nora@elm.example"})
    await inbox.apply(database, HANDLERS, [account_event(nora)])
    given = await exported(database, "classroom", nora.school_id, nora.caller.account_id)
    assert [one["email"] for one in given["invitations"]] == ["nora@elm.example"]
    await erased(database, "classroom", nora.school_id, nora.caller.account_id)
    assert traces(database_url, "nora@elm").keys() <= {"outbox"}


async def owner(actor: Actor, room: str) -> list[str]:
    return [item["name"] for item in (await actor.get(f"{room}/teachers"))["items"] if item["owner"]]


async def test_an_owner_hands_the_classroom_over(school: School, room: str, database: Database) -> None:
    tara, theo = school["tara"], school["theo"]
    assert await owner(tara, room) == ["Tara"]
    assert (await tara.put(f"{room}/owner", {"account_id": theo.id}))["errors"][0]["field"] == "body.account_id"
    await tara.post(f"{room}/teachers", {"account_id": theo.id})
    # A co-teacher teaches, but neither deletes the classroom nor puts others out.
    assert (await theo.patch(room, {"title": "Ours"})).status == 200
    for answer in (
        await theo.delete(room),
        await theo.delete(f"{room}/teachers/{tara.id}"),
        await theo.put(f"{room}/owner", {"account_id": theo.id}),
    ):
        assert answer.code == "not_the_owner"
    assert (await tara.delete(f"{room}/teachers/{tara.id}")).code == "owner_stays"
    assert (await school["admin"].delete(f"{room}/teachers/{tara.id}")).code == "owner_stays"
    assert (await tara.put(f"{room}/owner", {"account_id": theo.id})).status == 204
    shown = {t["name"]: t["owner"] for t in (await theo.get("/bootstrap"))["classrooms"][0]["teachers"]}
    assert shown == {"Tara": False, "Theo": True}
    assert (await theo.get("/bootstrap")).data == await uncached(theo, database)
    # Oneself one takes off.
    assert (await tara.delete(f"{room}/teachers/{tara.id}")).status == 204
    assert (await theo.delete(f"{room}/teachers/{theo.id}")).code == "last_teacher"
    assert (await theo.delete(room)).status == 204
    assert (await tara.get("/deleted-classrooms"))["items"] == []
    assert (await tara.post(f"{room}/restore")).status == 404
    assert (await theo.post(f"{room}/restore")).status == 200


async def test_what_an_erased_owner_leaves_has_another(school: School, room: str, database: Database) -> None:
    tara, theo, admin = school["tara"], school["theo"], school["admin"]
    await tara.post(f"{room}/teachers", {"account_id": theo.id})
    await erased(database, "classroom", tara.school_id, tara.caller.account_id)
    assert await owner(admin, room) == ["Theo"]
    await erased(database, "classroom", theo.school_id, theo.caller.account_id)
    assert await owner(admin, room) == []
    await admin.post(f"{room}/teachers", {"account_id": admin.id})
    assert await owner(admin, room) == ["Admin"]


async def test_of_hand_over_and_removal_at_once_none_leaves_it_ownerless(school: School, room: str, sql: Sql) -> None:
    tara, theo, admin = school["tara"], school["theo"], school["admin"]
    await tara.post(f"{room}/teachers", {"account_id": theo.id})
    calls: list[Any] = []
    for _ in range(4):
        calls += [tara.put(f"{room}/owner", {"account_id": theo.id}), admin.delete(f"{room}/teachers/{theo.id}")]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} <= {204, 403, 404, 409, 422}
    assert sql(
        "SELECT count(*) FROM classrooms AS c INNER JOIN classroom_teachers AS t"
        " ON t.classroom_id = c.id AND t.teacher_id = c.owner_id AND t.status = 'active'"
    ) == [(1,)]
