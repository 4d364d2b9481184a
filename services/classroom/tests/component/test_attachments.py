"""Files on assignments: whose may be attached, who may read them there, and what files is told."""

import asyncio

import pytest

from chassis import inbox
from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.keys import WAITS
from chassis.testing import PATIENCE_SECONDS, somebody_waits, uuid7
from classroom.consumers import FILES, HANDLERS
from classroom.testing import Actor, Sql, events, file_event, uploaded

School = dict[str, Actor]


@pytest.fixture
async def room(school: School) -> str:
    """The path of a classroom that tara teaches, and sam and sue attend."""
    room = f"/classrooms/{(await school['tara'].made('/classrooms', {'title': 'Algebra'}))['id']}"
    for name in ("sam", "sue"):
        await school["tara"].post(f"{room}/students", {"account_id": school[name].id})
    return room


async def told(database: Database) -> list[tuple[str, str, str, list[str]]]:
    """Of each attachment event: added or removed, file, audience, readers."""
    found = [event for event in await events(database) if ".attachment-" in event.type]
    return [
        (e.type.split("-")[1].split(".")[0], e.data["file_id"], e.data["audience"], e.data["reader_ids"]) for e in found
    ]


async def test_who_may_read_follows_the_assignment(school: School, room: str, database: Database) -> None:
    tara, sam = school["tara"], school["sam"]
    first, second = [await uploaded(database, tara) for _ in range(2)]
    made = await tara.made(f"{room}/assignments", {"kind": "material", "title": "M", "file_ids": [first, second]})
    assert [file["file_id"] for file in made["files"]] == [first, second]
    path = f"/assignments/{made['id']}"
    await tara.patch(path, {"status": "published"})
    await tara.patch(path, {"assigned_to": [sam.id]})
    await tara.patch(path, {"file_ids": [second]})
    await tara.delete(path)
    assert await told(database) == [
        ("added", first, "teachers", []),
        ("added", second, "teachers", []),
        ("added", first, "members", []),
        ("added", second, "members", []),
        ("added", first, "teachers", [sam.id]),
        ("added", second, "teachers", [sam.id]),
        ("removed", first, "teachers", [sam.id]),
        # It moved to the first place.
        ("added", second, "teachers", [sam.id]),
        ("removed", second, "teachers", []),
    ]


async def test_files_are_shown_in_their_order_to_those_it_is_for(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    ids = [await uploaded(database, tara, name=f"{n}.pdf") for n in range(3)]
    body = {"kind": "material", "title": "M", "file_ids": ids, "status": "published", "assigned_to": [school["sam"].id]}
    path = f"/assignments/{(await tara.made(f'{room}/assignments', body))['id']}"
    await tara.patch(path, {"file_ids": ids[::-1]})
    assert [file["name"] for file in (await school["sam"].get(path))["files"]] == ["2.pdf", "1.pdf", "0.pdf"]
    assert (await school["sue"].get(path)).status == 404
    own = (await school["sam"].get("/bootstrap"))["own"][0]["assignments"]
    assert [file["name"] for file in own[0]["files"]] == ["2.pdf", "1.pdf", "0.pdf"]
    await inbox.apply(database, HANDLERS, [file_event(tara, "deleted", 2, file_id=ids[0])])
    assert len((await school["sam"].get(path))["files"]) == 2


async def test_only_the_owner_attaches_what_is_ready(school: School, room: str, database: Database) -> None:
    """Another's file, another school's and none answer alike: attaching would be a way to read it."""
    rejected = file_event(school["tara"], "rejected")
    await inbox.apply(database, HANDLERS, [rejected])
    theirs = [await uploaded(database, school[name]) for name in ("theo", "sam", "other_teacher")]
    body = {"kind": "material", "title": "M"}
    answers = [
        await school["tara"].post(f"{room}/assignments", body | {"file_ids": [file]})
        for file in [*theirs, str(rejected.subject), str(uuid7())]
    ]
    assert {(answer.status, answer["detail"]) for answer in answers} == {(404, "There is no such file.")}
    assert await told(database) == []


async def test_a_co_teacher_keeps_what_another_attached(school: School, room: str, database: Database) -> None:
    tara, theo = school["tara"], school["theo"]
    await tara.post(f"{room}/teachers", {"account_id": theo.id})
    mine, theirs = await uploaded(database, tara), await uploaded(database, theo)
    made = await tara.made(f"{room}/assignments", {"kind": "material", "title": "M", "file_ids": [mine]})
    path = f"/assignments/{made['id']}"
    assert (await theo.patch(path, {"file_ids": [mine, theirs]})).status == 200
    by = {
        event.data["file_id"]: event.data["attached_by"] for event in await events(database) if "attach" in event.type
    }
    assert by == {mine: tara.id, theirs: theo.id}
    await theo.patch(path, {"file_ids": [theirs]})
    assert (await theo.patch(path, {"file_ids": [mine]})).status == 404


async def test_a_file_whose_event_is_on_its_way_is_waited_for(school: School, room: str, database: Database) -> None:
    tara = school["tara"]
    event = file_event(tara)
    body = {"kind": "material", "title": "M", "file_ids": [str(event.subject)]}
    assert tara.client.app is not None
    tara.client.app[WAITS].seconds = PATIENCE_SECONDS
    waiting = asyncio.create_task(tara.post(f"{room}/assignments", body))
    await somebody_waits(tara.client.app[WAITS])
    await inbox.apply(database, HANDLERS, [event])
    assert (await waiting).status == 201


@pytest.mark.parametrize("ids", [["x"], [str(uuid7())] * 51, 2 * ["0193e4a0-0007-7003-8000-000000000003"]])
async def test_wrong_lists_are_refused(school: School, room: str, ids: list[str]) -> None:
    body = {"kind": "material", "title": "M", "file_ids": ids}
    assert (await school["tara"].post(f"{room}/assignments", body)).status == 422


async def test_an_older_state_of_a_file_changes_nothing(school: School, database: Database, sql: Sql) -> None:
    gone = file_event(school["tara"], "deleted", 2)
    late = file_event(school["tara"], "ready", 1, file_id=str(gone.subject))
    for batch in ([gone], [late], [late, gone]):
        await inbox.apply(database, HANDLERS, batch)
        assert sql("SELECT status FROM files") == [("deleted",)]


async def test_every_example_of_files_is_understood(database: Database, sql: Sql) -> None:
    for name in FILES:
        for _, event in default_contracts().types[name].examples():
            await inbox.apply(database, HANDLERS, [event])
            assert sql("SELECT status FROM files WHERE file_id = %s", str(event.subject))
