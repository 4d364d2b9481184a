"""Bytes nobody needs are removed, and none that somebody needs: whatever dies, in whatever order (GUARANTEES 27)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.contracts import check_event
from chassis.db import Database
from chassis.outbox import unsent_events
from chassis.testing import uuid7
from files import samples
from files.config import Config
from files.storage import Storage, key_of, thumbnail_key
from files.testing import Actor, attachment, classroom, tell
from files.upkeep import work as upkeep

People = dict[str, Actor]


@pytest.fixture(autouse=True)
def own_bucket(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bucket of this test's own: a sweep would find the blobs of other tests' databases orphaned."""
    client, name = storage._client, f"sweep-{uuid7()}"
    client.make_bucket(name)
    monkeypatch.setattr(storage, "_bucket", name)
    yield
    for item in list(client.list_objects(name, recursive=True)):
        client.remove_object(name, item.object_name or "")
    client.remove_bucket(name)


async def keys(storage: Storage) -> set[str]:
    """All that is in the bucket."""
    return {item.key for item in await storage.listed(None, 1000)}


async def put(storage: Storage, key: str, folder: Path) -> str:
    """Some bytes in the bucket."""
    path = folder / "bytes"
    path.write_bytes(b"x")
    await storage.store(key, path, "text/plain")
    return key


def soon() -> datetime:
    """By then everything there is now is old."""
    return datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.usefixtures("inspector")
async def test_a_deleted_file_is_kept_a_while_and_then_removed(
    people: People, database: Database, storage: Storage, sql: Any
) -> None:
    sam = people["sam"]
    file = await sam.upload("a.png", samples.picture(), "image/png")
    key = key_of(sam.caller.school_id, file["file_id"])
    assert await keys(storage) == {key, thumbnail_key(key)}
    assert (await sam.call("DELETE", f"/files/{file['file_id']}"))[0] == 204
    await upkeep.remove(database, storage)
    assert await keys(storage) == {key, thumbnail_key(key)}
    sql("UPDATE files SET remove_after = now()")
    await upkeep.remove(database, storage)
    assert await keys(storage) == set()
    assert sql("SELECT count(*) FROM files WHERE removed_at IS NOT NULL") == [(1,)]


@pytest.mark.usefixtures("inspector")
async def test_what_is_attached_while_it_is_deleted_comes_back(
    people: People, database: Database, storage: Storage, sql: Any
) -> None:
    """GUARANTEES 27: attaching and deleting at once ends with the file there, however late the event is."""
    sam, school_id, room = people["sam"], people["sam"].caller.school_id, uuid7()
    file = await sam.upload("a.pdf", samples.pdf(), "application/pdf")
    assert (await sam.call("DELETE", f"/files/{file['file_id']}"))[0] == 204
    sql("UPDATE files SET remove_after = now()")
    await tell(database, [classroom(room, school_id), attachment(file, room, school_id)])
    await upkeep.remove(database, storage)
    assert (await sam.read(file["file_id"]))[0] == 200
    events = await unsent_events(database, "files")
    assert [(event.sequence, event.data["status"]) for event in events] == [(1, "ready"), (2, "deleted"), (3, "ready")]
    for event in events:
        check_event(event)
    assert (await sam.call("GET", "/usage"))[1]["account"]["files"] == 1


async def test_parts_that_the_store_has_forgotten_hold_nothing_up(
    people: People, database: Database, storage: Storage, settings: Config, sql: Any
) -> None:
    """A store forgets the parts once they are joined; then it knows of no such upload."""
    data = bytes(settings.parts_above_bytes + 1)
    for _ in range(2):
        _, begun = await people["sam"].begin("a.txt", data, "text/plain")
        await people["sam"].call("POST", f"/uploads/{begun['file']['file_id']}/parts")
        assert (await people["sam"].call("DELETE", f"/files/{begun['file']['file_id']}"))[0] == 204
    sql("UPDATE files SET multipart_id = 'forgotten' WHERE file_id = (SELECT file_id FROM files LIMIT 1)")
    await upkeep.remove(database, storage)
    assert sql("SELECT count(*) FROM files WHERE removed_at IS NULL") == [(0,)]


async def test_uploads_given_up_leave_nothing(
    people: People, database: Database, storage: Storage, settings: Config, sql: Any
) -> None:
    """GUARANTEES 27: bytes sent and never completed; parts sent and never joined; parts whose row never came."""
    sam, data = people["sam"], samples.pdf()
    _, begun = await sam.begin("a.pdf", data, "application/pdf")
    await sam.post(begun["form"], data)
    _, large = await sam.begin("b.wav", bytes(settings.parts_above_bytes + 1), "audio/wav")
    _, parts = await sam.call("POST", f"/uploads/{large['file']['file_id']}/parts")
    await sam.put(parts["items"][0]["url"], bytes(parts["items"][0]["size"]))
    nowhere = key_of(sam.caller.school_id, uuid7())
    await storage.begin_parts(nowhere, "audio/wav")
    await upkeep.sweep(database, storage, settings)
    await upkeep.remove(database, storage)
    assert (len(await keys(storage)), len(await storage.begun_parts())) == (1, 2)
    sql("UPDATE files SET upload_ends_at = now() - interval '1 second'")
    assert (await sam.call("POST", f"/uploads/{begun['file']['file_id']}/complete"))[1]["code"] == "upload_ended"
    await upkeep.remove(database, storage)
    await upkeep.abandon_old_parts(database, storage, soon())
    assert (await keys(storage), await storage.begun_parts()) == (set(), [])
    assert (await sam.call("GET", "/usage"))[1]["account"]["bytes"] == 0


