"""Classrooms and join codes through the API."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.db import Database, utc_now
from chassis.identity import Role
from chassis.testing import Issuer, uuid7
from classroom.classrooms import commands
from classroom.domain import JOIN_CODE_ALPHABET, normal_join_code
from classroom.testing import Actor, Sql, event_types, events

School = dict[str, Actor]
ALGEBRA = {"title": "Algebra", "subject": "Mathematics", "colour": "#1565c0"}


async def algebra(actor: Actor) -> str:
    return str((await actor.made("/classrooms", ALGEBRA))["id"])


async def test_a_teacher_opens_a_classroom_and_teaches_it(school: School, database: Database) -> None:
    answer = await school["tara"].made("/classrooms", ALGEBRA)
    assert {name: answer[name] for name in ALGEBRA} == ALGEBRA
    assert answer["status"] == "active"
    assert answer["join_code"] is None
    assert answer.headers["Etag"] == '"1"'
    assert answer.headers["Location"] == f"/api/classroom/classrooms/{answer['id']}"
    teachers = await school["tara"].get(f"/classrooms/{answer['id']}/teachers")
    assert [teacher["account_id"] for teacher in teachers["items"]] == [school["tara"].id]
    assert await event_types(database) == ["classroom-created", "teacher-added"]


async def test_an_admin_opens_a_classroom_without_teaching_it(school: School, database: Database) -> None:
    await school["admin"].made("/classrooms", ALGEBRA)
    assert await event_types(database) == ["classroom-created"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 201},
        {"title": "A", "colour": "red"},
        {"title": "A", "school_id": "x"},
        {"title": "A\nB"},
    ],
)
async def test_a_wrong_classroom_is_refused(school: School, database: Database, wrong: dict[str, Any]) -> None:
    assert (await school["tara"].post("/classrooms", wrong)).status == 422
    assert await events(database) == []


async def test_titles_in_any_script_are_kept(school: School) -> None:
    for title in ("Đặng’s class 👩‍🏫", "می\u200cخواهم", "数学 – I"):
        assert (await school["tara"].made("/classrooms", {"title": f" {title} "}))["title"] == title


async def test_students_open_no_classrooms(school: School) -> None:
    assert (await school["sam"].post("/classrooms", ALGEBRA)).status == 403


async def test_an_idempotency_key_opens_one_classroom(school: School) -> None:
    tara = school["tara"]
    first = await tara.post("/classrooms", ALGEBRA, Idempotency_Key="k1")
    again = await tara.post("/classrooms", ALGEBRA, Idempotency_Key="k1")
    assert (first["id"], again.status, again.headers["Location"]) == (again["id"], 201, first.headers["Location"])
    assert (await tara.post("/classrooms", {"title": "Other"}, Idempotency_Key="k1")).code == "key_reused"


async def test_an_idempotency_key_is_of_one_school(school: School, issuer: Issuer) -> None:
    """Somebody who teaches in two schools gets no answer of the one in the other."""
    tara = school["tara"]
    elsewhere = Actor(tara.client, "tara", issuer.caller(Role.TEACHER, uuid7(), tara.caller.account_id))
    assert (await tara.post("/classrooms", {"title": "A"}, Idempotency_Key="k")).status == 201
    assert (await elsewhere.post("/classrooms", {"title": "A"}, Idempotency_Key="k")).code == "key_reused"


async def test_who_reads_what(school: School) -> None:
    path = f"/classrooms/{await algebra(school['tara'])}"
    await school["tara"].post(f"{path}/join-code")
    for name, status in {"tara": 200, "theo": 200, "admin": 200, "sam": 404, "other_admin": 404}.items():
        answer = await school[name].get(path)
        assert answer.status == status, name
        if status == 200:
            assert (answer["join_code"] is not None) == (name in {"tara", "admin"}), name
    assert (await school["sam"].get(path)).data["detail"] == (await school["sam"].get(f"/classrooms/{uuid7()}")).data[
        "detail"
    ]
    assert (await school["sam"].get("/classrooms/x")).status == 404


async def test_lists_are_paged_by_title(school: School) -> None:
    for number in range(5):
        await school["tara"].made("/classrooms", {"title": f"Class {number}"})
    await school["theo"].made("/classrooms", {"title": "Another"})
    titles: list[str] = []
    cursor = ""
    while True:
        page = await school["theo"].get(f"/classrooms?limit=2{cursor}")
        titles += [item["title"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert titles == ["Another", *(f"Class {number}" for number in range(5))]
    mine = await school["theo"].get("/classrooms?mine=true")
    assert [item["title"] for item in mine["items"]] == ["Another"]
    assert (await school["sam"].get("/classrooms"))["items"] == []
    assert (await school["other_admin"].get("/classrooms"))["items"] == []
    assert (await school["theo"].get("/classrooms?cursor=zzz")).status == 422


async def test_a_patch_changes_only_what_it_names(school: School, database: Database) -> None:
    path = f"/classrooms/{await algebra(school['tara'])}"
    answer = await school["tara"].patch(path, {"subject": None}, If_Match='"1"')
    assert (answer["title"], answer["subject"], answer["colour"]) == ("Algebra", None, "#1565c0")
    assert answer.headers["Etag"] == '"2"'
    assert (await events(database))[-1].data["subject"] is None
    assert (await event_types(database))[-1] == "classroom-updated"
    assert (await school["tara"].patch(path, {"title": None})).status == 422


async def test_a_stale_patch_shows_both_values(school: School) -> None:
    path = f"/classrooms/{await algebra(school['tara'])}"
    await school["tara"].patch(path, {"title": "Algebra I"}, If_Match='"1"')
    late = await school["admin"].patch(path, {"title": "Algebra II"}, If_Match='"1"')
    assert (late.status, late["current"]["title"], late["yours"]) == (412, "Algebra I", {"title": "Algebra II"})
    assert (await school["admin"].patch(path, {"title": "Algebra II"}, If_Match="x")).status == 422


async def test_only_its_teachers_and_admins_change_a_classroom(school: School) -> None:
    path = f"/classrooms/{await algebra(school['tara'])}"
    assert (await school["theo"].patch(path, {"title": "x"})).code == "not_your_classroom"
    assert (await school["theo"].delete(path)).status == 403
    assert (await school["sam"].patch(path, {"title": "x"})).status == 403
    assert (await school["other_admin"].patch(path, {"title": "x"})).status == 404
    assert (await school["admin"].patch(path, {"title": "x"})).status == 200


async def test_an_archived_classroom_is_read_only(school: School) -> None:
    tara, path = school["tara"], f"/classrooms/{await algebra(school['tara'])}"
    assert (await tara.patch(path, {"status": "archived"})).status == 200
    assert (await tara.post(f"{path}/topics", {"title": "x"})).code == "classroom_archived"
    assert (await tara.patch(path, {"title": "x"})).code == "classroom_archived"
    assert (await tara.patch(path, {"status": "deleted"})).status == 422
    assert (await tara.patch(path, {"status": "active"})).status == 200


async def test_a_deleted_classroom_is_gone_for_everybody(school: School, database: Database, sql: Sql) -> None:
    path = f"/classrooms/{await algebra(school['tara'])}"
    assert (await school["tara"].delete(path, If_Match='"7"')).status == 412
    assert (await school["tara"].delete(path)).status == 204
    for name in ("tara", "admin"):
        assert (await school[name].get(path)).status == 404
        assert (await school[name].get("/classrooms"))["items"] == []
    assert (await events(database))[-1].data["status"] == "deleted"
    assert sql("SELECT count(*) FROM classrooms") == [(1,)]


async def test_a_join_code_is_made_rotated_and_disabled(school: School) -> None:
    tara, path = school["tara"], f"/classrooms/{await algebra(school['tara'])}"
    first = (await tara.post(f"{path}/join-code"))["join_code"]
    assert len(first) == 8
    assert set(first) <= set(JOIN_CODE_ALPHABET)
    second = (await tara.post(f"{path}/join-code"))["join_code"]
    assert (await school["sam"].post("/enrollments", {"join_code": first})).status == 404
    typed = f" {second[:4]}-{second[4:]} ".lower()
    assert (await school["sam"].post("/enrollments", {"join_code": typed})).status == 201
    assert (await tara.delete(f"{path}/join-code")).status == 204
    assert (await school["sue"].post("/enrollments", {"join_code": second})).status == 404
    assert (await school["theo"].post(f"{path}/join-code")).status == 403
    assert (await school["sam"].post(f"{path}/join-code")).status == 403


async def test_unknown_expired_disabled_and_foreign_codes_answer_alike(school: School, sql: Sql) -> None:
    tara, path = school["tara"], f"/classrooms/{await algebra(school['tara'])}"
    past = (utc_now() - timedelta(hours=1)).isoformat()
    assert (await tara.post(f"{path}/join-code", {"expires_at": past})).status == 422
    coming = (utc_now() + timedelta(hours=1)).isoformat()
    code = (await tara.post(f"{path}/join-code", {"expires_at": coming}))["join_code"]
    answers = [await school["other_student"].post("/enrollments", {"join_code": code})]
    sql("UPDATE classrooms SET join_code_expires_at = now()")
    answers.append(await school["sam"].post("/enrollments", {"join_code": code}))
    answers.append(await school["sam"].post("/enrollments", {"join_code": "UNKNOWN2"}))
    await tara.delete(f"{path}/join-code")
    answers.append(await school["sam"].post("/enrollments", {"join_code": code}))
    shown = [{k: v for k, v in answer.data.items() if k != "request_id"} for answer in answers]
    assert [answer.status for answer in answers] == [404] * 4
    assert all(problem == shown[0] for problem in shown)


async def test_colliding_join_codes_are_drawn_again(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = await algebra(school["tara"]), await algebra(school["tara"])
    drawn = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(commands, "new_join_code", lambda: next(drawn))
    await school["tara"].post(f"/classrooms/{one}/join-code")
    assert (await school["tara"].post(f"/classrooms/{other}/join-code"))["join_code"] == "BBBBBBBB"


async def test_codes_drawn_at_the_same_time_are_never_the_same(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [await algebra(school["tara"]) for _ in range(4)]
    drawn = iter(["AAAAAAAA"] * 4 + [letter * 8 for letter in "BCDEFGHJKMNP"])
    monkeypatch.setattr(commands, "new_join_code", lambda: next(drawn))
    answers = await asyncio.gather(*(school["tara"].post(f"/classrooms/{id_}/join-code") for id_ in ids))
    assert len({answer["join_code"] for answer in answers}) == 4


def test_codes_are_read_as_people_type_them() -> None:
    assert normal_join_code(" abcd-efgh\n") == "ABCDEFGH"
