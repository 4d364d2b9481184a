"""The feed: an open page shows what a fresh bootstrap would, and nobody is sent what is not theirs."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.cache import Cache
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.keys import CACHE
from chassis.realtime.sockets import Socket
from chassis.testing import eventually
from classroom.app import build
from classroom.config import Config
from classroom.feed import watch
from classroom.feed.feed import Feed
from classroom.feed.testing import Page, opened, parts_of
from classroom.fragments import person_key
from classroom.testing import Actor, Sql, uncached

School = dict[str, Actor]
DRAFT = "17.2345"
CANARY = "kanarienvogel"


@pytest.fixture
async def elsewhere(environment: dict[str, str]) -> AsyncIterator[TestClient[Any, Any]]:
    """A second replica."""
    async with TestClient(TestServer(build(Config.load(environment)))) as client:
        yield client


@pytest.fixture
async def room(school: School) -> str:
    """A classroom of tara's that sam and sue attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    return room


def at(client: TestClient[Any, Any], actor: Actor) -> Actor:
    return Actor(client, actor.name, replace(actor.caller))


async def right(pages: Iterable[Page], database: Database) -> None:
    """Wait until every page shows what a fresh bootstrap does; what the outbox names is forgotten, as by the relay."""

    async def same() -> bool:
        named = [
            *await database.rows("outbox_unsent", limit=9999),
            *await database.rows("outbox_invalidations", limit=9999),
        ]
        for page in pages:
            assert page.actor.client.app is not None
            await page.actor.client.app[CACHE].forget(sorted({key for row in named for key in row["invalidates"]}))
        for page in pages:
            fresh = parts_of(await uncached(page.actor, database))
            if page.parts != fresh:
                return False
        return True

    await eventually(same)


def pick(sql: Sql, chance: Random, statement: str) -> str:
    found = sql(statement)
    return str(chance.choice(found)[0]) if found else "0" * 8 + "-0000-7000-8000-000000000000"


def teachers_command(chance: Random, school: School, sql: Sql) -> tuple[str, str, Any]:
    """Something a teacher may do."""
    room = f"/classrooms/{pick(sql, chance, 'SELECT id FROM classrooms ORDER BY id')}"
    topic = pick(sql, chance, "SELECT id FROM topics ORDER BY id")
    work = f"/assignments/{pick(sql, chance, 'SELECT id FROM assignments ORDER BY id')}"
    student, teacher = school[chance.choice(["sam", "sue"])].id, school[chance.choice(["tara", "theo"])].id
    new = {
        "kind": chance.choice(["homework", "material"]),
        "title": "W",
        "status": chance.choice(["draft", "published"]),
    }
    graded = new | {"points_possible": 9} if new["kind"] == "homework" else new
    aimed = graded | {"assigned_to": [student]}
    return chance.choice(
        [
            ("POST", "/classrooms", {"title": "C"}),
            ("PATCH", room, {"title": str(chance.random())}),
            *[("POST", f"{room}/students", {"account_id": student})] * 4,
            ("DELETE", f"{room}/students/{student}", None),
            ("POST", f"{room}/teachers", {"account_id": teacher}),
            ("DELETE", f"{room}/teachers/{teacher}", None),
            ("POST", f"{room}/topics", {"title": str(chance.randrange(9))}),
            ("DELETE", f"/topics/{topic}", None),
            *[("POST", f"{room}/assignments", graded)] * 3,
            ("POST", f"{room}/assignments", aimed),
            ("PATCH", work, {"status": "published"}),
            ("PATCH", work, {"title": str(chance.random())}),
            *[("PUT", f"{work}/grades/{student}", {"score": DRAFT})] * 2,
            *[("PUT", f"{work}/grades/{student}", {"score": 3, "released": True})] * 2,
            ("POST", f"{work}/comments", {"body": "Well done", "student_id": student}),
            ("DELETE", chance.choice([work, work, room]), None),
        ]
    )


def students_command(chance: Random, sql: Sql) -> tuple[str, str, Any]:
    """Something a student may do."""
    work = f"/assignments/{pick(sql, chance, 'SELECT id FROM assignments ORDER BY id')}"
    return chance.choice(
        [
            ("PUT", f"{work}/submissions/me", {"body": str(chance.random())}),
            ("POST", f"{work}/submissions/me/turn-in", {}),
            ("POST", f"{work}/submissions/me/reclaim", {}),
            ("POST", f"{work}/comments", {"body": "Hello"}),
        ]
    )


@pytest.mark.parametrize("seed", range(2))
async def test_an_open_page_shows_what_a_fresh_bootstrap_does(
    school: School, room: str, database: Database, sql: Sql, elsewhere: TestClient[Any, Any], seed: int
) -> None:
    """After random commands of teachers and students, many at once, on two replicas; drafts never travel."""
    chance = Random(seed)

    async def command(number: int) -> None:
        if number % 3 == 0:
            actor, what = school[chance.choice(["sam", "sue"])], students_command(chance, sql)
        else:
            actor, what = school[chance.choice(["tara", "theo", "admin"])], teachers_command(chance, school, sql)
        where = chance.choice([actor.client, elsewhere])
        answer = await at(where, actor).call(*what, **chance.choice([{}, {"If_Match": "*"}]))
        assert answer.status < 500, answer.data

    async with AsyncExitStack() as stack:
        pages = [
            await stack.enter_async_context(opened(at(client, school[name])))
            for name in ("tara", "theo", "sam", "sue", "admin")
            for client in (school[name].client, elsewhere)
        ]
        for _ in range(2):
            for _ in range(10):
                await asyncio.gather(*(command(number) for number in range(6)))
            await right(pages, database)
        assert sum(len(page.got("fragment")) for page in pages) >= len(pages)
        for page in pages:
            if page.actor.name in ("sam", "sue"):
                assert DRAFT not in json.dumps(page.frames)


