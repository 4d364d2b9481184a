"""Join codes for so many, and how often one may guess; deleted classrooms come back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chassis.db import Database, utc_now
from chassis.errors import TooMany
from classroom.people import guesses
from classroom.testing import Actor, Sql, event_types, uncached

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches."""
    return f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"


async def code(school: School, room: str, **body: int) -> str:
    return str((await school["tara"].post(f"{room}/join-code", body))["join_code"])


async def test_a_code_opens_for_so_many(school: School, room: str) -> None:
    typed = {"join_code": await code(school, room, max_uses=2)}
    pupils = [school[name] for name in ("sam", "sue", "sid")]
    answers = await asyncio.gather(*(pupil.post("/enrollments", typed) for pupil in pupils))
    assert sorted(answer.status for answer in answers) == [201, 201, 404]
    shown = await school["tara"].get(room)
    assert (shown["join_code_uses_left"], shown["student_count"]) == (0, 2)


async def test_guessing_ends_after_ten(school: School, room: str, sql: Sql) -> None:
    """GUARANTEES 52"""
    answers = await guess_often(school["sam"], 14)
    assert answers.count(404) <= guesses.PER_ACCOUNT
    assert answers.count(404) + answers.count(429) == 14
    # A right one does not tell that it is right.
    right = {"join_code": await code(school, room)}
    refused = await school["sam"].post("/enrollments", right)
    assert (refused.status, refused.code) == (429, "too_many_guesses")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert (await school["sue"].post("/enrollments", right)).status == 201
    sql("UPDATE join_guesses SET minute = minute - interval '1 minute'")
    assert (await school["sam"].post("/enrollments", right)).status == 201


async def guess_often(student: Actor, times: int) -> list[int]:
    tries = (student.post("/enrollments", {"join_code": "ABCDEFGH"}, Idempotency_Key=f"k{n}") for n in range(times))
    return [answer.status for answer in await asyncio.gather(*tries)]


async def test_a_limit_that_is_not_kept_would_be_seen(
    school: School, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 52"""
    monkeypatch.setattr(guesses, "PER_ACCOUNT", 1000)
    assert (await guess_often(school["sam"], 14)).count(404) == 14


async def test_many_accounts_of_one_address_and_of_a_school_are_bounded_too(
    school: School, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "PER_ADDRESS", 3)
    here = {"X_Forwarded_For": "forged, 192.0.2.1"}
    names = ("sam", "sue", "sid", "sam")
    found = [(await school[n].post("/enrollments", {"join_code": "ABCDEFGH"}, **here)).status for n in names]
    assert found == [404, 404, 404, 429]
    monkeypatch.setattr(guesses, "PER_SCHOOL", 5)
    elsewhere = [
        (await school[n].post("/enrollments", {"join_code": "ABCDEFGH"}, X_Forwarded_For=f"192.0.2.{place}")).status
        for place, n in enumerate(names, 2)
    ]
    assert elsewhere[-1] == 429


async def test_ten_thousand_guesses_from_everywhere(database: Database) -> None:
    """GUARANTEES 52: a thousand accounts at two hundred addresses find out 300 codes a minute, and no more."""

    async def tried(number: int) -> bool:
        limits = {
            f"account:{number % 1000}": guesses.PER_ACCOUNT,
            f"address:{number % 200}": guesses.PER_ADDRESS,
            "school:elm": guesses.PER_SCHOOL,
        }
        try:
            await guesses.count_tries(database, limits, "too_many_guesses", "wait")
        except TooMany:
            return False
        return True

    first = utc_now().replace(second=0, microsecond=0)
    allowed = 0
    for start in range(0, 10_000, 100):
        allowed += sum(await asyncio.gather(*(tried(number) for number in range(start, start + 100))))
    minutes = 1 + (utc_now() - first) // timedelta(minutes=1)
    assert 0 < allowed <= minutes * guesses.PER_SCHOOL


async def test_unknown_expired_used_up_and_disabled_codes_answer_alike(school: School, room: str, sql: Sql) -> None:
    """GUARANTEES 52"""
    typed = await code(school, room, max_uses=1)
    await school["sue"].post("/enrollments", {"join_code": typed})
    answers = [await school["sam"].post("/enrollments", {"join_code": typed})]
    sql("UPDATE classrooms SET join_code_uses_left = NULL, join_code_expires_at = now() - interval '1 s'")
    answers.append(await school["sam"].post("/enrollments", {"join_code": typed}))
    await school["tara"].delete(f"{room}/join-code")
    answers.append(await school["sam"].post("/enrollments", {"join_code": typed}))
    answers.append(await school["sam"].post("/enrollments", {"join_code": "ABCDEFGH"}))
    for answer in answers:
        answer.data.pop("request_id")
    assert [answer.data for answer in answers] == [answers[0].data] * 4
    assert answers[0].status == 404


async def test_a_deleted_classroom_comes_back_whole(school: School, room: str, database: Database, sql: Sql) -> None:
    tara, sam = school["tara"], school["sam"]
    await sam.post("/enrollments", {"join_code": await code(school, room)})
    body = {"kind": "homework", "title": "H", "points_possible": 5, "status": "published"}
    work = f"/assignments/{(await tara.made(f'{room}/assignments', body))['id']}"
    await tara.put(f"{work}/grades/{sam.id}", {"score": 4, "released": True})
    before = (await sam.get("/bootstrap")).data
    assert (await tara.post(f"{room}/restore")).status == 404
    await tara.delete(room)
    (item,) = (await tara.get("/deleted-classrooms"))["items"]
    assert datetime.fromisoformat(item["restorable_until"]) > datetime.now(UTC)
    assert (await school["theo"].get("/deleted-classrooms"))["items"] == []
    for name in ("theo", "other_admin"):
        assert (await school[name].post(f"{room}/restore")).status == 404
    restored = await tara.post(f"{room}/restore")
    assert (restored.status, restored["status"], restored["join_code"]) == (200, "active", None)
    after = (await sam.get("/bootstrap")).data
    assert after == await uncached(sam, database)
    assert after["own"] == before["own"]
    assert [v["assignments"] for v in after["classrooms"]] == [v["assignments"] for v in before["classrooms"]]
    assert (await event_types(database))[-1] == "classroom-updated"
    await tara.delete(room)
    sql("UPDATE classrooms SET deleted_at = now() - interval '31 days'")
    assert (await tara.post(f"{room}/restore")).status == 404
    assert (await tara.get("/deleted-classrooms"))["items"] == []