async def test_the_sweep_removes_what_no_row_needs_and_that_alone(
    people: People, database: Database, storage: Storage, sql: Any, tmp_path: Path
) -> None:
    """GUARANTEES 27: a row in every state, blobs without rows, and keys that are not ours."""
    school_id = people["sam"].caller.school_id
    needed, orphaned = set[str](), set[str]()
    for status, removal in (
        ("uploading", ""), ("checking", ""), ("ready", ""), ("rejected", "r"), ("deleted", "r"), ("deleted", "rd"),
        ("deleted", "rdm"), ("missing", ""),
    ):  # fmt: skip
        file_id = uuid7()
        if status != "missing":
            _row(sql, file_id, school_id, status, removal)
        stays = status != "missing" and "d" not in removal
        for key in (key_of(school_id, file_id), thumbnail_key(key_of(school_id, file_id))):
            (needed if stays else orphaned).add(await put(storage, key, tmp_path))
    foreign = {await put(storage, key, tmp_path) for key in ("backup/2026.tar", f"{school_id}/x", f"{uuid7()}")}
    assert await upkeep.remove_orphans(database, storage, datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await keys(storage) == needed | orphaned | foreign
    assert await upkeep.remove_orphans(database, storage, soon()) == len(orphaned)
    assert await keys(storage) == needed | foreign


def _row(sql: Any, file_id: UUID, school_id: UUID, status: str, removal: str) -> None:
    times = ["now()" if letter in removal else "NULL" for letter in "rdm"]
    sql(
        "INSERT INTO files (file_id, school_id, owner_id, name, content_type, size, sha256, status, reason,"
        " upload_ends_at, remove_after, doomed_at, removed_at)"
        f" VALUES (%s, %s, %s, 'a', 'text/plain', 1, repeat('0', 64), %s, %s, now(), {', '.join(times)})",
        file_id, school_id, uuid7(), status, "malware" if status == "rejected" else None,
    )  # fmt: skip


async def test_a_sweep_that_does_not_know_the_rows_would_be_seen(
    people: People, database: Database, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: Any
) -> None:
    """Control of GUARANTEES 27: without the question to the database a needed blob goes."""

    async def nothing(*_: Any) -> set[UUID]:
        return set()

    file_id, school_id = uuid7(), people["sam"].caller.school_id
    _row(sql, file_id, school_id, "ready", "")
    key = await put(storage, key_of(school_id, file_id), tmp_path)
    monkeypatch.setattr(upkeep, "_needed", nothing)
    await upkeep.remove_orphans(database, storage, soon())
    assert key not in await keys(storage)


async def test_a_database_that_is_not_the_buckets_removes_nothing(
    people: People, database: Database, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service started on an empty database must not take the whole bucket for orphaned."""
    monkeypatch.setattr(upkeep, "_FEW", 5)
    school_id = people["sam"].caller.school_id
    stored = {await put(storage, key_of(school_id, uuid7()), tmp_path) for _ in range(6)}
    assert await upkeep.remove_orphans(database, storage, soon()) == 0
    assert await keys(storage) == stored


@pytest.mark.usefixtures("inspector")
async def test_what_is_attached_nowhere_for_long_is_deleted(
    people: People, database: Database, storage: Storage, settings: Config, sql: Any
) -> None:
    sam, school_id, room = people["sam"], people["sam"].caller.school_id, uuid7()
    names = ("attached", "let go lately", "let go long ago", "never attached", "new")
    files = {name: await sam.upload(f"{name}.txt", name.encode(), "text/plain") for name in names}
    ids = {name: uuid7() for name in names}
    for name in names[:3]:
        await tell(database, [attachment(files[name], room, school_id, attachment_id=ids[name])])
    for name in names[1:3]:
        gone = attachment(files[name], room, school_id, attachment_id=ids[name], sequence=2, status="removed")
        await tell(database, [gone])
    sql("UPDATE attachments SET changed_at = now() - interval '31 days' WHERE attachment_id = %s", ids[names[2]])
    sql("UPDATE files SET created_at = now() - interval '31 days' WHERE name <> 'new.txt'")
    await upkeep.sweep(database, storage, settings)
    left = {file["name"].removesuffix(".txt") for file in (await sam.call("GET", "/files"))[1]["items"]}
    assert left == {"attached", "let go lately", "new"}