async def test_who_comes_back_gets_what_differs_and_no_more(school: School, room: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    await tara.made("/classrooms", {"title": "Other"})
    async with opened(tara) as page:
        await page.told("head")
        assert page.got("fragment") == []
    await tara.patch(room, {"title": "New"})
    async with opened(tara, load=False, parts=page.parts, versions=page.versions) as back:
        await back.told("head")
        assert [frame["key"] for frame in back.got("fragment")] == [f"teacher-view:{room.rpartition('/')[2]}"]
        await right([back], database)
        await back.have(split=True)
        await back.told("head", 2)
    async with opened(sam) as page:
        await page.told("head")
    await tara.delete(f"{room}/students/{sam.id}")
    held = page.versions | {"own:00000000-0000-7000-8000-000000000000": "f"}
    async with opened(sam, load=False, parts=dict.fromkeys(held), versions=held) as back:
        await back.told("head")
        assert list(back.parts) == ["person"]
    async with opened(sam, load=False) as new:
        await right([new], database)


async def leave(school: School, room: str, client: TestClient[Any, Any], patch: pytest.MonkeyPatch) -> Page:
    """Sam is removed, and what says so to his page is late; what changes afterwards is heard at once."""
    tara, sam = school["tara"], school["sam"]
    invalidate = Cache.invalidate

    async def but_of_people(self: Cache, keys: list[str]) -> None:
        await invalidate(self, [key for key in keys if not key.startswith("person:")])

    async with opened(sam) as page, opened(school["sue"]) as other:
        await asyncio.gather(page.told("head"), other.told("head"))
        patch.setattr(Cache, "invalidate", but_of_people)
        await tara.delete(f"{room}/students/{sam.id}")
        await tara.patch(room, {"title": CANARY})
        await other.told("fragment")
        patch.undo()
        assert client.app is not None
        await client.app[CACHE].invalidate([person_key(sam.school_id, sam.caller.account_id)])
        await page.told("gone", 2)
    return page


async def test_a_removed_student_gets_nothing_after(
    school: School, room: str, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GUARANTEES 17, on the feed."""
    page = await leave(school, room, client, monkeypatch)
    assert CANARY not in json.dumps(page.frames)


async def test_without_the_look_at_memberships_a_removed_student_would_get_more(
    school: School, room: str, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of GUARANTEES 17."""

    async def nobody(*_: Any) -> set[Any]:
        return set()

    with pytest.MonkeyPatch.context() as always:
        always.setattr(Feed, "_lost", nobody)
        page = await leave(school, room, client, monkeypatch)
    assert CANARY in json.dumps(page.frames)


@pytest.mark.parametrize("redis", ["unheard", "away"])
async def test_what_was_not_heard_is_seen(
    environment: dict[str, str],
    school: School,
    room: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    redis: str,
) -> None:
    """Another replica whose Redis tells it nothing: no hint comes, or nothing answers at all."""

    async def deaf(*_: Any) -> None:
        await asyncio.Event().wait()

    async def away(*_: Any) -> Any:
        raise Unavailable("away")

    async def read(_: Cache, keys: list[str], fill: Any) -> list[bytes]:
        filled = await fill(list(keys))
        return [filled[key] for key in keys]

    monkeypatch.setattr(watch, "SWEEP_SECONDS", 0.2)
    monkeypatch.setattr(Cache, "listen", deaf)
    if redis == "away":
        monkeypatch.setattr(Cache, "stamps", away)
        monkeypatch.setattr(Cache, "fragments", read)
        monkeypatch.setattr(Cache, "invalidate", away)
    async with (
        TestClient(TestServer(build(Config.load(environment)))) as deaf_replica,
        opened(at(deaf_replica, school["sam"])) as page,
    ):
        await page.told("head")
        await school["tara"].patch(room, {"title": "New"})
        await right([page], database)


async def test_a_burst_costs_few_readings_and_a_slow_page_gets_the_newest(
    school: School, room: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tara, sam, sue = school["tara"], school["sam"], school["sue"]
    rows, turn, read = Database.rows, Feed._turn, 0
    feeds: set[asyncio.Task[Any] | None] = set()

    async def noted(self: Feed, keys: Sequence[str]) -> None:
        feeds.add(asyncio.current_task())
        await turn(self, keys)

    async def counted(self: Database, query: str, /, **params: Any) -> Any:
        nonlocal read
        read += query == "fragment_views" and asyncio.current_task() in feeds
        return await rows(self, query, **params)

    async with opened(sam) as page, opened(sue) as slow:
        await asyncio.gather(page.told("head"), slow.told("head"))
        monkeypatch.setattr(Feed, "_turn", noted)
        monkeypatch.setattr(Database, "rows", counted)
        monkeypatch.setattr(Socket, "is_behind", property(lambda it: str(it.identity.account_id) == sue.id))
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(tara.patch(room, {"title": f"T {number}"}) for number in range(40)))
        await tara.patch(room, {"title": "Last"})
        await right([page], database)
        turns = (asyncio.get_running_loop().time() - started) / 0.25 + 3
        assert 0 < read < turns
        assert len(page.got("fragment")) < turns
        assert slow.got("fragment") == []
        monkeypatch.setattr(Socket, "is_behind", False)
        await right([slow], database)
        assert [frame["value"]["classroom"]["title"] for frame in slow.got("fragment")] == ["Last"]
